/** Which instances are mammograms that a full-field classifier may see. Everything else is refused with a reason. */
import { DomainError } from "@crossread/contracts/errors";
import type { MammogramInstance } from "./mammogram-instance.ts";
import { pixelAspectRatio } from "./pixel-spacing.ts";
import { isKnownView } from "./view-code.ts";

export type RefusalReason =
  | "not-mammography"
  | "not-breast"
  | "tomosynthesis"
  | "contrast-subtracted"
  | "biopsy-image"
  | "multi-frame"
  | "secondary-capture"
  | "for-processing"
  | "specimen"
  | "not-grayscale"
  | "not-square-pixels"
  | "laterality-missing"
  | "laterality-contradicted"
  | "view-missing"
  | "view-refused"
  | "partial-view"
  | "burned-in-annotation";

export interface Refusal {
  readonly reason: RefusalReason;
  /** One sentence: the rule, what was got, which file. */
  readonly sentence: string;
  /** One sentence: what the site can do. */
  readonly remedy: string;
}

const secondaryCaptureRoot = "1.2.840.10008.5.1.4.1.1.7";
const tomosynthesisUids = new Set([
  "1.2.840.10008.5.1.4.1.1.13.1.3", // Breast Tomosynthesis Image
  "1.2.840.10008.5.1.4.1.1.13.1.4", // Breast Projection X-Ray Image, For Presentation
  "1.2.840.10008.5.1.4.1.1.13.1.5", // Breast Projection X-Ray Image, For Processing
]);
const ctUids = new Set(["1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1"]);
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
/** Contact views lie below 1.1, magnification stands enlarge by 1.5 and more. */
const magnifiedFrom = 1.3;
/** Film scanners differ by less between rows and columns; more would distort what the network sees. */
const largestAspectDeviation = 0.02;

/** Image Type (0008,0008), values 3 to 5 (PS3.3 C.8.11.7.1.4); CESM and RECOMBINED are vendors' words for a subtraction. */
const tomosynthesisTypes = new Set(["TOMOSYNTHESIS", "TOMO", "TOMO_PROJ", "TOMO_SCOUT"]);
const subtractedTypes = new Set(["SUBTRACTION", "SUBTRACTED", "RECOMBINED", "ADDITION", "HIGH_ENERGY"]);
const biopsyType = /^(?:STEREO|PREFIRE|POSTFIRE|POSTBIOPSY|POSTMARKER)/;

export const isSynthetic2d = ({ imageType }: MammogramInstance): boolean =>
  imageType.includes("GENERATED_2D");

interface Rule {
  readonly reason: RefusalReason;
  /** What was got, as the end of the sentence; undefined where the instance obeys. */
  readonly got: (instance: MammogramInstance) => string | undefined;
  readonly rule: string;
  readonly remedy: string;
}

/** In this order: the first rule that is broken is the one that is told. */
export const refusalRules: readonly Rule[] = [
  {
    reason: "tomosynthesis",
    rule: "Breast tomosynthesis is not read as a mammogram",
    got: tomosynthesisForm,
    remedy:
      "Send the full-field views of the same study, or the synthetic 2D views in the mammography class.",
  },
  {
    reason: "multi-frame",
    rule: "A mammogram has one frame",
    got: ({ pixel }) => (pixel.frameCount === 1 ? undefined : `has ${pixel.frameCount}`),
    remedy: "Send every view as a file of its own.",
  },
  {
    reason: "secondary-capture",
    rule: "A mammogram comes from the modality itself",
    got: ({ sopClassUid }) => (isSecondaryCapture(sopClassUid) ? "is a Secondary Capture" : undefined),
    remedy: "Send the images of the modality itself, not screenshots or reports.",
  },
  {
    reason: "not-mammography",
    rule: "Only Modality MG is accepted",
    got: ({ modality }) =>
      modality === "MG" ? undefined : `has ${/^[A-Z]{2,6}$/.test(modality) ? modality : "none"}`,
    remedy: "Send only mammograms (Modality MG).",
  },
  {
    reason: "for-processing",
    rule: "Only images FOR PRESENTATION are accepted",
    got: ({ sopClassUid, presentationIntent }) =>
      forProcessingUids.has(sopClassUid) || presentationIntent === "FOR PROCESSING"
        ? "is FOR PROCESSING"
        : undefined,
    remedy: "Send the images FOR PRESENTATION of the same study.",
  },
  {
    reason: "not-mammography",
    rule: "Only mammography and projection X-ray SOP classes are accepted",
    got: ({ sopClassUid }) =>
      acceptedUids.has(sopClassUid)
        ? undefined
        : `has ${/^[\d.]+$/.test(sopClassUid) ? sopClassUid : "none"}`,
    remedy: "Send only mammograms (Modality MG).",
  },
  {
    reason: "contrast-subtracted",
    rule: "Of a contrast-enhanced study only low-energy images are read",
    got: ({ imageType }) =>
      imageType.some((value) => subtractedTypes.has(value)) ? "is subtracted or high-energy" : undefined,
    remedy: "Send the low-energy images of the same study.",
  },
  {
    reason: "biopsy-image",
    rule: "Images taken to guide a biopsy are not read",
    got: ({ imageType }) => (imageType.some((value) => biopsyType.test(value)) ? "is one" : undefined),
    remedy: "Send the diagnostic views taken before the biopsy.",
  },
  {
    reason: "specimen",
    rule: "A mammogram shows a breast of a person",
    got: ({ isSpecimen }) => (isSpecimen ? "shows a specimen" : undefined),
    remedy: "Leave specimen images out.",
  },
  {
    reason: "not-breast",
    rule: "A mammogram shows a breast",
    got: ({ bodyPart, isOtherAnatomy }) =>
      isOtherAnatomy || (bodyPart !== undefined && bodyPart !== "BREAST")
        ? "states another body part"
        : undefined,
    remedy:
      "Send only images of the breast; if Body Part Examined (0018,0015) is wrong, correct it and send the file again.",
  },
  {
    reason: "not-grayscale",
    rule: "A mammogram is MONOCHROME1 or MONOCHROME2 with one sample per pixel",
    got: ({ pixel }) =>
      /^MONOCHROME[12]$/.test(pixel.photometricInterpretation) && pixel.samplesPerPixel === 1
        ? undefined
        : "is not",
    remedy: "Send the grayscale original.",
  },
  {
    reason: "not-square-pixels",
    rule: "Pixels are square within 2 %",
    got: (instance) => {
      const ratio = pixelAspectRatio(instance);
      return Math.abs(ratio - 1) <= largestAspectDeviation
        ? undefined
        : `has pixels ${ratio.toFixed(2)} times as high as wide`;
    },
    remedy: "Export the image with square pixels and send it again.",
  },
  {
    reason: "laterality-contradicted",
    rule: "What a file says about its side must agree",
    got: ({ isLateralityContradicted }) => (isLateralityContradicted ? "says both L and R" : undefined),
    remedy: "Correct Image Laterality (0020,0062) or View Position (0018,5101) and send the file again.",
  },
  {
    reason: "laterality-missing",
    rule: "A mammogram must state L or R",
    got: ({ laterality }) => (laterality === undefined ? "does not" : undefined),
    remedy: "Fill Image Laterality (0020,0062) with L or R and send the file again.",
  },
  {
    reason: "view-missing",
    rule: "A mammogram must state its view",
    got: ({ viewName }) => (viewName === undefined ? "does not" : undefined),
    remedy: "Fill View Code Sequence (0054,0220) with CC or MLO and send the file again.",
  },
  {
    reason: "view-refused",
    rule: "Only the views CC and MLO are accepted",
    got: ({ view, viewName = "" }) =>
      view === undefined ? `has ${isKnownView(viewName) ? viewName : "another"}` : undefined,
    remedy: "Send the CC and MLO views; additional views are not read.",
  },
  {
    reason: "partial-view",
    rule: "Only full-field views are accepted",
    got: ({ viewModifiers, magnificationFactor = 1 }) => {
      const found = viewModifiers.find((modifier) => partialViewModifiers.has(modifier));
      if (found !== undefined) return `is a ${found} view`;
      return magnificationFactor >= magnifiedFrom ? `is magnified ${magnificationFactor} times` : undefined;
    },
    remedy: "Send the full-field view; magnification and spot views are not read.",
  },
  {
    reason: "burned-in-annotation",
    rule: "Burned-in annotation may identify the person and is not accepted",
    got: ({ hasBurnedInAnnotation }) => (hasBurnedInAnnotation === true ? "has it" : undefined),
    remedy: "Remove what is burned into the pixels, or send the file without it.",
  },
];

/** The first rule that an instance breaks; undefined for a mammogram. */
export function refusalOf(instance: MammogramInstance): Refusal | undefined {
  for (const { reason, rule, got, remedy } of refusalRules) {
    const found = got(instance);
    if (found !== undefined)
      return { reason, sentence: `${rule}, but ${instance.fileName} ${found}.`, remedy };
  }
  return undefined;
}

export function assertMammogram(instance: MammogramInstance): void {
  const refusal = refusalOf(instance);
  if (refusal === undefined) return;
  const { reason, remedy, sentence } = refusal;
  throw new DomainError("image-kind-refused", sentence, { details: { reason, remedy } });
}

function isSecondaryCapture(sopClassUid: string): boolean {
  return sopClassUid === secondaryCaptureRoot || sopClassUid.startsWith(`${secondaryCaptureRoot}.`);
}

/** Tomosynthesis in its own classes, as CT of a breast, as a multi-frame capture, or by Image Type in any class. */
function tomosynthesisForm(instance: MammogramInstance): string | undefined {
  const { bodyPart, imageType, modality, pixel, sopClassUid } = instance;
  const isOfBreast = modality === "MG" || bodyPart === "BREAST";
  if (tomosynthesisUids.has(sopClassUid)) return "is a tomosynthesis object";
  if (ctUids.has(sopClassUid) && isOfBreast) return "is tomosynthesis stored as CT";
  if (isSecondaryCapture(sopClassUid) && isOfBreast && pixel.frameCount > 1) {
    return "is tomosynthesis stored as Secondary Capture";
  }
  const isProjection = imageType.some((value) => tomosynthesisTypes.has(value));
  return isProjection && !isSynthetic2d(instance) ? "is a tomosynthesis image by its Image Type" : undefined;
}
