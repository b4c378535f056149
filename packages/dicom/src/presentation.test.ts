import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { testData } from "../../../tests/testdata.ts";
import { type DicomAttributes, element, writePart10File } from "./part10-file.ts";
import {
  presentOn16Bits,
  presentRows,
  presentStoredValues,
  toGrayImage,
  windowTransform,
} from "./presentation.ts";
import { readInstance } from "./read-instance.ts";
import { type MammogramHeader, mammogramAttributes } from "./write-mammogram.ts";

const lutSchema = z.strictObject({ first: z.number(), bits: z.number(), entries: z.array(z.number()) });
type Lut = z.infer<typeof lutSchema>;
const goldenCases = z
  .array(
    z.strictObject({
      name: z.string(),
      stored: z.array(z.number()),
      isSigned: z.boolean(),
      photometricInterpretation: z.enum(["MONOCHROME1", "MONOCHROME2"]),
      presentationLutShape: z.string().nullable(),
      rescale: z.tuple([z.number(), z.number()]),
      modalityLut: lutSchema.nullable(),
      windows: z.array(z.tuple([z.number(), z.number()])),
      voiLutFunction: z.string(),
      voiLut: lutSchema.nullable(),
      expected: z.array(z.number()),
    }),
  )
  .parse(JSON.parse(readFileSync(new URL("../golden/presentation/cases.json", import.meta.url), "utf8")));

const realFiles = z
  .array(z.strictObject({ name: z.string(), top: z.number(), sha256: z.string() }))
  .parse(
    JSON.parse(readFileSync(new URL("../golden/presentation/real-files.json", import.meta.url), "utf8")),
  );

const header: MammogramHeader = {
  subjectId: "S1",
  studyInstanceUid: "2.25.1",
  seriesInstanceUid: "2.25.2",
  sopInstanceUid: "2.25.3",
  studyDate: "20240101",
  laterality: "L",
  view: "CC",
  widthPx: 1,
  heightPx: 1,
  bitsStored: 12,
  photometricInterpretation: "MONOCHROME2",
  windows: [{ center: 1, width: 1 }],
  imagerPixelSpacingMm: [0.1, 0.1],
  manufacturer: "M",
  manufacturerModelName: "N",
  softwareVersions: "1",
};

const us = (...values: number[]) => element("US", ...values);
const lutItem = ({ first, bits, entries }: Lut): DicomAttributes => ({
  "00283002": us(entries.length === 65536 ? 0 : entries.length, first & 0xffff, bits),
  "00283006": element("OW", Uint16Array.from(entries).buffer),
});

/** A file of one row with the given changes to a plain MONOCHROME2 mammogram without VOI. */
function fileOf(stored: readonly number[], changes: DicomAttributes): Uint8Array {
  const pixels = Uint16Array.from(stored, (value) => value & 0xfff);
  const plain = mammogramAttributes({ ...header, widthPx: stored.length }, pixels);
  const without = new Set(["00281050", "00281051", "00281056", "20500020"]);
  const kept = Object.fromEntries(Object.entries(plain).filter(([tag]) => !without.has(tag)));
  return writePart10File({ ...kept, ...changes });
}

const present = async (stored: readonly number[], changes: DicomAttributes) =>
  toGrayImage(readInstance(fileOf(stored, changes), "a.dcm"));

const ds = (...values: number[]) => element("DS", ...values.map(String));

describe("toGrayImage against pydicom", () => {
  it.each(goldenCases)("$name", async (golden) => {
    const image = await present(golden.stored, {
      "00280004": element("CS", golden.photometricInterpretation),
      "00280103": us(golden.isSigned ? 1 : 0),
      "00281053": ds(golden.rescale[0]),
      "00281052": ds(golden.rescale[1]),
      ...(golden.presentationLutShape === null
        ? {}
        : { "20500020": element("CS", golden.presentationLutShape) }),
      ...(golden.modalityLut === null ? {} : { "00283000": element("SQ", lutItem(golden.modalityLut)) }),
      ...(golden.voiLut === null ? {} : { "00283010": element("SQ", lutItem(golden.voiLut)) }),
      ...(golden.windows.length === 0
        ? {}
        : {
            "00281050": ds(...golden.windows.map(([center]) => center)),
            "00281051": ds(...golden.windows.map(([, width]) => width)),
            "00281056": element("CS", golden.voiLutFunction),
          }),
    });
    expect(image.widthPx).toBe(golden.stored.length);
    expect(
      golden.expected.map((value, index) => Math.abs(value - (image.values[index] ?? 9)) < 1e-6),
    ).toEqual(golden.expected.map(() => true));
  });
});

const pydicomFiles = testData("transfer-syntaxes");

describe.skipIf(pydicomFiles === undefined)("toGrayImage on real lookup tables, against pydicom", () => {
  it.each(realFiles)("$name", async ({ name, top, sha256 }) => {
    const bytes = readFileSync(join(pydicomFiles ?? "", "pydicom", name));
    const { values } = await toGrayImage(readInstance(bytes, name));
    const levels = Uint16Array.from(values, (value) => Math.round(value * top));
    expect(createHash("sha256").update(new Uint8Array(levels.buffer)).digest("hex")).toBe(sha256);
  });
});

/** The standard's own pseudo-code (PS3.3 C.11.2.1.2 and C.11.2.1.3) for an output of [0, 1]. */
function naiveWindow(x: number, c: number, w: number): { linear: number; exact: number; sigmoid: number } {
  const linear =
    x <= c - 0.5 - (w - 1) / 2 ? 0 : x > c - 0.5 + (w - 1) / 2 ? 1 : (x - (c - 0.5)) / (w - 1) + 0.5;
  const exact = x <= c - w / 2 ? 0 : x > c + w / 2 ? 1 : (x - c) / w + 0.5;
  return { linear, exact, sigmoid: 1 / (1 + Math.exp((-4 * (x - c)) / w)) };
}

describe("windowTransform", () => {
  it("follows the standard's pseudo-code over its whole range", () => {
    for (const [center, width] of [
      [2048, 4096],
      [0, 100],
      [10, 1],
      [10.5, 2],
      [128, 255.5],
    ] as const) {
      for (let x = -300; x <= 4200; x += 7) {
        const naive = naiveWindow(x, center, width);
        const window = { center, width };
        expect(windowTransform(window, "LINEAR")(x)).toBe(naive.linear);
        expect(windowTransform(window, "LINEAR_EXACT")(x)).toBe(naive.exact);
        expect(windowTransform(window, "SIGMOID")(x)).toBeCloseTo(naive.sigmoid, 12);
      }
    }
  });

  it("has the standard's example: center 2048, width 4096 maps 0 to 0, 2048 just above a half, 4095 to 1", () => {
    const linear = windowTransform({ center: 2048, width: 4096 }, "LINEAR");
    expect([linear(0), linear(4095)]).toEqual([0, 1]);
    expect(linear(2048)).toBeCloseTo(2048 / 4095, 12);
  });

  it("is a step for LINEAR of width 1", () => {
    const step = windowTransform({ center: 100, width: 1 }, "LINEAR");
    expect([99, 100].map(step)).toEqual([0, 1]);
  });
});

describe("toGrayImage on what vendors write", () => {
  const window = { "00281050": ds(2048), "00281051": ds(4096) };

  it("takes the VOI LUT where a window stands beside it", async () => {
    const lut = { first: 0, bits: 8, entries: [0, 255, 51] };
    const image = await present([0, 1, 2, 9], { ...window, "00283010": element("SQ", lutItem(lut)) });
    expect(image.values).toEqual(Float32Array.from([0, 1, 0.2, 0.2]));
  });

  it("reads a LUT descriptor of 0 entries as 65536", async () => {
    const lut = { first: 0, bits: 16, entries: Array.from({ length: 65536 }, (_, index) => index) };
    const image = await present([0, 4095], { "00283010": element("SQ", lutItem(lut)) });
    expect(image.values).toEqual(Float32Array.from([0, 4095 / 65535]));
  });

  it("reads a first mapped value below 0 where unsigned values are rescaled to below 0", async () => {
    const lut = { first: -100, bits: 8, entries: [0, 51, 255] };
    const rescaled = { "00281053": ds(1), "00281052": ds(-100) };
    const image = await present([0, 1, 2], { ...rescaled, "00283010": element("SQ", lutItem(lut)) });
    expect(image.values).toEqual(Float32Array.from([0, 0.2, 1]));
  });

  it("reads LUT entries of 8 bits two to a word, and one to a word", async () => {
    const item = (data: ArrayBuffer): DicomAttributes => ({
      "00283010": element("SQ", { "00283002": us(4, 0, 8), "00283006": element("OW", data) }),
    });
    const shown = Float32Array.from([0, 1, 51, 255], (value) => value / 255);
    const packed = Uint8Array.of(0, 1, 51, 255).buffer;
    const wide = Uint16Array.of(0, 1, 51, 255).buffer;
    expect((await present([0, 1, 2, 3], item(packed))).values).toEqual(shown);
    expect((await present([0, 1, 2, 3], item(wide))).values).toEqual(shown);
  });

  it("takes as many bits as the entries need where the descriptor declares fewer", async () => {
    const lut = { first: 0, bits: 8, entries: [0, 1023, 512] };
    const image = await present([0, 1, 2], { "00283010": element("SQ", lutItem(lut)) });
    expect(image.values).toEqual(Float32Array.from([0, 1, 512 / 1023]));
  });

  it("takes the first of several LUTs and of several windows", async () => {
    const first = lutItem({ first: 0, bits: 8, entries: [0, 255] });
    const second = lutItem({ first: 0, bits: 8, entries: [255, 0] });
    const image = await present([0, 1], { "00283010": element("SQ", first, second) });
    expect(image.values).toEqual(Float32Array.from([0, 1]));
    const windows = { "00281050": ds(2048, 10), "00281051": ds(4096, 10) };
    expect((await present([4095], windows)).values[0]).toBe(1);
    expect((await present([10], windows)).values[0]).toBeLessThan(0.01);
  });

  it.each(["GE MEDICAL SYSTEMS", "HOLOGIC, Inc.", "SIEMENS", "FUJIFILM Corporation"])(
    "shows the same picture whether or not the file names %s as its vendor",
    async (vendor) => {
      const lut = { first: 0, bits: 10, entries: [0, 300, 1023] };
      const own = { ...window, "00283010": element("SQ", lutItem(lut)) };
      const named = { ...own, "00080070": element("LO", vendor), "0008103E": element("LO", "L CC C-View") };
      expect(await present([0, 1, 2], named)).toEqual(await present([0, 1, 2], own));
    },
  );

  it.each([
    ["padded", ["SIGMOID "]],
    ["lower", ["sigmoid"]],
    ["repeated", ["SIGMOID", "SIGMOID"]],
  ])("reads the VOI LUT Function written %s", async (_, values) => {
    const image = await present([2048], { ...window, "00281056": element("CS", ...values) });
    expect(image.values[0]).toBe(0.5);
  });

  it("takes an empty VOI LUT Function for LINEAR", async () => {
    const image = await present([0, 4095], { ...window, "00281056": element("CS", "") });
    expect(image.values).toEqual(Float32Array.from([0, 1]));
  });

  it("accepts the VOI LUT Function in another case", async () => {
    const image = await present([2048, 2049], { ...window, "00281056": element("CS", "sigmoid") });
    expect(image.values[0]).toBe(0.5);
  });

  it("shows padding as background and leaves it out of min–max, also when inverted", async () => {
    const padded = { "00280120": us(0) };
    expect((await present([0, 100, 300], padded)).values).toEqual(Float32Array.from([0, 0, 1]));
    const inverted = { ...padded, "00280004": element("CS", "MONOCHROME1") };
    expect((await present([0, 100, 300], inverted)).values).toEqual(Float32Array.from([0, 1, 0]));
  });

  it("takes a padding range from value to limit", async () => {
    const image = await present([4000, 4095, 100, 300], { "00280120": us(4095), "00280121": us(4000) });
    expect(image.values).toEqual(Float32Array.from([0, 0, 0, 1]));
  });

  it("gives zeros for a constant image without a window", async () => {
    expect((await present([7, 7], {})).values).toEqual(Float32Array.from([0, 0]));
  });

  it("drops the bits above Bits Stored", async () => {
    const bytes = fileOf([1, 2], window);
    const instance = readInstance(bytes, "a.dcm");
    const dirty = { ...instance, pixel: { ...instance.pixel, bitsStored: 4, highBit: 3 } };
    const { decodePixelData } = await import("./pixel-data.ts");
    const overlay = Uint8Array.from([0xf1, 0xff, 0x02, 0x00]);
    const encoded = { kind: "native", bytes: overlay, isBigEndian: false } as const;
    expect(await decodePixelData({ ...dirty, pixel: { ...dirty.pixel, encoded } })).toEqual(
      Uint16Array.from([1, 2]),
    );
  });

  it.each([
    ["a LINEAR window of width 0", { "00281050": ds(5), "00281051": ds(0) }],
    ["a SIGMOID of width 0", { "00281050": ds(5), "00281051": ds(0), "00281056": element("CS", "SIGMOID") }],
    ["a center without a width", { "00281050": ds(5) }],
    ["a window that is no number", { "00281050": element("DS", "x"), "00281051": ds(1) }],
    ["an unknown VOI LUT Function", { ...window, "00281056": element("CS", "CUBIC") }],
    ["a rescale slope of 0", { "00281053": ds(0) }],
    ["colour", { "00280004": element("CS", "RGB") }],
    [
      "a LUT shorter than it says",
      { "00283010": element("SQ", { "00283002": us(9, 0, 8), "00283006": us(1, 2) }) },
    ],
  ])("refuses %s", async (_, changes) => {
    await expect(present([1, 2], changes)).rejects.toMatchObject({ name: "DomainError" });
  });

  it("gives the same values row by row", () => {
    const instance = readInstance(fileOf([5, 4095, 0, 77], window), "a.dcm");
    const stored = Uint16Array.of(5, 4095, 0, 77);
    const rows: number[] = [];
    presentRows(instance, stored, (row) => rows.push(...row));
    const { values } = presentStoredValues(instance, stored);
    expect(rows).toEqual([...values]);
    expect([...presentOn16Bits(instance, stored)]).toEqual(
      [...values].map((value) => Math.floor(value * 65_535 + 0.5)),
    );
  });

  it("takes any stored value of the declared bits", () => {
    const instance = readInstance(fileOf([0], window), "a.dcm");
    const every = Uint16Array.from({ length: 4096 }, (_, index) => index);
    const { values } = presentStoredValues(instance, every);
    expect(values.every((value, index) => value === Math.fround(naiveWindow(index, 2048, 4096).linear))).toBe(
      true,
    );
  });
});
