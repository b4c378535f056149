import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { zeroCodestreamComments } from "./clean-codestream.ts";
import { findElement, pixelDataTag } from "./data-element.ts";
import { parseDicomFile } from "./parse-data-set.ts";

const golden = new URL("../../golden/transfer-syntaxes/cases.json", import.meta.url);
const { cases } = z
  .object({ cases: z.array(z.looseObject({ transferSyntaxUid: z.string(), file: z.base64() })) })
  .parse(JSON.parse(readFileSync(golden, "utf8")));
const compressed = cases.filter(({ transferSyntaxUid }) => /\.4\.\d+$/.test(transferSyntaxUid));

/** The only frame, in however many fragments. */
function frameOf(file: string): Uint8Array {
  const { elements } = parseDicomFile(new Uint8Array(Buffer.from(file, "base64")), "file");
  const value = findElement(elements, pixelDataTag)?.value;
  return value?.kind === "fragments" ? joined(...value.fragments.parts) : new Uint8Array(0);
}

const note = new TextEncoder().encode("Mustermann");
const joined = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

describe("compressed frames", () => {
  test.each([...new Set(compressed.map(({ transferSyntaxUid }) => transferSyntaxUid))])(
    "of %s lose a comment and what follows their end, and nothing of the image",
    (syntax) => {
      for (const { file } of compressed.filter(({ transferSyntaxUid }) => transferSyntaxUid === syntax)) {
        const whole = frameOf(file);
        const clean = Uint8Array.from(whole);
        zeroCodestreamComments(clean);
        const isJpeg2000 = whole[1] === 0x4f;
        const place = isJpeg2000 ? 4 + whole[4]! * 256 + whole[5]! : 2;
        const head = isJpeg2000 ? [0xff, 0x64, 0, note.length + 4, 0, 1] : [0xff, 0xfe, 0, note.length + 2];
        const planted = joined(
          clean.subarray(0, place),
          Uint8Array.from(head),
          note,
          clean.subarray(place),
          note,
        );
        expect(zeroCodestreamComments(planted)).toBe(note.length * 2);
        const zeroed = new Uint8Array(note.length);
        expect(
          Buffer.from(planted).equals(
            joined(clean.subarray(0, place), Uint8Array.from(head), zeroed, clean.subarray(place), zeroed),
          ),
        ).toBe(true);
      }
    },
  );

  test("that cannot be followed to their end are not called clean", () => {
    const [first] = compressed;
    const whole = frameOf(first?.file ?? "");
    expect(() => zeroCodestreamComments(whole.slice(0, whole.length / 2))).toThrow(TypeError);
    expect(() => zeroCodestreamComments(new Uint8Array(64))).toThrow(/no codestream/);
  });
});
