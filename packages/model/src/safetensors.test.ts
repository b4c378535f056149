import { fc, test as propertyTest } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { encodeSafetensors, floatValues, parseSafetensors } from "./safetensors.ts";

const encoder = new TextEncoder();

/** A file with this header text and this many bytes of data. */
function fileOf(header: string | Uint8Array, dataBytes = 0, declared?: bigint): Uint8Array {
  const json = typeof header === "string" ? encoder.encode(header) : header;
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, declared ?? BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

const entry = (shape: unknown, offsets: unknown, dtype: unknown = "F32") =>
  JSON.stringify({ a: { dtype, shape, data_offsets: offsets } });

describe("parseSafetensors", () => {
  it("reads back what encodeSafetensors wrote, through an unaligned view too", () => {
    const tensors = [
      { name: "stem/kernel", shape: [2, 3], values: Float32Array.of(1, -2, 3.5, 0, 1e-30, -1e30) },
      { name: "bias", shape: [], values: Float32Array.of(7) },
      { name: "empty", shape: [0, 4], values: new Float32Array(0) },
      { name: "__proto__", shape: [1], values: Float32Array.of(1) },
    ];
    const bytes = encodeSafetensors(tensors, { source: "test" });
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const { metadata, tensors: read } = parseSafetensors(shifted.subarray(3), "test");
    expect([...metadata]).toEqual([["source", "test"]]);
    expect(
      [...read].map(([name, tensor]) => ({ name, shape: tensor.shape, values: floatValues(tensor, name) })),
    ).toEqual(tensors);
  });

  it.each<[string, Uint8Array]>([
    ["an empty file", new Uint8Array(0)],
    ["a header longer than the file", fileOf("{}", 0, 3n)],
    ["a header of 2⁶³ bytes", fileOf("{}", 0, 1n << 63n)],
    ["a header that is not JSON", fileOf("{")],
    ["a header that is not UTF-8", fileOf(Uint8Array.of(0x22, 0xff, 0x22))],
    ["a header that is an array", fileOf("[]")],
    ["a header that is null", fileOf("null")],
    ["a tensor that is a number", fileOf('{"a":1}')],
    ["an unknown type", fileOf(entry([1], [0, 4], "F8"), 4)],
    ["a type named like a method", fileOf(entry([1], [0, 4], "toString"), 4)],
    ["a negative side", fileOf(entry([-1], [0, 4]), 4)],
    ["a fractional side", fileOf(entry([1.5], [0, 6]), 6)],
    ["a shape that overflows", fileOf(entry([2 ** 30, 2 ** 30], [0, 4]), 4)],
    [
      "sides too many",
      fileOf(
        entry(
          Array.from({ length: 17 }, () => 1),
          [0, 4],
        ),
        4,
      ),
    ],
    ["offsets beyond the data", fileOf(entry([2], [0, 8]), 4)],
    ["offsets in reverse", fileOf(entry([1], [4, 0]), 4)],
    ["one offset", fileOf(entry([1], [0]), 4)],
    ["a size that does not fit the shape", fileOf(entry([2], [0, 4]), 4)],
    ["a gap before the first tensor", fileOf(entry([1], [4, 8]), 8)],
    ["data after the last tensor", fileOf(entry([1], [0, 4]), 8)],
    [
      "overlapping tensors",
      fileOf(
        '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
        8,
      ),
    ],
    ["metadata that is not text", fileOf('{"__metadata__":{"a":1}}')],
  ])("refuses %s", (_name, file) => {
    expect(() => parseSafetensors(file, "hostile")).toThrow(
      expect.objectContaining({ code: "weights-invalid" }),
    );
  });

  propertyTest.prop([fc.uint8Array({ maxLength: 200 })])("never fails but by its own refusal", (noise) => {
    for (const file of [noise, fileOf(noise)]) {
      try {
        parseSafetensors(file, "noise");
      } catch (error) {
        expect(error).toMatchObject({ code: "weights-invalid" });
      }
    }
  });
});

describe("floatValues", () => {
  const tensor = (dtype: "F16" | "BF16" | "F64" | "F32" | "I64", bytes: number[]) =>
    floatValues({ dtype, shape: [1], bytes: Uint8Array.from(bytes) }, "w");

  it.each([
    ["F16", [0x00, 0x3c], 1],
    ["F16", [0x00, 0xc1], -2.5],
    ["F16", [0x01, 0x00], 2 ** -24],
    ["F16", [0xff, 0x7b], 65504],
    ["BF16", [0x80, 0x3f], 1],
    ["BF16", [0x20, 0xc0], -2.5],
    ["F64", [0, 0, 0, 0, 0, 0, 0x04, 0xc0], -2.5],
  ] as const)("reads %s %j as %d", (dtype, bytes, value) => {
    expect([...tensor(dtype, [...bytes])]).toEqual([value]);
  });

  it.each([
    ["NaN", "F32", [0, 0, 0xc0, 0x7f]],
    ["infinity", "F16", [0x00, 0x7c]],
    ["a double beyond float32", "F64", [0, 0, 0, 0, 0, 0, 0xf0, 0x7e]],
    ["integers", "I64", [1, 0, 0, 0, 0, 0, 0, 0]],
  ] as const)("refuses %s", (_name, dtype, bytes) => {
    expect(() => tensor(dtype, [...bytes])).toThrow(expect.objectContaining({ code: "weights-invalid" }));
  });
});
