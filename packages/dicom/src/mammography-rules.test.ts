import { describe, expect, it } from "vitest";
import { documentKinds } from "./document-kind.ts";
import { labelRules, labelsOf } from "./mammography-labels.ts";
import { assertMammogram, refusalOf, refusalRules } from "./mammography-rules.ts";
import { codedEntry, type DicomAttributes, element, writePart10File } from "./part10-file.ts";
import { readInstance } from "./read-instance.ts";
import { type MammogramHeader, mammogramAttributes } from "./write-mammogram.ts";

const header: MammogramHeader = {
  subjectId: "SUBJ-7",
  studyInstanceUid: "2.25.11",
  seriesInstanceUid: "2.25.12",
  sopInstanceUid: "2.25.13",
  studyDate: "20240131",
  laterality: "R",
  view: "CC",
  widthPx: 4,
  heightPx: 3,
  bitsStored: 12,
  photometricInterpretation: "MONOCHROME2",
  windows: [{ center: 2048, width: 4096 }],
  imagerPixelSpacingMm: [0.07, 0.07],
  manufacturer: "M",
  manufacturerModelName: "N",
  softwareVersions: "1",
};

const fileOf = (changes: DicomAttributes, removed: readonly string[]) => {
  const all = { ...mammogramAttributes(header, new Uint16Array(12)), ...changes };
  return writePart10File(Object.fromEntries(Object.entries(all).filter(([tag]) => !removed.includes(tag))));
};
const read = (changes: DicomAttributes, removed: readonly string[] = []) =>
  readInstance(fileOf(changes, removed), "a.dcm");
const cs = (...values: string[]) => element("CS", ...values);
const ui = (suffix: string) => element("UI", `1.2.840.10008.5.1.4.1.1.${suffix}`);
const viewSequence = (code: string, ...modifiers: string[]): DicomAttributes => ({
  "00540220": element("SQ", {
    ...codedEntry("SRT", code, "a view"),
    "00540222": element("SQ", ...modifiers.map((modifier) => codedEntry("SRT", modifier, "a modifier"))),
  }),
});
const imageType = (...values: string[]): DicomAttributes => ({
  "00080008": cs("DERIVED", "PRIMARY", ...values),
});

type Example = readonly [string, DicomAttributes, readonly string[], string];

const refused: readonly Example[] = [
  ["tomosynthesis", { "00080016": ui("13.1.3") }, [], "tomosynthesis"],
  [
    "a synthetic 2D view in the tomosynthesis class",
    { "00080016": ui("13.1.3"), ...imageType("TOMOSYNTHESIS", "GENERATED_2D") },
    [],
    "tomosynthesis",
  ],
  ["a tomosynthesis projection", { "00080016": ui("13.1.4") }, [], "tomosynthesis"],
  ["tomosynthesis stored as CT", { "00080016": ui("2"), "00080060": cs("CT") }, [], "tomosynthesis"],
  [
    "tomosynthesis stored as multi-frame capture",
    { "00080016": ui("7.3"), "00280008": element("IS", "60") },
    [],
    "tomosynthesis",
  ],
  ["a tomosynthesis projection in the mammography class", imageType("TOMO_PROJ"), [], "tomosynthesis"],
  ["several frames", { "00280008": element("IS", "3") }, [], "multi-frame"],
  ["a secondary capture", { "00080016": ui("7") }, [], "secondary-capture"],
  ["a grayscale word capture", { "00080016": ui("7.3") }, [], "secondary-capture"],
  ["another modality", { "00080060": cs("DX") }, [], "not-mammography"],
  ["no modality", {}, ["00080060"], "not-mammography"],
  ["an MR class with modality MG", { "00080016": ui("4") }, [], "not-mammography"],
  ["an ultrasound class", { "00080016": ui("6.1"), "00080060": cs("US") }, [], "not-mammography"],
  ["the FOR PROCESSING class", { "00080016": ui("1.2.1") }, [], "for-processing"],
  ["FOR PROCESSING intent in lower case", { "00080068": cs("for processing") }, [], "for-processing"],
  ["a subtracted contrast image", imageType("POST_CONTRAST", "SUBTRACTION"), [], "contrast-subtracted"],
  ["a high-energy contrast image", imageType("POST_CONTRAST", "", "HIGH_ENERGY"), [], "contrast-subtracted"],
  ["a recombined contrast image", imageType("RECOMBINED"), [], "contrast-subtracted"],
  ["a stereotactic image", imageType("STEREO_MINUS"), [], "biopsy-image"],
  ["an image after a biopsy", imageType("POSTFIRE_PLUS"), [], "biopsy-image"],
  ["a specimen by its view", viewSequence("G-8310"), [], "specimen"],
  ["a specimen by its identifier", { "00400512": element("LO", "X1") }, [], "specimen"],
  ["another body part", { "00180015": cs("CHEST") }, [], "not-breast"],
  [
    "another anatomy",
    { "00082218": element("SQ", codedEntry("SCT", "51185008", "Chest")) },
    ["00180015"],
    "not-breast",
  ],
  ["colour", { "00280004": cs("RGB") }, [], "not-grayscale"],
  ["pixels that are not square", { "00181164": element("DS", "0.1", "0.07") }, [], "not-square-pixels"],
  ["pixels 3 % higher than wide", { "00181164": element("DS", "0.0721", "0.07") }, [], "not-square-pixels"],
  ["a pixel aspect ratio", { "00280034": element("IS", "2", "1") }, ["00181164"], "not-square-pixels"],
  ["two sides", { "00185101": cs("LCC") }, [], "laterality-contradicted"],
  ["no laterality", {}, ["00200062"], "laterality-missing"],
  ["both sides in one image", { "00200062": cs("B") }, [], "laterality-missing"],
  ["no view", {}, ["00540220", "00185101"], "view-missing"],
  ["an ML view", viewSequence("R-10224"), [], "view-refused"],
  ["an exaggerated CC view", viewSequence("R-1024A"), [], "view-refused"],
  ["a magnified CC view", viewSequence("R-10242", "R-102D6"), [], "partial-view"],
  ["a spot view", viewSequence("R-10242", "R-102D7"), [], "partial-view"],
  ["a spot view by its letters", { "00185101": cs("SCC") }, ["00540220"], "partial-view"],
  ["a magnified view by its geometry", { "00181114": element("DS", "1.8") }, [], "partial-view"],
  ["burned-in annotation", { "00280301": cs("YES") }, [], "burned-in-annotation"],
];

describe("refusalOf", () => {
  it.each(refused)("refuses %s", (_, changes, removed, reason) => {
    const refusal = refusalOf(read(changes, removed));
    expect(refusal?.reason).toBe(reason);
    expect(refusal?.sentence).toMatch(/^[A-Z].* but a\.dcm .*\.$/);
    expect(refusal?.remedy).toMatch(/^[A-Z].*\.$/);
  });

  it("has an example above for each of its rules", () => {
    expect(new Set(refused.map(([, , , reason]) => reason))).toEqual(
      new Set(refusalRules.map(({ reason }) => reason)),
    );
  });

  it("accepts a plain mammogram without a label", () => {
    expect(refusalOf(read({}))).toBeUndefined();
    expect(labelsOf(read({}))).toEqual([]);
    expect(() => assertMammogram(read({}))).not.toThrow();
    expect(refusalOf(read({ "00181164": element("DS", "0.0713", "0.07") }))).toBeUndefined();
  });

  it("puts reason and remedy into the error, and no text of the file that may say anything", () => {
    const instance = read({ "00185101": cs("JANE DOE") }, ["00540220"]);
    expect(() => assertMammogram(instance)).toThrow(
      expect.objectContaining({
        code: "image-kind-refused",
        message: "Only the views CC and MLO are accepted, but a.dcm has another.",
        details: {
          reason: "view-refused",
          remedy: "Send the CC and MLO views; additional views are not read.",
        },
      }),
    );
  });
});

const labelled: readonly Example[] = [
  ["a synthetic 2D view", imageType("TOMOSYNTHESIS", "GENERATED_2D"), [], "synthetic-2d"],
  ["a low-energy contrast image", imageType("POST_CONTRAST", "", "LOW_ENERGY"), [], "contrast-low-energy"],
  ["a contrast image of no stated energy", imageType("POST_CONTRAST"), [], "contrast-low-energy"],
  ["an implant", { "00281300": cs("YES") }, [], "implant"],
  ["an implant-displaced view", viewSequence("R-10242", "R-102D5"), [], "implant-displaced"],
  ["an implant-displaced view by its letters", { "00185101": cs("CCID") }, ["00540220"], "implant-displaced"],
  ["a rolled view", viewSequence("R-10242", "R-102D3"), [], "rolled"],
  ["a part of a large breast", { "00281350": cs("YES") }, [], "partial-breast"],
  ["a nipple in profile", viewSequence("R-10242", "R-40AB3"), [], "other-modifier"],
  ["a modifier that nobody knows", viewSequence("R-10242", "99LOCAL"), [], "other-modifier"],
  ["a man", { "00100040": cs("M") }, [], "male"],
  ["a digitised film", { "00080064": cs("DF") }, [], "film-digitised"],
  [
    "a film by its scanner's spacing",
    { "00182010": element("DS", "0.05", "0.05") },
    ["00181164"],
    "film-digitised",
  ],
  ["an image without spacing", {}, ["00181164"], "no-spacing"],
];

describe("labelsOf", () => {
  it.each(labelled)("accepts and labels %s", (_, changes, removed, label) => {
    const instance = read(changes, removed);
    expect(refusalOf(instance)).toBeUndefined();
    expect(labelsOf(instance)).toEqual([label]);
  });

  it("has an example above for each of its rules", () => {
    expect(new Set(labelled.map(([, , , label]) => label))).toEqual(
      new Set(labelRules.map(({ label }) => label)),
    );
  });
});

describe("readInstance on objects that are no images", () => {
  it.each([
    ["a basic text report", "88.11", "structured-report"],
    ["a dose report", "88.67", "structured-report"],
    ["a mammography CAD report", "88.50", "cad-report"],
    ["a grayscale presentation state", "11.1", "presentation-state"],
    ["an encapsulated PDF", "104.1", "encapsulated-document"],
    ["a segmentation", "66.4", "not-an-image"],
    ["a waveform", "9.1.1", "not-an-image"],
    ["a radiotherapy plan", "481.5", "not-an-image"],
  ])("refuses %s even if it holds pixels", (_, suffix, reason) => {
    expect(documentKinds.some(({ kind }) => kind === reason)).toBe(true);
    expect(() => read({ "00080016": ui(suffix) })).toThrow(
      expect.objectContaining({
        code: "image-kind-refused",
        details: expect.objectContaining({ reason }),
      }),
    );
  });
});
