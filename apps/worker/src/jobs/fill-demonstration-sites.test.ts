import { describe, expect, test } from "vitest";
import { markKindOf } from "./fill-demonstration-sites.ts";

describe("the kind of a reference mark", () => {
  test.each([
    ["spiculated-mass", "mass"],
    ["round-mass", "mass"],
    ["circumscribed-mass", "mass"],
    ["ill-defined-mass", "mass"],
    ["clustered-microcalcifications", "calcification"],
    ["scattered-calcifications", "calcification"],
    ["calcification", "calcification"],
    ["architectural-distortion", "architectural-distortion"],
    ["asymmetry", "asymmetry"],
    ["scar", "other"],
  ] as const)("of a %s is %s", (kind, expected) => {
    expect(markKindOf(kind)).toBe(expected);
  });
});
