import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toGrayImage } from "@crossread/dicom/presentation";
import { readInstance } from "@crossread/dicom/read-instance";
import { writeMammogram } from "@crossread/dicom/write-mammogram";
import { describe, expect, test } from "vitest";
import { testData } from "../../../../../tests/testdata.ts";
import { presentationCopy } from "./presentation-copy.ts";

const pixels = Uint16Array.from({ length: 12 }, (_, index) => index * 300);
const original = writeMammogram(
  {
    subjectId: "SECRETPATIENT",
    studyInstanceUid: "2.25.111",
    seriesInstanceUid: "2.25.222",
    sopInstanceUid: "2.25.333",
    studyDate: "20240101",
    laterality: "L",
    view: "CC",
    widthPx: 4,
    heightPx: 3,
    bitsStored: 12,
    photometricInterpretation: "MONOCHROME1",
    windows: [{ center: 1_500, width: 2_000 }],
    voiLutFunction: "SIGMOID",
    imagerPixelSpacingMm: [0.1, 0.1],
    manufacturer: "SECRETVENDOR",
    manufacturerModelName: "SECRETMODEL",
    softwareVersions: "1",
    institutionName: "SECRETHOSPITAL",
  },
  pixels,
);

describe("the copy of an image for the viewer", () => {
  test("shows the same pixels with the same orientation and spacing", async () => {
    const before = readInstance(original, "original");
    const after = readInstance(presentationCopy(original, "original"), "copy");
    expect(await toGrayImage(after)).toEqual(await toGrayImage(before));
    expect(after).toMatchObject({
      laterality: "L",
      view: "CC",
      imagerPixelSpacingMm: [0.1, 0.1],
      patientOrientation: before.patientOrientation,
    });
  });

  test("names neither patient, site, study, date nor device", () => {
    const text = Buffer.from(presentationCopy(original, "original")).toString("latin1");
    for (const secret of ["SECRET", "2.25.111", "2.25.222", "2.25.333", "20240101"]) {
      expect(Buffer.from(original).toString("latin1")).toContain(secret);
      expect(text).not.toContain(secret);
    }
  });
});

const directory = testData("transfer-syntaxes");
describe.skipIf(directory === undefined)("a real file", () => {
  test.each([
    "CT_small.dcm",
    "image_dfl.dcm",
    "JPEG2000.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_implicit.dcm",
    "MR_small_RLE.dcm",
  ])("%s decodes to the same values from its copy", async (name) => {
    const bytes = new Uint8Array(readFileSync(join(directory ?? "", "pydicom", name)));
    const valuesOf = async (file: Uint8Array) => {
      const { values } = await toGrayImage(readInstance(file, name));
      return Buffer.from(values.buffer);
    };
    expect((await valuesOf(presentationCopy(bytes, name))).equals(await valuesOf(bytes))).toBe(true);
  });
});
