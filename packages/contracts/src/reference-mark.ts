import { z } from "zod";
import { findingSchema, type Finding } from "./dataset-manifest.ts";
import { markGeometrySchema, markKindSchema, type MarkGeometry, type MarkKind } from "./mark.ts";

/** The words of BI-RADS, 5th edition. */
export const lesionDescriptorsSchema = z.strictObject({
  shape: z.enum(["oval", "round", "irregular"]).optional(),
  margin: z.enum(["circumscribed", "obscured", "microlobulated", "indistinct", "spiculated"]).optional(),
  density: z.enum(["high", "equal", "low", "fat-containing"]).optional(),
  morphology: z
    .enum([
      "skin",
      "vascular",
      "coarse-popcorn-like",
      "large-rod-like",
      "round",
      "rim",
      "dystrophic",
      "milk-of-calcium",
      "suture",
      "amorphous",
      "coarse-heterogeneous",
      "fine-pleomorphic",
      "fine-linear-branching",
    ])
    .optional(),
  distribution: z.enum(["diffuse", "regional", "grouped", "linear", "segmental"]).optional(),
  extent: z.enum(["one-view", "global", "focal", "developing"]).optional(),
});
export type LesionDescriptors = z.infer<typeof lesionDescriptorsSchema>;
export type LesionDescriptor = keyof LesionDescriptors;

export const descriptorsOfKind = {
  mass: ["shape", "margin", "density"],
  calcification: ["morphology", "distribution"],
  asymmetry: ["extent"],
  "architectural-distortion": [],
  other: [],
} as const satisfies Record<MarkKind, readonly LesionDescriptor[]>;

export const pathologySchema = z.enum(["benign", "high-risk", "in-situ", "invasive", "other-malignancy"]);
export type Pathology = z.infer<typeof pathologySchema>;

/** A lesion mark of the reference standard; null is not known. */
export const referenceMarkSchema = z.strictObject({
  markId: z.uuid(),
  instanceId: z.uuid(),
  geometry: markGeometrySchema,
  kind: markKindSchema,
  descriptors: lesionDescriptorsSchema,
  finding: findingSchema.nullable(),
  pathology: pathologySchema.nullable(),
});
export type ReferenceMark = z.infer<typeof referenceMarkSchema>;

export const referenceMarksSchema = z
  .array(referenceMarkSchema)
  .max(200, "A case has at most 200 lesion marks.")
  .refine((marks) => new Set(marks.map(({ markId }) => markId)).size === marks.length, {
    message: "Two marks have the same id.",
  });

/** What pathology proves; null where it leaves it open. */
export const findingOfPathology: Readonly<Record<Pathology, Finding | null>> = {
  benign: "benign",
  // Some count it as benign, some do not: whoever enters it says.
  "high-risk": null,
  "in-situ": "malignant",
  invasive: "malignant",
  "other-malignancy": "malignant",
};

interface ImageFrame {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What keeps a mark from being stored, as sentences; docs/labels.md says why. */
export function referenceMarkProblems(mark: Omit<ReferenceMark, "markId">, frame: ImageFrame): string[] {
  const problems: string[] = [];
  const fitting: readonly string[] = descriptorsOfKind[mark.kind];
  const foreign = Object.keys(mark.descriptors).filter((name) => !fitting.includes(name));
  if (foreign.length > 0) {
    problems.push(`The descriptor "${foreign.join(", ")}" does not go with ${mark.kind.replace("-", " ")}.`);
  }
  if (mark.finding === "normal")
    problems.push("A lesion is benign or malignant; normal tissue is not marked.");
  const proven = mark.pathology === null ? null : findingOfPathology[mark.pathology];
  if (proven !== null && mark.finding !== proven) {
    problems.push(
      `Pathology "${mark.pathology}" is ${proven}, but the finding is ${mark.finding ?? "unknown"}.`,
    );
  }
  if (!liesInFrame(mark.geometry, frame)) {
    problems.push(`The mark lies outside of its image of ${frame.widthPx} × ${frame.heightPx} pixels.`);
  }
  return problems;
}

/** The centre, or every corner of a polygon: a lesion that is cut by the border of the image may reach over it. */
function liesInFrame(geometry: MarkGeometry, { widthPx, heightPx }: ImageFrame): boolean {
  const points = geometry.shape === "polygon" ? geometry.points : [geometry];
  return points.every(({ xPx, yPx }) => xPx >= 0 && xPx <= widthPx && yPx >= 0 && yPx <= heightPx);
}
