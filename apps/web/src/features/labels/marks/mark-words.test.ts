import { expect, test } from "vitest";
import { descriptorWords } from "./mark-words.ts";

test("descriptors are told in the order of BI-RADS, in whatever order they come back, and a density as one", () => {
  const descriptors = { density: "high", margin: "spiculated", shape: "irregular" } as const;
  expect(descriptorWords({ kind: "mass", descriptors })).toEqual(["irregular", "spiculated", "high density"]);
});

test("a mark that nobody described has no words", () => {
  expect(descriptorWords({ kind: "mass" })).toEqual([]);
});
