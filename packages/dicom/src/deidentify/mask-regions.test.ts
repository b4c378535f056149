import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testData } from "../../../../tests/testdata.ts";
import { decodePixelData } from "../pixel-data.ts";
import { readInstance } from "../read-instance.ts";
import { writeMammogram, type MammogramHeader } from "../write-mammogram.ts";
import { crossreadMammography } from "./confidentiality-profile.ts";
import { deidentify } from "./deidentify.ts";

const directory = testData("transfer-syntaxes");
const options = { profile: crossreadMammography, siteKey: new Uint8Array(32).fill(2), fileName: "file" };
const masks = [{ xPx: 10, yPx: 20, widthPx: 30, heightPx: 5 }];
const mammogramHeader: MammogramHeader = {
  subjectId: "4711",
  studyInstanceUid: "1.2.3",
  seriesInstanceUid: "1.2.3.1",
  sopInstanceUid: "1.2.3.1.1",
  studyDate: "20240307",
  laterality: "L",
  view: "MLO",
  widthPx: 8,
  heightPx: 12,
  bitsStored: 12,
  photometricInterpretation: "MONOCHROME2",
  windows: [{ center: 2048, width: 4096 }],
  imagerPixelSpacingMm: [0.07, 0.07],
  manufacturer: "m",
  manufacturerModelName: "n",
  softwareVersions: "1",
};
const files = [
  "pydicom/CT_small.dcm",
  "pydicom/MR_small_bigendian.dcm",
  "pydicom/MR_small_implicit.dcm",
  "pydicom/MR_small_RLE.dcm",
  "pydicom/MR_small_jp2klossless.dcm",
];

describe.skipIf(directory === undefined)("masking", () => {
  for (const name of files) {
    test(`blackens the regions of ${name} and nothing else, and says so once and for all`, async () => {
      const bytes = new Uint8Array(await readFile(join(directory ?? "", name)));
      const before = await decodePixelData(readInstance(bytes, name));
      const masked = await deidentify(bytes, { ...options, masks });
      const instance = readInstance(masked.bytes, name);
      expect(instance).toMatchObject({
        transferSyntaxUid: "1.2.840.10008.1.2.1",
        hasBurnedInAnnotation: false,
      });
      const after = await decodePixelData(instance);
      const least = Math.min(...before);
      const { columns } = instance.pixel;
      const expected = Array.from(before, (value, index) => {
        const x = index % columns;
        const y = Math.floor(index / columns);
        return x >= 10 && x < 40 && y >= 20 && y < 25 ? least : value;
      });
      expect(Array.from(after)).toEqual(expected);
      const again = await deidentify(masked.bytes, options);
      expect(Buffer.from(again.bytes).equals(masked.bytes)).toBe(true);
      expect(new TextDecoder("latin1").decode(masked.bytes)).toContain("113101");
    });
  }
});

describe("the bits of a masked image", () => {
  const pixels = Uint16Array.from({ length: 96 }, (_, index) => 100 + ((index * 37) % 3_000));
  const stored = (photometricInterpretation: "MONOCHROME1" | "MONOCHROME2", shift: number) => {
    const bytes = Buffer.from(writeMammogram({ ...mammogramHeader, photometricInterpretation }, pixels));
    const start = bytes.length - 2 * pixels.length;
    for (const [index, value] of pixels.entries()) bytes.writeUInt16LE(value << shift, start + 2 * index);
    // (0028,0102) High Bit, US
    bytes.writeUInt16LE(11 + shift, bytes.indexOf(Buffer.from([0x28, 0x00, 0x02, 0x01, 0x55, 0x53])) + 8);
    return new Uint8Array(bytes);
  };

  test.each([
    ["MONOCHROME2", 0, Math.min(...pixels)],
    ["MONOCHROME1", 0, Math.max(...pixels)],
    ["MONOCHROME2", 4, Math.min(...pixels)],
  ] as const)("of %s, stored %i bits higher, hold what is black there", async (photometric, shift, black) => {
    const bytes = stored(photometric, shift);
    const small = [{ xPx: 2, yPx: 1, widthPx: 3, heightPx: 2 }];
    const masked = await deidentify(bytes, { ...options, masks: small });
    const after = await decodePixelData(readInstance(masked.bytes, "file"));
    const expected = Array.from(pixels, (value, index) => {
      const [x, y] = [index % 8, Math.floor(index / 8)];
      return x >= 2 && x < 5 && y >= 1 && y < 3 ? black : value;
    });
    expect(Array.from(after)).toEqual(expected);
  });
});

describe.skipIf(directory === undefined)("a file that says that something is burned in", () => {
  const annotated = async (name: string) => {
    const bytes = Buffer.from(await readFile(join(directory ?? "", name)));
    // Any attribute of six bytes before it will do: (0028,0103) Pixel Representation, US, gets a neighbour.
    const at = bytes.indexOf(Buffer.from([0x28, 0x00, 0x03, 0x01, 0x55, 0x53]));
    const flag = Buffer.from([0x28, 0x00, 0x01, 0x03, 0x43, 0x53, 0x04, 0x00, 0x59, 0x45, 0x53, 0x20]);
    return new Uint8Array(Buffer.concat([bytes.subarray(0, at + 10), flag, bytes.subarray(at + 10)]));
  };

  test("is never called clean, and refused where its pixels cannot be decoded", async () => {
    const checked = { ...options, pixels: "check" } as const;
    const gray = await deidentify(await annotated("pydicom/MR_small_RLE.dcm"), checked);
    expect(gray.pixels.status).toBe("suspected-text");
    const colour = await annotated("pydicom/SC_rgb_rle.dcm");
    await expect(deidentify(colour, checked)).rejects.toMatchObject({ code: "burned-in-text" });
    expect((await deidentify(colour, options)).pixels.status).toBe("unchecked");
  });
});
