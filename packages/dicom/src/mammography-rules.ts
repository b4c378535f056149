/** Which instances are mammograms that a full-field classifier may see. Everything else is refused with a reason. */
import { DomainError } from "@crossread/contracts/errors";
import type { MammogramInstance } from "./mammogram-instance.ts";

export type RefusalReason =
  | "not-mammography"
  | "tomosynthesis"
  | "multi-frame"
  | "secondary-capture"
  | "for-processing"
  | "specimen"
  | "not-grayscale"
  | "laterality-missing"
  | "view-missing"
  | "view-refused"
  | "partial-view"
  | "burned-in-annotation";

export interface Refusal {
  readonly reason: RefusalReason;
  /** One sentence: the rule, what was got, which file. */
  readonly sentence: string;
}

const secondaryCaptureRoot = "1.2.840.10008.5.1.4.1.1.7";
const tomosynthesisUid = "1.2.840.10008.5.1.4.1.1.13.1.3";
const forProcessingUids = new Set(["1.2.840.10008.5.1.4.1.1.1.2.1", "1.2.840.10008.5.1.4.1.1.1.1.1"]);
/** Digital mammography; digital X-ray and computed radiography where the modality says mammography. */
const acceptedUids = new Set([
  "1.2.840.10008.5.1.4.1.1.1.2",
  "1.2.840.10008.5.1.4.1.1.1.1",
  "1.2.840.10008.5.1.4.1.1.1",
]);
/** Modifiers that show a part of the breast, enlarged or displaced (CID 4015). */
const partialViewModifiers = new Set([
  "magnification",
  "spot compression",
  "cleavage",
  "axillary tail",
  "tangential",
]);

interface Rule {
  readonly reason: RefusalReason;
  /** What was got, as the end of the sentence; undefined where the instance obeys. */
  readonly got: (instance: MammogramInstance) => string | undefined;
  readonly rule: string;
}

/** In this order: the first rule that is broken is the one that is told. */
const rules: readonly Rule[] = [
  {
    reason: "tomosynthesis",
    rule: "Breast tomosynthesis is not read as a mammogram",
    got: ({ sopClassUid }) => (sopClassUid === tomosynthesisUid ? "is a tomosynthesis object" : undefined),
  },
  {
    reason: "multi-frame",
    rule: "A mammogram has one frame",
    got: ({ pixel }) => (pixel.frameCount === 1 ? undefined : `has ${pixel.frameCount}`),
  },
  {
    reason: "secondary-capture",
    rule: "A mammogram comes from the modality itself",
    got: ({ sopClassUid }) =>
      sopClassUid === secondaryCaptureRoot || sopClassUid.startsWith(`${secondaryCaptureRoot}.`)
        ? "is a Secondary Capture"
        : undefined,
  },
  {
    reason: "not-mammography",
    rule: "Only Modality MG is accepted",
    got: ({ modality }) => (modality === "MG" ? undefined : `has ${modality || "none"}`),
  },
  {
    reason: "for-processing",
    rule: "Only images FOR PRESENTATION are accepted",
    got: ({ sopClassUid, presentationIntent }) =>
      forProcessingUids.has(sopClassUid) || presentationIntent === "FOR PROCESSING"
        ? "is FOR PROCESSING"
        : undefined,
  },
  {
    reason: "not-mammography",
    rule: "Only mammography and projection X-ray SOP classes are accepted",
    got: ({ sopClassUid }) => (acceptedUids.has(sopClassUid) ? undefined : `has ${sopClassUid || "none"}`),
  },
  {
    reason: "specimen",
    rule: "A mammogram shows a breast of a person",
    got: ({ isSpecimen }) => (isSpecimen ? "shows a specimen" : undefined),
  },
  {
    reason: "not-grayscale",
    rule: "A mammogram is MONOCHROME1 or MONOCHROME2 with one sample per pixel",
    got: ({ pixel }) =>
      /^MONOCHROME[12]$/.test(pixel.photometricInterpretation) && pixel.samplesPerPixel === 1
        ? undefined
        : `has ${pixel.photometricInterpretation || "no photometric interpretation"}`,
  },
  {
    reason: "laterality-missing",
    rule: "A mammogram must state L or R",
    got: ({ laterality }) => (laterality === undefined ? "does not" : undefined),
  },
  {
    reason: "view-missing",
    rule: "A mammogram must state its view",
    got: ({ viewName }) => (viewName === undefined ? "does not" : undefined),
  },
  {
    reason: "view-refused",
    rule: "Only the views CC and MLO are accepted",
    got: ({ view, viewName }) => (view === undefined ? `has ${viewName ?? "none"}` : undefined),
  },
  {
    reason: "partial-view",
    rule: "Only full-field views are accepted",
    got: ({ viewModifiers }) => {
      const found = viewModifiers.find((modifier) => partialViewModifiers.has(modifier));
      return found === undefined ? undefined : `is a ${found} view`;
    },
  },
  {
    reason: "burned-in-annotation",
    rule: "Burned-in annotation may identify the person and is not accepted",
    got: ({ hasBurnedInAnnotation }) => (hasBurnedInAnnotation === true ? "has it" : undefined),
  },
];

/** The first rule that an instance breaks; undefined for a mammogram. */
export function refusalOf(instance: MammogramInstance): Refusal | undefined {
  for (const { reason, rule, got } of rules) {
    const found = got(instance);
    if (found !== undefined) return { reason, sentence: `${rule}, but ${instance.fileName} ${found}.` };
  }
  return undefined;
}

export function assertMammogram(instance: MammogramInstance): void {
  const refusal = refusalOf(instance);
  if (refusal === undefined) return;
  throw new DomainError("image-kind-refused", refusal.sentence, { details: { reason: refusal.reason } });
}
