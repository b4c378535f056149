import { expect, test } from "vitest";
import { dataSetDensity } from "./data-set-density.ts";

test("takes the numbers of ACR for letters, and nothing else for A", () => {
  expect(["1", "2", "3", "4"].map((text) => dataSetDensity("cbis-ddsm", text))).toEqual(["A", "B", "C", "D"]);
  expect(["0", "", "unknown", undefined].map((text) => dataSetDensity("inbreast", text))).toEqual([
    null,
    null,
    null,
    null,
  ]);
  expect(dataSetDensity("phantom", "c")).toBe("C");
});

test("does not take MIAS's dense-glandular for BI-RADS D", () => {
  expect(dataSetDensity("mias", "D")).toBe("MIAS D");
});
