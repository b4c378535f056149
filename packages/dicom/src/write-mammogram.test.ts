import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type MammogramHeader, writeMammogram } from "./write-mammogram.ts";

const header: MammogramHeader = {
  subjectId: "SUBJ-0001",
  studyInstanceUid: "2.25.11",
  seriesInstanceUid: "2.25.12",
  sopInstanceUid: "2.25.13",
  studyDate: "20240131",
  laterality: "R",
  view: "MLO",
  widthPx: 31,
  heightPx: 17,
  bitsStored: 12,
  photometricInterpretation: "MONOCHROME1",
  windows: [
    { center: 2047.5, width: 4096, explanation: "NORMAL" },
    { center: 1234.0001220703125, width: 3000 },
  ],
  voiLutFunction: "SIGMOID",
  imagerPixelSpacingMm: [0.07, 0.085],
  manufacturer: "Crossread",
  manufacturerModelName: "Phantom",
  softwareVersions: "1",
  kvp: 28,
  compressionForceN: 101.25,
  bodyPartThicknessMm: 54,
  patientAgeYears: 61,
};
const pixels = Uint16Array.from({ length: 31 * 17 }, (_, index) => (index * 331) % 4096);

const hasDciodvfy = spawnSync("dciodvfy", ["-version"]).error === undefined;
const python = "/usr/bin/python3";
const hasPydicom = spawnSync(python, ["-c", "import pydicom, numpy"]).status === 0;

function withFile<TResult>(bytes: Uint8Array, use: (path: string) => TResult): TResult {
  const directory = mkdtempSync(join(tmpdir(), "crossread-dicom-"));
  try {
    const path = join(directory, "image.dcm");
    writeFileSync(path, bytes);
    return use(path);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe("writeMammogram", () => {
  it("writes the same bytes for the same input", () => {
    expect(writeMammogram(header, pixels)).toEqual(writeMammogram(header, pixels));
  });

  it("does not change the pixels that it is given", () => {
    const copy = pixels.slice();
    writeMammogram(header, copy);
    expect(copy).toEqual(pixels);
  });

  it.each([
    ["a UID with a leading zero", { sopInstanceUid: "2.25.013" }],
    ["a UID of 65 characters", { studyInstanceUid: `2.25.${"1".repeat(60)}` }],
    ["a date with dashes", { studyDate: "2024-01-31" }],
    ["a subject id with a backslash", { subjectId: "A\\B" }],
    ["more pixels than rows × columns", { widthPx: 30 }],
    ["a pixel above the stored bits", { bitsStored: 11 }],
    ["17 stored bits", { bitsStored: 17 }],
    ["no window", { windows: [] }],
    ["a window on an image for processing", { presentationIntent: "FOR PROCESSING" as const }],
    ["a window of width 0", { windows: [{ center: 1, width: 0 }] }],
  ])("refuses %s", (_, change) => {
    expect(() => writeMammogram({ ...header, ...change }, pixels)).toThrow(/cannot be written/);
  });
});

describe.skipIf(!hasDciodvfy)("writeMammogram, judged by dciodvfy", () => {
  it.each([
    { laterality: "L", view: "CC", photometricInterpretation: "MONOCHROME2" },
    { laterality: "R", view: "MLO", photometricInterpretation: "MONOCHROME1" },
    {
      laterality: "R",
      view: "CC",
      photometricInterpretation: "MONOCHROME1",
      presentationIntent: "FOR PROCESSING",
      windows: [],
    },
  ] as const)("conforms to the mammography IOD as $laterality $view $photometricInterpretation", (change) => {
    const output = withFile(writeMammogram({ ...header, ...change }, pixels), (path) => {
      const { stdout, stderr } = spawnSync("dciodvfy", [path], { encoding: "utf8" });
      return stdout + stderr;
    });
    expect(output).toContain("MammographyImageFor");
    expect(output).not.toContain("Error");
  });
});

describe.skipIf(!hasPydicom)("writeMammogram, read by pydicom", () => {
  const script = `
import json, sys, pydicom
ds = pydicom.dcmread(sys.argv[1])
ds.pixel_array.astype("<u2").tofile(sys.argv[1] + ".raw")
view = ds.ViewCodeSequence[0]
print(json.dumps([ds.SOPClassUID.name, ds.PatientID, ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID,
  ds.StudyDate, ds.ImageLaterality, ds.ViewPosition, [view.CodingSchemeDesignator, view.CodeValue], ds.Rows, ds.Columns,
  ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PhotometricInterpretation, [float(x) for x in ds.WindowCenter],
  [float(x) for x in ds.WindowWidth], ds.VOILUTFunction, [float(x) for x in ds.ImagerPixelSpacing],
  list(ds.PatientOrientation), ds.PatientAge, float(ds.KVP), float(ds.CompressionForce), float(ds.BodyPartThickness)]))
`;

  it("comes back with every attribute and pixel", () => {
    const [attributes, raw] = withFile(writeMammogram(header, pixels), (path) => {
      const { stdout, stderr } = spawnSync(python, ["-c", script, path], { encoding: "utf8" });
      expect(stderr).toBe("");
      return [JSON.parse(stdout) as unknown, readFileSync(`${path}.raw`)] as const;
    });
    expect(attributes).toEqual(
      [
        ["Digital Mammography X-Ray Image Storage - For Presentation", "SUBJ-0001"],
        ["2.25.11", "2.25.12", "2.25.13", "20240131", "R", "MLO", ["SCT", "399368009"]],
        [17, 31, 16, 12, 11, "MONOCHROME1", [2047.5, 1234.00012], [4096, 3000], "SIGMOID", [0.07, 0.085]],
        [["P", "FL"], "061Y", 28, 101.25, 54],
      ].flat(),
    );
    expect(raw.equals(Buffer.from(pixels.buffer))).toBe(true);
  });
});
