import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { decodePixelData } from "./pixel-data.ts";
import { readInstance } from "./read-instance.ts";

const golden = z
  .strictObject({
    pictures: z.record(z.string(), z.string()),
    cases: z.array(
      z.strictObject({
        name: z.string(),
        transferSyntaxUid: z.string(),
        tolerance: z.number(),
        file: z.string(),
        expected: z.string(),
      }),
    ),
  })
  .parse(
    JSON.parse(readFileSync(new URL("../golden/transfer-syntaxes/cases.json", import.meta.url), "utf8")),
  );

function picture(name: string): number[] {
  const bytes = Uint8Array.from(Buffer.from(golden.pictures[name] ?? "", "base64"));
  return [...new Int32Array(bytes.buffer)];
}

describe("decodePixelData against the encoders' originals and the native decoders", () => {
  it.each(golden.cases)("$name", async ({ file, transferSyntaxUid, tolerance, expected, name }) => {
    const instance = readInstance(new Uint8Array(Buffer.from(file, "base64")), name);
    expect(instance.transferSyntaxUid).toBe(transferSyntaxUid);
    const stored = [...(await decodePixelData(instance))];
    const truth = picture(expected);
    expect(stored.length).toBe(truth.length);
    const differences = truth.map((value, index) => Math.abs(value - (stored[index] ?? Number.NaN)));
    expect(Math.max(...differences)).toBeLessThanOrEqual(tolerance);
  });

  it("covers every transfer syntax that is decoded", () => {
    const uids = new Set(golden.cases.map(({ transferSyntaxUid }) => transferSyntaxUid));
    const suffixes = [
      "2",
      "2.1",
      "2.1.99",
      "2.2",
      "2.5",
      ...[50, 51, 57, 70, 80, 81, 90, 91].map((n) => `2.4.${n}`),
    ];
    const highThroughput = ["2.4.201", "2.4.202", "2.4.203"];
    expect([...uids].toSorted()).toEqual(
      [...suffixes, ...highThroughput].map((suffix) => `1.2.840.10008.1.${suffix}`).toSorted(),
    );
  });
});
