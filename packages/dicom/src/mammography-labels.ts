/** What is accepted but is not a plain view of a native breast: labels by which cohorts and subgroups are chosen. */
import type { TechnicalLabel } from "@crossread/contracts/technical-label";
import type { MammogramInstance } from "./mammogram-instance.ts";
import { isSynthetic2d } from "./mammography-rules.ts";

interface LabelRule {
  readonly label: TechnicalLabel;
  readonly holds: (instance: MammogramInstance) => boolean;
  /** Why it matters, one sentence. */
  readonly meaning: string;
}

const modifiersWithLabels = new Set([
  "implant displaced",
  "rolled lateral",
  "rolled medial",
  "rolled superior",
  "rolled inferior",
]);

export const labelRules: readonly LabelRule[] = [
  {
    label: "synthetic-2d",
    holds: isSynthetic2d,
    meaning: "Computed from tomosynthesis (Image Type GENERATED_2D): another appearance than an exposure.",
  },
  {
    label: "contrast-low-energy",
    holds: ({ imageType }) => imageType.includes("LOW_ENERGY") || imageType.includes("POST_CONTRAST"),
    meaning: "Low-energy image of a contrast-enhanced study: the breast holds contrast agent.",
  },
  {
    label: "implant",
    holds: ({ hasBreastImplant }) => hasBreastImplant === true,
    meaning: "Breast Implant Present (0028,1300) is YES.",
  },
  {
    label: "implant-displaced",
    holds: ({ viewModifiers }) => viewModifiers.includes("implant displaced"),
    meaning: "The implant was pushed back (Eklund): the whole gland is shown, the implant is not.",
  },
  {
    label: "rolled",
    holds: ({ viewModifiers }) => viewModifiers.some((modifier) => modifier.startsWith("rolled")),
    meaning: "The breast was rolled: tissue lies elsewhere than in a plain view.",
  },
  {
    label: "partial-breast",
    holds: ({ isPartialView }) => isPartialView,
    meaning: "Partial View (0028,1350) is YES: a lesion of this breast may lie on another image.",
  },
  {
    label: "other-modifier",
    holds: ({ viewModifiers }) => viewModifiers.some((modifier) => !modifiersWithLabels.has(modifier)),
    meaning: "A modifier of CID 4015 that changes neither field nor scale, or a code that is not known.",
  },
  {
    label: "male",
    holds: ({ patientSex }) => patientSex === "M",
    meaning: "Mammogram of a man.",
  },
  {
    label: "film-digitised",
    holds: ({ conversionType, nominalScannedPixelSpacingMm, imagerPixelSpacingMm }) =>
      conversionType === "DF" ||
      (nominalScannedPixelSpacingMm !== undefined && imagerPixelSpacingMm === undefined),
    meaning: "A scanned film: another domain than digital mammography.",
  },
  {
    label: "no-spacing",
    holds: ({ imagerPixelSpacingMm, pixelSpacingMm, nominalScannedPixelSpacingMm }) =>
      imagerPixelSpacingMm === undefined &&
      pixelSpacingMm === undefined &&
      nominalScannedPixelSpacingMm === undefined,
    meaning: "No distance between pixels is stated: sizes cannot be measured.",
  },
];

export function labelsOf(instance: MammogramInstance): TechnicalLabel[] {
  return labelRules.filter(({ holds }) => holds(instance)).map(({ label }) => label);
}
