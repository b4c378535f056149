/**
 * What may stay, per SOP class. Everything that is not named here goes away, however new the tag is.
 * Attribute names, VRs and types as in PS3.3 (C.7, C.8.4, C.8.7, C.8.11) and PS3.6.
 */
import {
  type AllowedAttribute,
  type AttributeRule,
  anyTerm,
  matching,
  within,
  words,
} from "./attribute-rule.ts";
import { viewLetters, viewPositionPattern } from "../view-code.ts";

type Row = readonly [tag: string, keyword: string, vr: string, rule: AttributeRule, isRequired?: "required"];

const uid: AttributeRule = { kind: "uid" };
const classUid: AttributeRule = { kind: "class-uid" };
const date: AttributeRule = { kind: "date" };
const time: AttributeRule = { kind: "time" };
const device: AttributeRule = { kind: "device" };
const items: AttributeRule = { kind: "items" };
const codes: AttributeRule = { kind: "codes" };
const retainedText: AttributeRule = { kind: "retained-text" };
const yesOrNo = anyTerm("YES", "NO");
/** Fewer digits than a date or a telephone number has. */
const any = within(-999_999, 999_999);
const length = within(0, 1e5);
const ordinal = within(0, 99_999);
const flag = words(2, 1);

const imageTypeTerms = anyTerm(
  "ADDITION",
  "TOMO_SCOUT",
  "PREFIRE",
  "POSTFIRE",
  "POSTBIOPSY",
  "POSTMARKER",
  "STEREO_SCOUT",
  "STEREO_PLUS",
  "STEREO_MINUS",
  "STEREO_MATCHED",

  "ORIGINAL",
  "DERIVED",
  "PRIMARY",
  "SECONDARY",
  "AXIAL",
  "LOCALIZER",
  "PROJECTION IMAGE",
  "POST_PROCESSED",
  "POST_CONTRAST",
  "PRE_CONTRAST",
  "CONTRAST",
  "SUBTRACTION",
  "SUBTRACTED",
  "LOW_ENERGY",
  "HIGH_ENERGY",
  "RECOMBINED",
  "CESM",
  "TOMO",
  "TOMO_2D",
  "TOMO_PROJ",
  "TOMOSYNTHESIS",
  "GENERATED_2D",
  "SYNTHETIC",
  "MAXIMUM",
  "MINIP",
  "MIP",
  "VOLUME",
  "STEREO",
  "PLUS",
  "MINUS",
  "DIGITIZED",
  "SPECIMEN",
  "NONE",
  "LEFT",
  "RIGHT",
  "SPIN ECHO",
  "M",
  "SE",
  "M_SE",
  "NORM",
  "ND",
  "OTHER",
);
const bodyParts: AttributeRule = {
  kind: "terms",
  fallback: "OTHER",
  pattern:
    /^(?:BREAST|CHEST|HEAD|NECK|ABDOMEN|PELVIS|BRAIN|SKULL|SPINE|CSPINE|TSPINE|LSPINE|HEART|LIVER|KIDNEY|EXTREMITY|KNEE|ANKLE|FOOT|HAND|WRIST|SHOULDER|ELBOW|HIP|WHOLEBODY|OTHER)$/,
};
const metals = anyTerm(
  "MOLYBDENUM",
  "RHODIUM",
  "TUNGSTEN",
  "SILVER",
  "ALUMINUM",
  "COPPER",
  "PALLADIUM",
  "TITANIUM",
  "NIOBIUM",
  "TIN",
  "BERYLLIUM",
  "LEXAN",
  "RHENIUM",
);
const direction = matching(/^[APRLHF]{1,3}$/);
const viewPosition: AttributeRule = {
  kind: "terms",
  pattern: new RegExp(
    `${viewPositionPattern.source}|^(?:${viewLetters}|SPECIMEN|AP|PA|LL|RL|LLD|RLD|LLO|RLO)$`,
    "i",
  ),
};
// What is not known must not become what is accepted: another view stays another view, another part of the body another.
const viewCodes: AttributeRule = { kind: "codes", unknown: { value: "260419006", meaning: "projection" } };
const anatomyCodes: AttributeRule = {
  kind: "codes",
  unknown: { value: "38866009", meaning: "part of body" },
};

/** General series, study, patient, image pixel and presentation: every kind of image. */
const everyImage: readonly Row[] = [
  ["00080008", "ImageType", "CS", imageTypeTerms, "required"],
  ["00080016", "SOPClassUID", "UI", classUid, "required"],
  ["00080018", "SOPInstanceUID", "UI", uid, "required"],
  ["00080020", "StudyDate", "DA", date, "required"],
  ["00080021", "SeriesDate", "DA", date],
  ["00080022", "AcquisitionDate", "DA", date],
  ["00080023", "ContentDate", "DA", date, "required"],
  ["0008002A", "AcquisitionDateTime", "DT", { kind: "date-time" }],
  ["00080030", "StudyTime", "TM", time, "required"],
  ["00080031", "SeriesTime", "TM", time],
  ["00080032", "AcquisitionTime", "TM", time],
  ["00080033", "ContentTime", "TM", time, "required"],
  ["00080050", "AccessionNumber", "SH", { kind: "dummy", value: "" }, "required"],
  [
    "00080060",
    "Modality",
    "CS",
    anyTerm(
      "MG",
      "DX",
      "CR",
      "CT",
      "MR",
      "US",
      "OT",
      "SC",
      "RG",
      "RF",
      "XA",
      "XC",
      "NM",
      "PT",
      "IO",
      "PX",
      "ES",
      "GM",
      "SM",
    ),
    "required",
  ],
  ["00080064", "ConversionType", "CS", anyTerm("DV", "DI", "DF", "WSD", "SD", "SI", "DRW", "SYN")],
  ["00080070", "Manufacturer", "LO", device, "required"],
  ["00080080", "InstitutionName", "LO", retainedText],
  ["00080081", "InstitutionAddress", "ST", retainedText],
  ["00080090", "ReferringPhysicianName", "PN", { kind: "dummy", value: "" }, "required"],
  ["00081010", "StationName", "SH", retainedText],
  ["00081040", "InstitutionalDepartmentName", "LO", retainedText],
  ["00081090", "ManufacturerModelName", "LO", device],
  ["00081140", "ReferencedImageSequence", "SQ", items],
  ["00081150", "ReferencedSOPClassUID", "UI", classUid],
  ["00081155", "ReferencedSOPInstanceUID", "UI", uid],
  ["00082112", "SourceImageSequence", "SQ", items],
  ["00100010", "PatientName", "PN", { kind: "pseudonym" }, "required"],
  ["00100020", "PatientID", "LO", { kind: "pseudonym" }, "required"],
  ["00100030", "PatientBirthDate", "DA", { kind: "dummy", value: "" }, "required"],
  ["00100040", "PatientSex", "CS", anyTerm("F", "M", "O"), "required"],
  ["00101010", "PatientAge", "AS", { kind: "age" }],
  ["00101020", "PatientSize", "DS", within(0, 3)],
  ["00101030", "PatientWeight", "DS", within(0, 500)],
  ["00180015", "BodyPartExamined", "CS", bodyParts],
  ["00181000", "DeviceSerialNumber", "LO", retainedText],
  ["00181020", "SoftwareVersions", "LO", device],
  ["0020000D", "StudyInstanceUID", "UI", uid, "required"],
  ["0020000E", "SeriesInstanceUID", "UI", uid, "required"],
  ["00200010", "StudyID", "SH", { kind: "dummy", value: "" }, "required"],
  ["00200011", "SeriesNumber", "IS", ordinal, "required"],
  ["00200013", "InstanceNumber", "IS", ordinal, "required"],
  ["00200020", "PatientOrientation", "CS", direction],
  ["00200052", "FrameOfReferenceUID", "UI", uid],
  ["00200060", "Laterality", "CS", matching(/^[LR]$/)],
  ["00280002", "SamplesPerPixel", "US", flag, "required"],
  [
    "00280004",
    "PhotometricInterpretation",
    "CS",
    anyTerm(
      "MONOCHROME1",
      "MONOCHROME2",
      "RGB",
      "PALETTE COLOR",
      "YBR_FULL",
      "YBR_FULL_422",
      "YBR_PARTIAL_420",
      "YBR_PARTIAL_422",
      "YBR_ICT",
      "YBR_RCT",
    ),
    "required",
  ],
  ["00280006", "PlanarConfiguration", "US", flag],
  ["00280008", "NumberOfFrames", "IS", within(1, 1e5)],
  ["00280010", "Rows", "US", flag, "required"],
  ["00280011", "Columns", "US", flag, "required"],
  ["00280030", "PixelSpacing", "DS", length],
  ["00280034", "PixelAspectRatio", "IS", length],
  ["00280100", "BitsAllocated", "US", flag, "required"],
  ["00280101", "BitsStored", "US", flag, "required"],
  ["00280102", "HighBit", "US", flag, "required"],
  ["00280103", "PixelRepresentation", "US", flag, "required"],
  ["00280106", "SmallestImagePixelValue", "US", flag],
  ["00280107", "LargestImagePixelValue", "US", flag],
  ["00280120", "PixelPaddingValue", "US", flag],
  ["00280121", "PixelPaddingRangeLimit", "US", flag],
  ["00280301", "BurnedInAnnotation", "CS", yesOrNo],
  ["00280A02", "PixelSpacingCalibrationType", "CS", anyTerm("GEOMETRY", "FIDUCIAL")],
  ["00281050", "WindowCenter", "DS", any],
  ["00281051", "WindowWidth", "DS", any],
  ["00281052", "RescaleIntercept", "DS", any],
  ["00281053", "RescaleSlope", "DS", any],
  ["00281054", "RescaleType", "LO", anyTerm("US", "HU", "OD", "MGML", "Z_EFF", "ED", "EDW", "PCT")],
  ["00281055", "WindowCenterWidthExplanation", "LO", device],
  ["00281056", "VOILUTFunction", "CS", anyTerm("LINEAR", "LINEAR_EXACT", "SIGMOID")],
  ["00281101", "RedPaletteColorLookupTableDescriptor", "US", words(2, 3)],
  ["00281102", "GreenPaletteColorLookupTableDescriptor", "US", words(2, 3)],
  ["00281103", "BluePaletteColorLookupTableDescriptor", "US", words(2, 3)],
  ["00281201", "RedPaletteColorLookupTableData", "OW", words(2, 65_536)],
  ["00281202", "GreenPaletteColorLookupTableData", "OW", words(2, 65_536)],
  ["00281203", "BluePaletteColorLookupTableData", "OW", words(2, 65_536)],
  ["00282110", "LossyImageCompression", "CS", anyTerm("00", "01")],
  ["00282112", "LossyImageCompressionRatio", "DS", within(0, 1e4)],
  [
    "00282114",
    "LossyImageCompressionMethod",
    "CS",
    anyTerm("ISO_10918_1", "ISO_14495_1", "ISO_15444_1", "ISO_15444_15"),
  ],
  ["00283000", "ModalityLUTSequence", "SQ", items],
  ["00283002", "LUTDescriptor", "US", words(2, 3)],
  ["00283004", "ModalityLUTType", "LO", anyTerm("US", "HU", "OD", "MGML")],
  ["00283006", "LUTData", "OW", { kind: "lut" }],
  ["00283010", "VOILUTSequence", "SQ", items],
  ["20500020", "PresentationLUTShape", "CS", anyTerm("IDENTITY", "INVERSE", "LIN OD")],
  ["7FE00010", "PixelData", "OW", { kind: "pixels" }, "required"],
];

/** Digital X-ray and digital mammography (PS3.3 C.8.11), computed radiography (C.8.1) and X-ray acquisition dose. */
const projectionXray: readonly Row[] = [
  ["00080068", "PresentationIntentType", "CS", anyTerm("FOR PRESENTATION", "FOR PROCESSING"), "required"],
  ["00082218", "AnatomicRegionSequence", "SQ", anatomyCodes],
  ["00082220", "AnatomicRegionModifierSequence", "SQ", codes],
  ["00180060", "KVP", "DS", within(0, 500)],
  ["00181008", "GantryID", "LO", retainedText],
  ["00181110", "DistanceSourceToDetector", "DS", length],
  ["00181111", "DistanceSourceToPatient", "DS", length],
  ["00181114", "EstimatedRadiographicMagnificationFactor", "DS", within(0, 100)],
  ["00181147", "FieldOfViewShape", "CS", anyTerm("RECTANGLE", "ROUND", "HEXAGONAL")],
  ["00181149", "FieldOfViewDimensions", "IS", length],
  ["00181150", "ExposureTime", "IS", within(0, 1e6)],
  ["00181151", "XRayTubeCurrent", "IS", within(0, 1e5)],
  ["00181152", "Exposure", "IS", within(0, 1e5)],
  ["00181153", "ExposureInuAs", "IS", within(0, 9_999_999)],
  ["00181164", "ImagerPixelSpacing", "DS", length],
  [
    "00181166",
    "Grid",
    "CS",
    anyTerm("FIXED", "FOCUSED", "RECIPROCATING", "PARALLEL", "CROSSED", "NONE", "HTC_IN", "HTC_OUT"),
  ],
  ["00181190", "FocalSpots", "DS", within(0, 100)],
  ["00181191", "AnodeTargetMaterial", "CS", metals],
  ["001811A0", "BodyPartThickness", "DS", within(0, 1000)],
  ["001811A2", "CompressionForce", "DS", within(0, 2000)],
  ["00181401", "AcquisitionDeviceProcessingCode", "LO", device],
  ["00181405", "RelativeXRayExposure", "IS", within(0, 9_999_999)],
  ["00181508", "PositionerType", "CS", anyTerm("MAMMOGRAPHIC", "STEREOTACTIC", "CARM", "COLUMN", "NONE")],
  ["00181510", "PositionerPrimaryAngle", "DS", within(-360, 360)],
  ["00182010", "NominalScannedPixelSpacing", "DS", length],
  ["00185101", "ViewPosition", "CS", viewPosition],
  ["00187000", "DetectorConditionsNominalFlag", "CS", yesOrNo],
  ["00187004", "DetectorType", "CS", anyTerm("DIRECT", "SCINTILLATOR", "STORAGE", "FILM"), "required"],
  ["00187005", "DetectorConfiguration", "CS", anyTerm("AREA", "SLOT")],
  ["0018700A", "DetectorID", "SH", retainedText],
  ["0018701A", "DetectorBinning", "DS", within(0, 100)],
  ["00187020", "DetectorElementPhysicalSize", "DS", length],
  ["00187022", "DetectorElementSpacing", "DS", length],
  ["00187030", "FieldOfViewOrigin", "DS", any],
  ["00187032", "FieldOfViewRotation", "DS", within(-360, 360)],
  ["00187034", "FieldOfViewHorizontalFlip", "CS", yesOrNo],
  ["00187050", "FilterMaterial", "CS", metals],
  ["00187052", "FilterThicknessMinimum", "DS", within(0, 100)],
  ["00187054", "FilterThicknessMaximum", "DS", within(0, 100)],
  ["00187060", "ExposureControlMode", "CS", anyTerm("MANUAL", "AUTOMATIC")],
  ["00187064", "ExposureStatus", "CS", anyTerm("NORMAL", "ABORTED")],
  ["00200062", "ImageLaterality", "CS", matching(/^[LRBU]$/), "required"],
  ["00209071", "FrameAnatomySequence", "SQ", items],
  ["00209072", "FrameLaterality", "CS", matching(/^[LRBU]$/)],
  ["00280300", "QualityControlImage", "CS", anyTerm("YES", "NO", "BOTH")],
  ["00281040", "PixelIntensityRelationship", "CS", anyTerm("LIN", "LOG", "DISP")],
  ["00281041", "PixelIntensityRelationshipSign", "SS", flag],
  ["00281300", "BreastImplantPresent", "CS", yesOrNo],
  ["00281350", "PartialView", "CS", yesOrNo],
  ["00281352", "PartialViewCodeSequence", "SQ", codes],
  ["00400302", "EntranceDose", "US", flag],
  ["00400314", "HalfValueLayer", "DS", within(0, 100)],
  ["00400316", "OrganDose", "DS", within(0, 1e5)],
  ["00400318", "OrganExposed", "CS", anyTerm("BREAST", "GONADS", "BONE MARROW", "FETUS", "LENS")],
  // A dummy keeps the fact that a specimen is shown.
  ["00400512", "ContainerIdentifier", "LO", { kind: "dummy", value: "SPECIMEN" }],
  ["00400551", "SpecimenIdentifier", "LO", { kind: "dummy", value: "SPECIMEN" }],
  ["00400554", "SpecimenUID", "UI", uid],
  ["00400555", "AcquisitionContextSequence", "SQ", items, "required"],
  ["00400560", "SpecimenDescriptionSequence", "SQ", items],
  ["00408302", "EntranceDoseInmGy", "DS", within(0, 1e5)],
  ["00540220", "ViewCodeSequence", "SQ", viewCodes],
  ["00540222", "ViewModifierCodeSequence", "SQ", codes],
  ["52009229", "SharedFunctionalGroupsSequence", "SQ", items],
];

/** Position and scan geometry of cross-sectional images (PS3.3 C.7.6.2, C.8.2, C.8.3). */
const crossSection: readonly Row[] = [
  ["00180050", "SliceThickness", "DS", length],
  ["00180060", "KVP", "DS", within(0, 500)],
  ["00180020", "ScanningSequence", "CS", anyTerm("SE", "IR", "GR", "EP", "RM")],
  ["00180021", "SequenceVariant", "CS", anyTerm("SK", "MTC", "SS", "TRSS", "SP", "MP", "OSP", "NONE")],
  ["00180080", "RepetitionTime", "DS", within(0, 1e6)],
  ["00180081", "EchoTime", "DS", within(0, 1e6)],
  ["00180087", "MagneticFieldStrength", "DS", within(0, 30)],
  ["00180088", "SpacingBetweenSlices", "DS", any],
  ["00185100", "PatientPosition", "CS", matching(/^(?:HF|FF)(?:P|S|DR|DL)$/)],
  ["00200032", "ImagePositionPatient", "DS", any],
  ["00200037", "ImageOrientationPatient", "DS", within(-1.01, 1.01)],
  ["00201041", "SliceLocation", "DS", any],
];

const storage = "1.2.840.10008.5.1.4.1.1";
const rowsByClass: Readonly<Record<string, readonly Row[]>> = {
  [`${storage}.1`]: [...everyImage, ...projectionXray],
  [`${storage}.1.1`]: [...everyImage, ...projectionXray],
  [`${storage}.1.1.1`]: [...everyImage, ...projectionXray],
  [`${storage}.1.2`]: [...everyImage, ...projectionXray],
  [`${storage}.1.2.1`]: [...everyImage, ...projectionXray],
  [`${storage}.2`]: [...everyImage, ...crossSection],
  [`${storage}.4`]: [...everyImage, ...crossSection],
  [`${storage}.3.1`]: everyImage,
  [`${storage}.6`]: everyImage,
  [`${storage}.6.1`]: everyImage,
  [`${storage}.7`]: [...everyImage, ...projectionXray],
  [`${storage}.7.1`]: everyImage,
  [`${storage}.7.2`]: everyImage,
  [`${storage}.7.3`]: everyImage,
  [`${storage}.7.4`]: everyImage,
};

export type AllowList = ReadonlyMap<string, AllowedAttribute>;

const lists = new Map<string, AllowList>();

/** The list of a SOP class; undefined for a kind of object that Crossread does not de-identify. */
export function allowListOf(sopClassUid: string): AllowList | undefined {
  const rows = rowsByClass[sopClassUid];
  if (rows === undefined) return undefined;
  const known = lists.get(sopClassUid);
  if (known !== undefined) return known;
  const list = new Map(
    rows.map(([tag, keyword, vr, rule, isRequired]) => [
      tag,
      { tag, keyword, vr, rule, isRequired: isRequired === "required" },
    ]),
  );
  lists.set(sopClassUid, list);
  return list;
}

export const deidentifiableClassUids: readonly string[] = Object.keys(rowsByClass);
