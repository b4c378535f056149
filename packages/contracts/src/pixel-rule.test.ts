import { describe, expect, test } from "vitest";
import { answerOfRule } from "./pixel-rule.ts";

const place = { xPx: 100, yPx: 50, widthPx: 200, heightPx: 40 };
const size = { rows: 2_000, columns: 1_600 };

describe("answerOfRule", () => {
  test("allows text only where all of it lies in the places of the rule, give or take a hundredth of the image", () => {
    const rule = { ...size, kind: "allow" as const, regions: [place] };
    expect(answerOfRule(rule, [place])).toEqual({ kind: "allow" });
    expect(answerOfRule(rule, [{ ...place, xPx: 85, widthPx: 230 }])).toEqual({ kind: "allow" });
    expect(answerOfRule(rule, [{ ...place, widthPx: 240 }])).toBeUndefined();
    expect(answerOfRule(rule, [place, { ...place, yPx: 900 }])).toBeUndefined();
  });

  test("masks the places of the rule, and longer text that begins in them to its end", () => {
    const rule = { ...size, kind: "mask" as const, regions: [place] };
    expect(answerOfRule(rule, [{ ...place, widthPx: 120 }])).toEqual({ kind: "mask", regions: [place] });
    const longer = { ...place, widthPx: 300 };
    expect(answerOfRule(rule, [longer])).toEqual({ kind: "mask", regions: [place, longer] });
  });

  test("masks nothing where text lies elsewhere: a person must look", () => {
    const rule = { ...size, kind: "mask" as const, regions: [place] };
    expect(answerOfRule(rule, [{ ...place, widthPx: 600 }])).toBeUndefined();
    expect(answerOfRule(rule, [place, { ...place, xPx: 1_000 }])).toBeUndefined();
    expect(answerOfRule(rule, [])).toBeUndefined();
  });

  test("counts two places that meet as one", () => {
    const rule = {
      ...size,
      kind: "allow" as const,
      regions: [
        { xPx: 0, yPx: 0, widthPx: 100, heightPx: 100 },
        { xPx: 100, yPx: 0, widthPx: 100, heightPx: 100 },
      ],
    };
    expect(answerOfRule(rule, [{ xPx: 20, yPx: 20, widthPx: 160, heightPx: 60 }])).toEqual({ kind: "allow" });
  });
});
