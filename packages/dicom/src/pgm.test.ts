import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDomainError } from "@crossread/contracts/errors";
import { describe, expect, it } from "vitest";
import { testData } from "../../../tests/testdata.ts";
import type { GrayImage } from "./gray-image.ts";
import { decodePgm, encodePgm } from "./pgm.ts";

const ascii = (text: string) => new TextEncoder().encode(text);
const mias = testData("mias");

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return isDomainError(error) ? error.code : `not a DomainError: ${String(error)}`;
  }
  return "accepted";
}

function gradient(widthPx: number, heightPx: number, maxValue: number): GrayImage {
  const count = widthPx * heightPx;
  const values = Float32Array.from(
    { length: count },
    (_, index) => ((index * 7919) % (maxValue + 1)) / maxValue,
  );
  return { widthPx, heightPx, values };
}

describe("decodePgm", () => {
  it("reads P5 with 8 bits, comments and odd white space", () => {
    const bytes = Uint8Array.from([...ascii("P5 # scanner\n3\t2\n# depth\n200\n"), 0, 50, 100, 150, 200, 20]);
    expect(decodePgm(bytes, "a.pgm")).toEqual({
      widthPx: 3,
      heightPx: 2,
      values: Float32Array.from([0, 0.25, 0.5, 0.75, 1, 0.1]),
    });
  });

  it("reads 16-bit samples most significant byte first", () => {
    const bytes = Uint8Array.from([...ascii("P5\n2 1\n1000\n"), 0x01, 0xf4, 0x03, 0xe8]);
    expect(decodePgm(bytes, "a.pgm").values).toEqual(Float32Array.from([0.5, 1]));
  });

  it("does not eat a first sample that looks like white space", () => {
    const bytes = Uint8Array.from([...ascii("P5\n2 1\n255\n"), 0x0a, 0x20]);
    expect(decodePgm(bytes, "a.pgm").values).toEqual(Float32Array.from([10 / 255, 32 / 255]));
  });

  it("reads plain P2", () => {
    expect(decodePgm(ascii("P2\n2 2\n4\n0 1\n2 4\n"), "a.pgm").values).toEqual(
      Float32Array.from([0, 0.25, 0.5, 1]),
    );
  });

  it("gives back what encodePgm wrote in both depths", () => {
    for (const maxValue of [255, 65535] as const) {
      const image = gradient(37, 11, maxValue);
      expect(decodePgm(encodePgm(image, maxValue), "a.pgm")).toEqual(image);
    }
  });

  it.each([
    ["a raster one byte short", Uint8Array.from([...ascii("P5\n2 2\n255\n"), 1, 2, 3]), "image-truncated"],
    ["a 16-bit raster one byte short", Uint8Array.from([...ascii("P5\n1 1\n256\n"), 1]), "image-truncated"],
    ["a header without maxval", ascii("P5\n2 2\n"), "image-truncated"],
    ["a plain file with too few samples", ascii("P2\n2 2\n255\n1 2 3\n"), "image-truncated"],
    ["a sample above maxval", Uint8Array.from([...ascii("P5\n1 1\n100\n"), 101]), "image-unreadable"],
    ["zero width", ascii("P5\n0 2\n255\n"), "image-unreadable"],
    ["a width that would exhaust memory", ascii("P5\n99999 99999\n255\n"), "image-unreadable"],
    ["a maxval above 65535", ascii("P5\n1 1\n65536\n  "), "image-unreadable"],
    ["a negative sample", ascii("P2\n1 1\n255\n-1\n"), "image-unreadable"],
    ["a PPM", ascii("P6\n1 1\n255\nabc"), "image-unreadable"],
    ["nothing", new Uint8Array(), "image-unreadable"],
  ])("refuses %s", (_, bytes, code) => {
    expect(codeOf(() => decodePgm(bytes, "a.pgm"))).toBe(code);
  });
});

describe.skipIf(mias === undefined)("decodePgm on mini-MIAS", () => {
  it("reads a film pixel by pixel and refuses it one byte short", () => {
    const bytes = readFileSync(join(mias ?? "", "pgm/mdb001.pgm"));
    const image = decodePgm(bytes, "mdb001.pgm");
    const raster = bytes.subarray(bytes.length - 1024 * 1024);
    expect([image.widthPx, image.heightPx]).toEqual([1024, 1024]);
    expect(image.values.every((value, index) => value === Math.fround(raster[index]! / 255))).toBe(true);
    expect(codeOf(() => decodePgm(bytes.subarray(0, bytes.length - 1), "mdb001.pgm"))).toBe(
      "image-truncated",
    );
  });
});
