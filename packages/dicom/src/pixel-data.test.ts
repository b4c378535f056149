import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deflateSync } from "fflate";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { testData } from "../../../tests/testdata.ts";
import { decodePixelData } from "./pixel-data.ts";
import { readInstance } from "./read-instance.ts";
import { decodeRleFrame } from "./rle-lossless.ts";
import { type MammogramHeader, writeMammogram } from "./write-mammogram.ts";

const root = testData("transfer-syntaxes");

async function decode(name: string) {
  return decodePixelData(readInstance(readFileSync(join(root ?? "", name)), name));
}

function largestDifference(left: ArrayLike<number>, right: ArrayLike<number>): number {
  expect(left.length).toBe(right.length);
  let largest = 0;
  for (let index = 0; index < left.length; index++) {
    largest = Math.max(largest, Math.abs(left[index]! - right[index]!));
  }
  return largest;
}

describe.skipIf(root === undefined)("decodePixelData on one CT in every transfer syntax", () => {
  const reference = "ctimage-cornerstone/CTImage.dcm";

  it.each([
    "LittleEndianImplicitTransferSyntax_1.2.840.10008.1.2",
    "LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1",
    "DeflatedExplicitVRLittleEndianTransferSyntax_1.2.840.10008.1.2.1.99",
    "BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2",
    "RLELosslessTransferSyntax_1.2.840.10008.1.2.5",
    "JPEGProcess14TransferSyntax_1.2.840.10008.1.2.4.57",
    "JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70",
    "JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80",
    "JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90",
  ])("gives the reference's pixels exactly from %s", async (name) => {
    expect(largestDifference(await decode(`${reference}_${name}.dcm`), await decode(reference))).toBe(0);
  });

  it.each([
    ["JPEGLSLossyTransferSyntax_1.2.840.10008.1.2.4.81", 1],
    ["JPEG2000TransferSyntax_1.2.840.10008.1.2.4.91", 5],
  ])("stays as near as the lossy %s was encoded", async (name, tolerance) => {
    const difference = largestDifference(await decode(`${reference}_${name}.dcm`), await decode(reference));
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThanOrEqual(tolerance);
  });

  it("gives the 8-bit baseline JPEG's pixels, the CT squeezed into 8 bits", async () => {
    const [eight, full] = await Promise.all([
      decode(`${reference}_JPEGProcess1TransferSyntax_1.2.840.10008.1.2.4.50.dcm`),
      decode(reference),
    ]);
    expect(correlation(eight, full)).toBeGreaterThan(0.995);
  });

  it.each([
    "JPEGProcess6_8TransferSyntax_1.2.840.10008.1.2.4.53",
    "JPEGProcess10_12TransferSyntax_1.2.840.10008.1.2.4.55",
  ])("says that it does not support %s", async (name) => {
    await expect(decode(`${reference}_${name}.dcm`)).rejects.toMatchObject({
      code: "transfer-syntax-unsupported",
    });
  });
});

const digests = z
  .record(z.string(), z.strictObject({ syntax: z.string(), sha256: z.string() }))
  .parse(JSON.parse(readFileSync(new URL("../golden/real-files/digests.json", import.meta.url), "utf8")));

/** Progressive JPEG, retired long ago. */
const retired = new Set(["1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.55"]);
const realFiles = Object.entries(digests).filter(([, { syntax }]) => !retired.has(syntax));

describe.skipIf(root === undefined)("decodePixelData on real files, against dcmtk and GDCM", () => {
  it.each(realFiles)(
    "gives the same stored values from %s",
    async (name, { sha256 }) => {
      const bytes = readFileSync(join(dirname(root ?? ""), name));
      const values = Int32Array.from(await decodePixelData(readInstance(bytes, name)));
      expect(createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex")).toBe(sha256);
    },
    120_000,
  );
});

describe.skipIf(root === undefined)("decodePixelData on pydicom's pairs", () => {
  it.each([
    ["MR_small_RLE.dcm", "MR_small.dcm"],
    ["MR_small_bigendian.dcm", "MR_small.dcm"],
    ["MR_small_implicit.dcm", "MR_small.dcm"],
    ["MR_small_jp2klossless.dcm", "MR_small.dcm"],
    ["MR_small_jpeg_ls_lossless.dcm", "MR_small.dcm"],
    ["MR_small_padded.dcm", "MR_small.dcm"],
    ["693_J2KR.dcm", "693_UNCR.dcm"],
    ["MR2_J2KR.dcm", "MR2_UNCR.dcm"],
    ["OBXXXX1A_rle.dcm", "OBXXXX1A.dcm"],
    ["gdcm-US-ALOKA-16_big.dcm", "gdcm-US-ALOKA-16.dcm"],
  ])("reads the same pixels from %s and %s", async (encoded, plain) => {
    const difference = largestDifference(
      await decode(`pydicom/${encoded}`),
      await decode(`pydicom/${plain}`),
    );
    expect(difference).toBe(0);
  });

  it.each([
    ["emri_small.dcm", "image-kind-refused"],
    ["SC_rgb.dcm", "image-kind-refused"],
    ["rtdose_1frame.dcm", "image-kind-refused"],
    ["liver_1frame.dcm", "image-kind-refused"],
    ["MR_truncated.dcm", "image-truncated"],
    ["test-SR.dcm", "image-kind-refused"],
    ["rtplan_truncated.dcm", "image-truncated"],
    ["meta_missing_tsyntax.dcm", "image-unreadable"],
  ])("refuses %s as %s", async (name, code) => {
    await expect((async () => decode(`pydicom/${name}`))()).rejects.toMatchObject({
      name: "DomainError",
      code,
    });
  });
});

function correlation(left: ArrayLike<number>, right: ArrayLike<number>): number {
  const n = left.length;
  const sums = { x: 0, y: 0, xx: 0, yy: 0, xy: 0 };
  for (let index = 0; index < n; index++) {
    const x = left[index]!;
    const y = right[index]!;
    sums.x += x;
    sums.y += y;
    sums.xx += x * x;
    sums.yy += y * y;
    sums.xy += x * y;
  }
  const covariance = sums.xy - (sums.x * sums.y) / n;
  return covariance / Math.sqrt((sums.xx - sums.x ** 2 / n) * (sums.yy - sums.y ** 2 / n));
}

const header: MammogramHeader = {
  subjectId: "S1",
  studyInstanceUid: "2.25.1",
  seriesInstanceUid: "2.25.2",
  sopInstanceUid: "2.25.3",
  studyDate: "20240101",
  laterality: "L",
  view: "CC",
  widthPx: 40,
  heightPx: 30,
  bitsStored: 16,
  photometricInterpretation: "MONOCHROME2",
  windows: [{ center: 1, width: 1 }],
  imagerPixelSpacingMm: [0.1, 0.1],
  manufacturer: "M",
  manufacturerModelName: "N",
  softwareVersions: "1",
};
const pixels = Uint16Array.from({ length: 1200 }, (_, index) => (index * 48271) % 65536);

/** The same data set under another transfer syntax UID, deflated if that is what the UID says. */
function deflated(file: Uint8Array): Uint8Array {
  const metaEnd = 144 + new DataView(file.buffer).getUint32(140, true);
  const uid = new TextEncoder().encode("1.2.840.10008.1.2.1.99");
  const head = Array.from(file.subarray(0, metaEnd));
  const at = new TextDecoder("latin1").decode(file.subarray(0, metaEnd)).indexOf("1.2.840.10008.1.2.1\0");
  head.splice(at - 2, 22, uid.length, 0, ...uid);
  head[140] = (head[140] ?? 0) + 2;
  return Uint8Array.from([...head, ...deflateSync(file.subarray(metaEnd))]);
}

describe("decodePixelData on files made here", () => {
  const file = writeMammogram(header, pixels);
  const instance = readInstance(file, "a.dcm");

  it("inflates a deflated data set", async () => {
    expect(await decodePixelData(readInstance(deflated(file), "a.dcm"))).toEqual(pixels);
  });

  it("says that a deflated data set cut short is truncated", () => {
    const cut = deflated(file);
    expect(() => readInstance(cut.subarray(0, cut.length - 300), "a.dcm")).toThrow(
      expect.objectContaining({ code: "image-truncated" }),
    );
  });

  it("refuses more rows × columns than pixels, before allocating", async () => {
    const { pixel } = instance;
    await expect(decodePixelData({ ...instance, pixel: { ...pixel, rows: 31 } })).rejects.toMatchObject({
      code: "image-truncated",
    });
  });

  it("reads signed values by Bits Stored and High Bit", async () => {
    const { pixel } = instance;
    const twelve = { ...pixel, rows: 1, columns: 3, bitsStored: 12, highBit: 14, isSigned: true };
    const encoded = {
      kind: "native",
      isBigEndian: false,
      bytes: Uint8Array.of(8, 0, 0xf8, 0x3f, 0, 0x40),
    } as const;
    const values = await decodePixelData({ ...instance, pixel: { ...twelve, encoded } });
    expect(values).toEqual(Int16Array.from([1, 2047, -2048]));
  });

  it("refuses encapsulated pixels under a native transfer syntax", async () => {
    const encoded = { kind: "encapsulated", bytes: new Uint8Array(4) } as const;
    await expect(
      decodePixelData({ ...instance, pixel: { ...instance.pixel, encoded } }),
    ).rejects.toMatchObject({
      code: "image-unreadable",
    });
  });
});

/** Lossless HTJ2K by OpenJPH's own encoder: no file of that syntax is at hand. */
async function encodeHtj2k(values: Uint16Array | Int16Array, isSigned: boolean): Promise<Uint8Array> {
  const { default: load } = await import("@cornerstonejs/codec-openjph/wasmjs");
  const encoder = new (await load({ print: () => undefined })).HTJ2KEncoder();
  const frame = {
    width: 40,
    height: 30,
    bitsPerSample: 16,
    componentCount: 1,
    isSigned,
    isUsingColorTransform: false,
  };
  encoder.getDecodedBuffer(frame).set(new Uint8Array(values.buffer));
  encoder.setQuality(true, 0);
  encoder.encode();
  return Uint8Array.from(encoder.getEncodedBuffer());
}

describe("decodePixelData on HTJ2K", () => {
  const instance = readInstance(writeMammogram(header, pixels), "a.dcm");

  it.each([
    ["unsigned", pixels],
    ["signed", Int16Array.from(pixels)],
  ] as const)("gives back %s pixels exactly", async (sign, values) => {
    const isSigned = sign === "signed";
    const encoded = { kind: "encapsulated", bytes: await encodeHtj2k(values, isSigned) } as const;
    const decoded = await decodePixelData({
      ...instance,
      transferSyntaxUid: "1.2.840.10008.1.2.4.201",
      pixel: { ...instance.pixel, isSigned, encoded },
    });
    expect(decoded).toEqual(values);
  });

  it("refuses a codestream of another size than the header's before decoding it", async () => {
    const encoded = { kind: "encapsulated", bytes: await encodeHtj2k(pixels, false) } as const;
    const smaller = { ...instance.pixel, rows: 29, encoded };
    const htj2k = { ...instance, transferSyntaxUid: "1.2.840.10008.1.2.4.201", pixel: smaller };
    await expect(decodePixelData(htj2k)).rejects.toThrow(/declares 40 × 29/);
  });
});

describe("decodeRleFrame", () => {
  const frame = (segments: number[][]) => {
    const starts = segments.map((_, index) => 64 + segments.slice(0, index).flat().length);
    const words = Uint32Array.from({ length: 16 }, (_, index) => [segments.length, ...starts][index] ?? 0);
    return Uint8Array.from([...new Uint8Array(words.buffer), ...segments.flat()]);
  };
  const options = { pixelCount: 6, bytesPerPixel: 1, fileName: "a.dcm" };

  it("decodes the literal and the replicate run and skips −128 (PS3.5 G.3.2)", () => {
    const bytes = frame([[2, 7, 8, 9, 128, 254, 5]]);
    expect(decodeRleFrame(bytes, options)).toEqual(Uint8Array.of(7, 8, 9, 5, 5, 5));
  });

  it("joins two segments, most significant byte first", () => {
    const bytes = frame([
      [251, 1],
      [5, 0, 1, 2, 3, 4, 5],
    ]);
    const words = Uint16Array.of(256, 257, 258, 259, 260, 261);
    expect(decodeRleFrame(bytes, { ...options, bytesPerPixel: 2 })).toEqual(words);
  });

  it.each([
    ["a run cut off", frame([[5, 1, 2]]), "image-truncated"],
    ["a repeated byte cut off", frame([[251]]), "image-truncated"],
    ["too few pixels", frame([[254, 5]]), "image-truncated"],
    [
      "another number of segments",
      frame([
        [251, 1],
        [251, 1],
      ]),
      "image-unreadable",
    ],
    ["a header cut off", new Uint8Array(63), "image-truncated"],
  ])("refuses %s", (_, bytes, code) => {
    expect(() => decodeRleFrame(bytes, options)).toThrow(expect.objectContaining({ code }));
  });
});
