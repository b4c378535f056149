import type {
  ClassLabel,
  Finding,
  Laterality,
  LesionMark,
  View,
} from "@crossread/contracts/dataset-manifest";
import type { MammogramHeader } from "@crossread/dicom/write-mammogram";
import type { Random } from "@crossread/metrics/random";
import {
  projectBreast,
  projectPosition,
  sampleBreastAnatomy,
  sampleContralateral,
  type BreastAnatomy,
  type ImageFrame,
} from "./phantom-breast.ts";
import { findingOfLesion, type PhantomLesion } from "./phantom-lesion.ts";
import { paintLesion } from "./phantom-lesion-painting.ts";
import { sampleBreastLesions } from "./phantom-lesion-placement.ts";
import { skinDistanceMm } from "./phantom-skin-distance.ts";
import {
  renderTissue,
  sampleGlandShare,
  synthesizeFields,
  type BreastDensity,
  type TissueFields,
  type TissueSynthesizer,
} from "./phantom-tissue.ts";
import { finishImage, type VendorLook } from "./phantom-vendor.ts";

export interface PhantomStudyOptions {
  readonly subjectId: string;
  /** Worst finding of the subject; it sits in one breast, the other is normal. */
  readonly finding: Finding;
  readonly density: BreastDensity;
  readonly ageYears: number;
  /** 0 obvious lesions, 1 barely above the tissue. */
  readonly difficulty: number;
  readonly look: VendorLook;
  readonly synthesizer: TissueSynthesizer;
  readonly random: Random;
}

export interface PhantomInstance {
  readonly header: MammogramHeader;
  readonly pixels: Uint16Array;
  readonly laterality: Laterality;
  readonly view: View;
  /** Of the breast shown. */
  readonly finding: Finding;
  readonly label: ClassLabel;
  readonly lesions: readonly LesionMark[];
}

export interface PhantomStudy {
  readonly subjectId: string;
  readonly finding: Finding;
  readonly density: BreastDensity;
  readonly instances: readonly PhantomInstance[];
}

const sides: readonly Laterality[] = ["R", "L"];
const views: readonly View[] = ["CC", "MLO"];

/** Four views of one person. Every part draws from its own stream, so that one choice does not shift another. */
export function generatePhantomStudy(options: PhantomStudyOptions): PhantomStudy {
  const { random, synthesizer } = options;
  const { frame } = synthesizer;
  const anatomy = sampleBreastAnatomy(random.fork("anatomy"));
  const glandShare = sampleGlandShare(options.density, random.fork("gland"));
  const affectedSide = sides[random.fork("side").nextInt(2)];
  const identity = sampleIdentity(options);
  const instances = sides.flatMap((laterality) => {
    const breastRandom = random.fork(`breast ${laterality}`);
    const finding: Finding = laterality === affectedSide ? options.finding : "normal";
    const ownAnatomy =
      laterality === "R" ? anatomy : sampleContralateral(anatomy, breastRandom.fork("anatomy"));
    const lesions =
      finding === "normal"
        ? []
        : sampleBreastLesions({
            finding,
            difficulty: options.difficulty,
            projections: views.map((view) => projectBreast(ownAnatomy, view, frame)),
            random: breastRandom.fork("lesions"),
          });
    const breast: PhantomBreast = {
      laterality,
      finding,
      lesions,
      anatomy: ownAnatomy,
      glandShare,
      fields: synthesizeFields(synthesizer, breastRandom),
      frame,
      look: options.look,
    };
    return views.map((view) => renderInstance(breast, identity, { view, random: breastRandom.fork(view) }));
  });
  return { subjectId: options.subjectId, finding: options.finding, density: options.density, instances };
}

interface PhantomBreast {
  readonly laterality: Laterality;
  readonly finding: Finding;
  readonly lesions: readonly PhantomLesion[];
  readonly anatomy: BreastAnatomy;
  readonly glandShare: number;
  readonly fields: TissueFields;
  readonly frame: ImageFrame;
  readonly look: VendorLook;
}

interface ViewChoice {
  readonly view: View;
  readonly random: Random;
}

function renderInstance(breast: PhantomBreast, identity: StudyIdentity, choice: ViewChoice): PhantomInstance {
  const { frame, laterality, look } = breast;
  const { view, random } = choice;
  const projection = projectBreast(breast.anatomy, view, frame);
  const skinDistance = skinDistanceMm(projection, frame);
  const absorption = renderTissue({
    frame,
    fields: breast.fields,
    projection,
    glandShare: breast.glandShare,
    skinDistance,
    random: random.fork("tissue"),
  });
  const lesions = breast.lesions.map((lesion, index): LesionMark => {
    const centre = projectPosition(projection, lesion.position);
    const radiusMm = paintLesion({
      absorption,
      lesion,
      centre,
      frame,
      random: random.fork(`lesion ${index}`),
    });
    const canonicalXPx = centre.xMm / frame.pixelSizeMm;
    return {
      shape: "circle",
      xPx: laterality === "L" ? canonicalXPx : frame.widthPx - canonicalXPx,
      yPx: centre.yMm / frame.pixelSizeMm,
      radiusPx: radiusMm / frame.pixelSizeMm,
      kind: lesion.kind,
      finding: findingOfLesion[lesion.kind],
    };
  });
  const finished = finishImage(absorption, { look, frame, laterality, random: random.fork("detector") });
  return {
    header: instanceHeader({ breast, identity, view, random: random.fork("header"), window: finished }),
    pixels: finished.pixels,
    laterality,
    view,
    finding: breast.finding,
    label: breast.finding === "malignant" ? "malignant" : "benign",
    lesions,
  };
}

interface StudyIdentity {
  readonly subjectId: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly studyDate: string;
  readonly studyTime: string;
  readonly ageYears: number;
  readonly compressedThicknessMm: number;
}

function sampleIdentity(options: PhantomStudyOptions): StudyIdentity {
  const random = options.random.fork("identity");
  return {
    subjectId: options.subjectId,
    studyInstanceUid: sampleUid(random),
    seriesInstanceUid: sampleUid(random),
    studyDate: [
      String(2018 + random.nextInt(6)),
      String(1 + random.nextInt(12)).padStart(2, "0"),
      String(1 + random.nextInt(28)).padStart(2, "0"),
    ].join(""),
    studyTime: [8 + random.nextInt(9), random.nextInt(60), random.nextInt(60)]
      .map((part) => String(part).padStart(2, "0"))
      .join(""),
    ageYears: options.ageYears,
    compressedThicknessMm: 38 + 34 * random.next(),
  };
}

/** UUID-derived UID (PS3.5 B.2) from 128 random bits. */
function sampleUid(random: Random): string {
  let value = 0n;
  for (let word = 0; word < 4; word++) value = (value << 32n) | BigInt(random.nextInt(0x1_0000_0000));
  return `2.25.${value}`;
}

interface InstanceHeaderParts {
  readonly breast: PhantomBreast;
  readonly identity: StudyIdentity;
  readonly view: View;
  readonly window: { readonly windowCenter: number; readonly windowWidth: number };
  readonly random: Random;
}

function instanceHeader(parts: InstanceHeaderParts): MammogramHeader {
  const { breast, identity, view, window, random } = parts;
  const { compressedThicknessMm, ageYears, ...study } = identity;
  const thicknessMm = Math.round(compressedThicknessMm * (view === "MLO" ? 1.06 : 1) + random.normal());
  return {
    ...study,
    sopInstanceUid: sampleUid(random),
    instanceNumber: 2 * sides.indexOf(breast.laterality) + views.indexOf(view) + 1,
    laterality: breast.laterality,
    view,
    presentationIntent: "FOR PRESENTATION",
    widthPx: breast.frame.widthPx,
    heightPx: breast.frame.heightPx,
    bitsStored: breast.look.bitsStored,
    photometricInterpretation: breast.look.photometricInterpretation,
    windows: [{ center: window.windowCenter, width: window.windowWidth, explanation: "NORMAL" }],
    voiLutFunction: "LINEAR",
    imagerPixelSpacingMm: [breast.frame.pixelSizeMm, breast.frame.pixelSizeMm],
    manufacturer: breast.look.manufacturer,
    manufacturerModelName: breast.look.manufacturerModelName,
    softwareVersions: "1.0",
    kvp: Math.round(26 + thicknessMm / 14),
    bodyPartThicknessMm: thicknessMm,
    compressionForceN: Math.round(85 + 45 * random.next()),
    patientAgeYears: ageYears,
    patientSex: "F",
  };
}
