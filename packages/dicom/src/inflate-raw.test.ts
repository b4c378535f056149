import { deflateSync } from "fflate";
import { describe, expect, it } from "vitest";
import { inflateRawWithin } from "./inflate-raw.ts";

describe("inflateRawWithin", () => {
  const zeros = deflateSync(new Uint8Array(1_000_000));

  it("gives back what was deflated, up to the limit itself", () => {
    const inflated = inflateRawWithin(zeros, 1_000_000);
    expect([inflated.length, inflated.some((byte) => byte !== 0)]).toEqual([1_000_000, false]);
  });

  it("stops a bomb at the limit", () => {
    expect(() => inflateRawWithin(zeros, 999_999)).toThrow(/may inflate to 999999 bytes/);
  });

  it("refuses an empty and a cut stream", () => {
    expect(() => inflateRawWithin(new Uint8Array(), 10)).toThrow(/unexpected EOF/);
    expect(() => inflateRawWithin(zeros.subarray(0, zeros.length - 4), 1_000_000)).toThrow(/unexpected EOF/);
  });
});
