import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { testData } from "../../../tests/testdata.ts";
import { refusalOf } from "./mammography-rules.ts";
import { type DicomAttributes, codedEntry, element, writePart10File } from "./part10-file.ts";
import { decodePixelData } from "./pixel-data.ts";
import { patientSpacing } from "./pixel-spacing.ts";
import { readInstance } from "./read-instance.ts";
import { type MammogramHeader, mammogramAttributes, writeMammogram } from "./write-mammogram.ts";

const header: MammogramHeader = {
  subjectId: "SUBJ-7",
  studyInstanceUid: "2.25.11",
  seriesInstanceUid: "2.25.12",
  sopInstanceUid: "2.25.13",
  studyDate: "20240131",
  laterality: "R",
  view: "MLO",
  widthPx: 7,
  heightPx: 5,
  bitsStored: 14,
  photometricInterpretation: "MONOCHROME1",
  windows: [
    { center: 8191.5, width: 16384, explanation: "NORMAL" },
    { center: 8000, width: 9000 },
  ],
  voiLutFunction: "SIGMOID",
  imagerPixelSpacingMm: [0.07, 0.0705],
  manufacturer: "Müller",
  manufacturerModelName: "Phantom",
  softwareVersions: "1.2",
  kvp: 28.5,
  compressionForceN: 101.25,
  bodyPartThicknessMm: 54,
  patientAgeYears: 61,
  hasBreastImplant: true,
};
const pixels = Uint16Array.from({ length: 35 }, (_, index) => (index * 4793) % 16384);

const read = (changes: DicomAttributes, removed: readonly string[] = []) => {
  const all = { ...mammogramAttributes(header, pixels), ...changes };
  const kept = Object.entries(all).filter(([tag]) => !removed.includes(tag));
  return readInstance(writePart10File(Object.fromEntries(kept)), "a.dcm");
};
const cs = (...values: string[]) => element("CS", ...values);
const viewSequence = (code: string, ...modifiers: string[]): DicomAttributes => ({
  "00540220": element("SQ", {
    ...codedEntry("SRT", code, "a view"),
    "00540222": element("SQ", ...modifiers.map((modifier) => codedEntry("SRT", modifier, "a modifier"))),
  }),
});

describe("readInstance", () => {
  it("gives back everything that writeMammogram was told, pixels included", async () => {
    const instance = readInstance(writeMammogram(header, pixels), "a.dcm");
    const { pixel, ...rest } = instance;
    const { encoded, ...described } = pixel;
    expect(rest).toEqual({
      fileName: "a.dcm",
      transferSyntaxUid: "1.2.840.10008.1.2.1",
      sopClassUid: "1.2.840.10008.5.1.4.1.1.1.2",
      sopInstanceUid: "2.25.13",
      studyInstanceUid: "2.25.11",
      seriesInstanceUid: "2.25.12",
      modality: "MG",
      imageType: ["DERIVED", "PRIMARY", ""],
      presentationIntent: "FOR PRESENTATION",
      patientId: "SUBJ-7",
      isIdentityRemoved: true,
      studyDate: "20240131",
      patientAgeYears: 61,
      patientSex: "F",
      laterality: "R",
      view: "MLO",
      viewName: "MLO",
      viewModifiers: [],
      patientOrientation: ["P", "FL"],
      hasBreastImplant: true,
      hasBurnedInAnnotation: false,
      isSpecimen: false,
      isLateralityContradicted: false,
      isOtherAnatomy: false,
      isPartialView: false,
      bodyPart: "BREAST",
      manufacturer: "Müller",
      manufacturerModelName: "Phantom",
      softwareVersions: "1.2",
      kvp: 28.5,
      compressionForceN: 101.25,
      bodyPartThicknessMm: 54,
      imagerPixelSpacingMm: [0.07, 0.0705],
      presentation: {
        modality: { slope: 1, intercept: 0 },
        voiLuts: [],
        windows: header.windows,
        voiLutFunction: "SIGMOID",
        presentationLutShape: "INVERSE",
      },
    });
    expect(described).toEqual({
      rows: 5,
      columns: 7,
      frameCount: 1,
      samplesPerPixel: 1,
      photometricInterpretation: "MONOCHROME1",
      bitsAllocated: 16,
      bitsStored: 14,
      highBit: 13,
      isSigned: false,
    });
    expect(encoded.kind).toBe("native");
    expect(await decodePixelData(instance)).toEqual(pixels);
    expect(refusalOf(instance)).toBeUndefined();
  });

  it("reads a file without preamble and a bare data set like the file itself", async () => {
    const file = writeMammogram(header, pixels);
    const metaLength = new DataView(file.buffer).getUint32(140, true);
    for (const bare of [file.subarray(132), file.subarray(144 + metaLength)]) {
      const instance = readInstance(bare, "a.dcm");
      expect(instance.sopInstanceUid).toBe("2.25.13");
      expect(await decodePixelData(instance)).toEqual(pixels);
    }
  });

  it.each([
    ["Image Laterality before all others", { "00200062": cs("L"), "00200060": cs("R") }, [], "L"],
    ["Laterality where Image Laterality is missing", { "00200060": cs("L") }, ["00200062"], "L"],
    ["View Position with a side in words", { "00185101": cs("RIGHT CC") }, ["00200062"], "R"],
    ["View Position with a side in letters", { "00185101": cs("LMLO") }, ["00200062"], "L"],
    [
      "Frame Laterality in the functional groups",
      { "52009229": element("SQ", { "00209071": element("SQ", { "00209072": cs("L") }) }) },
      ["00200062"],
      "L",
    ],
    ["View Position with the side behind", { "00185101": cs("CC - R") }, ["00200062"], "R"],
    [
      "the modifier of the coded anatomy",
      {
        "00082218": element("SQ", {
          ...codedEntry("SCT", "76752008", "Breast"),
          "00082220": element("SQ", codedEntry("SCT", "7771000", "Left")),
        }),
      },
      ["00200062"],
      "L",
    ],
    ["nothing from B", { "00200062": cs("B") }, [], undefined],
    ["nothing from LMO, which is a view", { "00185101": cs("LMO") }, ["00200062"], undefined],
  ] as const)("takes the laterality from %s", (_, changes, removed, laterality) => {
    expect(read(changes, removed).laterality).toBe(laterality);
  });

  it.each([
    [
      "View Code Sequence before View Position",
      { ...viewSequence("R-10242"), "00185101": cs("MLO") },
      [],
      "CC",
    ],
    ["View Position where there is no code", { "00185101": cs("CC") }, ["00540220"], "CC"],
    ["View Position with a side", { "00185101": cs("RIGHT CC") }, ["00540220"], "CC"],
    ["the older SNOMED-RT code", viewSequence("R-10226"), [], "MLO"],
  ] as const)("takes the view from %s", (_, changes, removed, view) => {
    expect(read(changes, removed).view).toBe(view);
  });

  it.each([
    ["CCID", "CC", ["implant displaced"]],
    ["RMLOID", "MLO", ["implant displaced"]],
    ["RMSMLO", "MLO", ["magnification", "spot compression"]],
    ["MCC", "CC", ["magnification"]],
    ["SMLO", "MLO", ["spot compression"]],
    ["L CCRL", "CC", ["rolled lateral"]],
    ["MLMO", "LMO", ["magnification"]],
    ["MLO", "MLO", []],
    ["LMLO", "MLO", []],
    ["RML", "ML", []],
    ["AT", "AT", []],
    ["something else", "something else", []],
  ] as const)("takes view and modifiers from the letters %s", (text, viewName, viewModifiers) => {
    expect(read({ "00185101": cs(text) }, ["00540220"])).toMatchObject({ viewName, viewModifiers });
  });

  it("reads geometry and kind from where they may stand", () => {
    const ds = (...values: string[]) => element("DS", ...values);
    expect(
      read({
        "00181114": ds("1.82"),
        "00182010": ds("0.05", "0.05"),
        "00280030": ds("0.1", "0.1"),
        "00280034": element("IS", "1", "1"),
        "00280A02": cs("geometry"),
        "00281350": cs("YES"),
        "00080064": cs("DF"),
        "00180015": cs("chest"),
      }),
    ).toMatchObject({
      magnificationFactor: 1.82,
      nominalScannedPixelSpacingMm: [0.05, 0.05],
      pixelSpacingMm: [0.1, 0.1],
      statedPixelAspectRatio: [1, 1],
      pixelSpacingCalibrationType: "GEOMETRY",
      isPartialView: true,
      conversionType: "DF",
      bodyPart: "CHEST",
    });
    expect(read({ "00181114": ds("0.3") }).magnificationFactor).toBeUndefined();
  });

  it("does not take ML for MLO nor an exaggerated CC for CC", () => {
    expect(read({ "00185101": cs("ML") }, ["00540220"])).toMatchObject({ viewName: "ML" });
    expect(read({ "00185101": cs("ML") }, ["00540220"]).view).toBeUndefined();
    expect(read(viewSequence("R-1024A")).view).toBeUndefined();
  });
});

const mammography = testData("mammography");

describe.skipIf(mammography === undefined)("readInstance on real files", () => {
  const load = (name: string) => readInstance(readFileSync(join(mammography ?? "", name)), name);

  it("refuses the mammogram that was stored as Secondary Capture", () => {
    expect(refusalOf(load("MG1_J2KI"))?.reason).toBe("secondary-capture");
  });

  it("sees that the MG test pattern is magnified, and how far its pixels lie apart in the breast", () => {
    const pattern = load("MG_Explicit_Little.clunie-pixelspacing-testpattern.dcm");
    expect(refusalOf(pattern)).toMatchObject({ reason: "partial-view" });
    expect(refusalOf({ ...pattern, magnificationFactor: 1 })).toBeUndefined();
    expect(patientSpacing(pattern)).toEqual({ spacingMm: [0.25, 0.25], source: "calibrated" });
  });
});
