import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDomainError } from "@crossread/contracts/errors";
import { createRandom } from "@crossread/metrics/random";
import { describe, expect, it } from "vitest";
import { testData } from "../../../tests/testdata.ts";
import { readImageFile } from "./image-file.ts";
import { encodePgm } from "./pgm.ts";
import { encodeGrayPng } from "./png.ts";
import { toGrayImage } from "./presentation.ts";
import { readInstance } from "./read-instance.ts";
import { type MammogramHeader, writeMammogram } from "./write-mammogram.ts";

const header: MammogramHeader = {
  subjectId: "S1",
  studyInstanceUid: "2.25.1",
  seriesInstanceUid: "2.25.2",
  sopInstanceUid: "2.25.3",
  studyDate: "20240101",
  laterality: "L",
  view: "CC",
  widthPx: 16,
  heightPx: 16,
  bitsStored: 8,
  photometricInterpretation: "MONOCHROME1",
  windows: [{ center: 128, width: 256 }],
  imagerPixelSpacingMm: [0.1, 0.1],
  manufacturer: "M",
  manufacturerModelName: "N",
  softwareVersions: "1",
};
const stored = Uint16Array.from({ length: 256 }, (_, index) => index);
const dicom = writeMammogram(header, stored);
const gray = { widthPx: 16, heightPx: 16, values: Float32Array.from(stored, (value) => (255 - value) / 255) };

async function outcome(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return "valid";
  } catch (error) {
    if (isDomainError(error)) return error.code;
    throw error;
  }
}

describe("readImageFile", () => {
  it("reads the same picture from DICOM, PGM and PNG, whatever the name says", async () => {
    const png = await readImageFile(await encodeGrayPng(gray, 8), "a.dcm");
    const pgm = await readImageFile(encodePgm(gray, 255), "a.png");
    const instance = await readImageFile(dicom, "a.pgm");
    expect([png.kind, pgm.kind, instance.kind]).toEqual(["png", "pgm", "dicom"]);
    expect(png.gray).toEqual(gray);
    expect(pgm.gray).toEqual(gray);
    expect(
      instance.gray.values.every((value, index) => Math.abs(value - (gray.values[index] ?? 9)) < 1e-6),
    ).toBe(true);
  });

  it.each([
    ["an empty file", new Uint8Array(), "image-truncated"],
    ["text", new TextEncoder().encode("image_id,label\n1,0\n"), "image-unreadable"],
    ["a PGM cut short", encodePgm(gray, 255).subarray(0, 100), "image-truncated"],
    ["a DICOM file cut short", dicom.subarray(0, dicom.length - 10), "image-truncated"],
    ["a preamble and nothing else", dicom.subarray(0, 132), "image-unreadable"],
    [
      "an image for processing",
      writeMammogram({ ...header, presentationIntent: "FOR PROCESSING", windows: [] }, stored),
      "image-kind-refused",
    ],
  ])("refuses %s in one sentence that names the file", async (_, bytes, code) => {
    const refusal = readImageFile(bytes, "case-7.img");
    await expect(refusal).rejects.toMatchObject({ name: "DomainError", code });
    await expect(refusal).rejects.toThrow(/^[^\n]*case-7\.img[^\n]*\.$/);
  });
});

describe("readImageFile on damaged files", () => {
  it("ends every truncation of a DICOM file in a refusal", async () => {
    for (let part = 0; part < 50; part++) {
      const cut = dicom.subarray(0, Math.floor((dicom.length * part) / 50));
      expect(await outcome(() => readImageFile(cut, "a.dcm"))).toMatch(/^image-/);
    }
  });

  it("ends every run of flipped bytes in a refusal or an image", async () => {
    const random = createRandom(42);
    for (let run = 0; run < 600; run++) {
      const damaged = dicom.slice();
      for (let flip = 0; flip < 1 + (run % 4); flip++) {
        damaged[random.nextInt(damaged.length)] = random.nextInt(256);
      }
      expect(await outcome(() => readImageFile(damaged, "a.dcm"))).toBeTypeOf("string");
    }
  });
});

const root = testData("transfer-syntaxes");

describe.skipIf(root === undefined)("decoding damaged files of each compression", () => {
  const present = async (bytes: Uint8Array) => toGrayImage(readInstance(bytes, "a.dcm"));

  it.each(["RLE", "jp2klossless", "jpeg_ls_lossless", "bigendian"])(
    "ends in a refusal or an image: %s",
    async (name) => {
      const file = Uint8Array.from(readFileSync(join(root ?? "", `pydicom/MR_small_${name}.dcm`)));
      for (let part = 0; part < 50; part += 2) {
        const cut = file.subarray(0, Math.floor((file.length * part) / 50));
        expect(await outcome(() => present(cut))).toMatch(/^image-/);
      }
      const random = createRandom(7);
      for (let run = 0; run < 40; run++) {
        const damaged = file.slice();
        for (let flip = 0; flip < 3; flip++) {
          damaged[random.nextInt(damaged.length)] = random.nextInt(256);
        }
        expect(await outcome(() => present(damaged))).toBeTypeOf("string");
      }
    },
    20_000,
  );
});
