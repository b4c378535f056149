import type { Random } from "@crossread/metrics/random";
import type { BreastPosition } from "./phantom-breast.ts";

export type LesionKind =
  "round-mass" | "spiculated-mass" | "scattered-calcifications" | "clustered-microcalcifications";

export const findingOfLesion = {
  "round-mass": "benign",
  "scattered-calcifications": "benign",
  "spiculated-mass": "malignant",
  "clustered-microcalcifications": "malignant",
} as const satisfies Record<LesionKind, "benign" | "malignant">;

export interface LesionShape {
  readonly kind: LesionKind;
  /** Core of a mass, extent of a group of calcifications. */
  readonly radiusMm: number;
  /** Absorption that the lesion adds at its centre; gland adds about 0.22 to fat. */
  readonly contrast: number;
}

export interface PhantomLesion extends LesionShape {
  readonly position: BreastPosition;
}

export interface LesionSampling {
  /** 0 obvious, 1 barely above the tissue. */
  readonly difficulty: number;
  readonly random: Random;
}

const radiusRangeMm: Readonly<Record<LesionKind, readonly [number, number]>> = {
  "round-mass": [4.5, 11],
  "spiculated-mass": [6, 15],
  "scattered-calcifications": [18, 34],
  "clustered-microcalcifications": [7, 13],
};

const fullContrast: Readonly<Record<LesionKind, number>> = {
  "round-mass": 0.17,
  "spiculated-mass": 0.3,
  "scattered-calcifications": 0.55,
  "clustered-microcalcifications": 0.5,
};

export function sampleLesionShape(kind: LesionKind, sampling: LesionSampling): LesionShape {
  const { difficulty, random } = sampling;
  const [smallest, largest] = radiusRangeMm[kind];
  const spread = 0.85 + 0.3 * random.next();
  return {
    kind,
    radiusMm: smallest + (largest - smallest) * random.next(),
    contrast: fullContrast[kind] * spread * (1 - 0.6 * difficulty),
  };
}

/** Lesion kinds of one affected breast. */
export function sampleLesionKinds(finding: "benign" | "malignant", random: Random): LesionKind[] {
  const draw = random.next();
  if (finding === "malignant") {
    if (draw < 0.62) return ["spiculated-mass"];
    return draw < 0.84
      ? ["spiculated-mass", "clustered-microcalcifications"]
      : ["clustered-microcalcifications"];
  }
  if (draw < 0.42) return ["round-mass"];
  if (draw < 0.58) return ["round-mass", "round-mass"];
  return draw < 0.8 ? ["scattered-calcifications"] : ["round-mass", "scattered-calcifications"];
}
