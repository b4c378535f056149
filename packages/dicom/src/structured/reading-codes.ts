/** Answers of a reading ↔ codes: BI-RADS context groups of PS3.16 (CID 6001 to 6027) where they have the word. */
import type { Laterality, View } from "@crossread/contracts/dataset-manifest";
import type { MarkKind } from "@crossread/contracts/mark";
import type { Birads, Condition, Density, MapRating } from "@crossread/contracts/reading";
import type { LesionDescriptor, LesionDescriptors } from "@crossread/contracts/reference-mark";
import { type CodedConcept, dcm, own, sct } from "./coded-concept.ts";

export const lateralityCodes: Readonly<Record<Laterality, CodedConcept>> = {
  R: sct("24028007", "Right"),
  L: sct("7771000", "Left"),
};

export const viewCodes: Readonly<Record<View, CodedConcept>> = {
  CC: sct("399162004", "cranio-caudal"),
  MLO: sct("399368009", "medio-lateral oblique"),
};

export const conditionCodes: Readonly<Record<Condition, CodedConcept>> = {
  unaided: own("UNAIDED", "Unaided reading"),
  aided: own("AIDED", "Reading with the model's aid"),
};

export const biradsCodes: Readonly<Record<Birads, CodedConcept>> = {
  "0": sct("397138000", "0 - Need additional imaging evaluation"),
  "1": sct("397140005", "1 - Negative"),
  "2": sct("397141009", "2 - Benign"),
  "3": sct("397143007", "3 - Probably benign"),
  // SNOMED CT has category 4 undivided only.
  "4A": own("BIRADS-4A", "4A - Low suspicion for malignancy"),
  "4B": own("BIRADS-4B", "4B - Moderate suspicion for malignancy"),
  "4C": own("BIRADS-4C", "4C - High suspicion for malignancy"),
  "5": sct("397145000", "5 - Highly suggestive of malignancy"),
  "6": sct("6111000179101", "6 - Known biopsy proven malignancy"),
};

export const densityCodes: Readonly<Record<Density, CodedConcept>> = {
  A: sct("129716005", "Almost entirely fat"),
  B: sct("129717001", "Scattered fibroglandular densities"),
  C: sct("129718006", "Heterogeneously dense"),
  D: sct("129719003", "Extremely dense"),
};

export const kindCodes: Readonly<Record<MarkKind, CodedConcept>> = {
  mass: sct("129788004", "Mammographic breast mass"),
  calcification: sct("697944008", "Mammographic calcification of breast"),
  asymmetry: sct("129790003", "Asymmetric breast tissue"),
  "architectural-distortion": sct("129792006", "Architectural distortion of breast"),
  other: dcm("111099", "Selected region"),
};

export const descriptorNames: Readonly<Record<LesionDescriptor, CodedConcept>> = {
  shape: sct("107644003", "Shape"),
  margin: dcm("111037", "Margins"),
  density: dcm("111035", "Lesion Density"),
  morphology: dcm("111009", "Calcification Type"),
  distribution: dcm("111008", "Calcification Distribution"),
  extent: own("ASYMMETRY-EXTENT", "Extent of asymmetry"),
};

type DescriptorCodes = {
  readonly [TName in LesionDescriptor]: Readonly<Record<NonNullable<LesionDescriptors[TName]>, CodedConcept>>;
};

export const descriptorCodes: DescriptorCodes = {
  shape: {
    oval: sct("84360004", "Ovoid shape (Oval)"),
    round: sct("42700002", "Round shape"),
    irregular: sct("49608001", "Irregular"),
  },
  margin: {
    circumscribed: sct("129738007", "Circumscribed lesion"),
    obscured: sct("129740002", "Obscured lesion"),
    microlobulated: sct("129739004", "Microlobulated lesion"),
    indistinct: sct("129741003", "Indistinct lesion"),
    spiculated: sct("129742005", "Spiculated lesion"),
  },
  density: {
    high: sct("129744006", "High density lesion"),
    equal: sct("129745007", "Equal density (isodense) lesion"),
    low: sct("129746008", "Low density (not containing fat) lesion"),
    "fat-containing": sct("129747004", "Fat containing (radiolucent) lesion"),
  },
  morphology: {
    skin: sct("129757003", "Calcified skin of breast"),
    vascular: sct("129759000", "Vascular calcification"),
    "coarse-popcorn-like": sct("129749001", "Coarse (popcorn-like) calcification"),
    "large-rod-like": sct("129752009", "Large rod-like calcification"),
    round: sct("129756007", "Round shaped calcification"),
    // The fifth edition's word for eggshell and lucent-centred.
    rim: sct("129751002", "Eggshell calcification"),
    dystrophic: sct("129750001", "Dystrophic calcification"),
    "milk-of-calcium": sct("129753004", "Milk of calcium calcification"),
    suture: sct("129758008", "Calcified suture material"),
    amorphous: sct("129760005", "Amorphous calcification"),
    "coarse-heterogeneous": sct("129763007", "Heterogeneous calcification"),
    "fine-pleomorphic": dcm("111344", "Fine pleomorphic calcification"),
    "fine-linear-branching": sct("129762002", "Fine linear, branching (casting) calcification"),
  },
  distribution: {
    diffuse: sct("129764001", "Diffuse calcification distribution"),
    regional: sct("129767008", "Regional calcification distribution"),
    grouped: sct("129766004", "Grouped calcification distribution"),
    linear: sct("129765000", "Linear calcification distribution"),
    segmental: sct("129768003", "Segmental calcification distribution"),
  },
  extent: {
    "one-view": own("ONE-VIEW", "Asymmetry in one view"),
    global: own("GLOBAL", "Global asymmetry"),
    focal: sct("129789007", "Focal asymmetric breast tissue"),
    developing: own("DEVELOPING", "Developing asymmetry"),
  },
};

export const lesionInsideCodes: Readonly<Record<MapRating["lesionInsideHotArea"], CodedConcept>> = {
  yes: own("INSIDE-YES", "The lesion lies in the hot area"),
  partly: own("INSIDE-PARTLY", "The lesion lies partly in the hot area"),
  no: own("INSIDE-NO", "The lesion lies outside of the hot area"),
  "no-lesion": own("NO-LESION", "There is no lesion"),
};

export const recallCodes: Readonly<Record<MapRating["wouldChangeRecall"], CodedConcept>> = {
  no: own("RECALL-UNCHANGED", "Recall decision unchanged"),
  "towards-recall": own("TO-RECALL", "Towards recall"),
  "towards-no-recall": own("TO-NO-RECALL", "Towards no recall"),
};

// CID 230
export const yesCode = sct("373066001", "Yes");
export const noCode = sct("373067005", "No");

/** The word of a coded value; undefined for a code that is not in the table. */
export function wordOf<TWord extends string>(
  codes: Readonly<Record<TWord, CodedConcept>>,
  concept: CodedConcept,
): TWord | undefined {
  const words = Object.keys(codes) as TWord[];
  return words.find((word) => codes[word].scheme === concept.scheme && codes[word].value === concept.value);
}
