import { expect, test } from "vitest";
import { defaultAssumptions, studyPowerOf, type PlannedSize } from "./study-power.ts";

const size: PlannedSize = {
  caseCount: 200,
  malignantCount: 80,
  readerCount: 8,
  allocation: "fully-crossed",
  groupCount: null,
};
const answer = (part: Partial<PlannedSize> = {}, assumptions = defaultAssumptions) => {
  const result = studyPowerOf({ ...size, ...part }, assumptions);
  if ("undefined" in result) throw new Error(result.undefined);
  return result;
};

test("says of a small study that it is small, and what would be enough", () => {
  const small = answer({ caseCount: 20, malignantCount: 8, readerCount: 6 });
  expect(small.power).toBeLessThan(0.3);
  const { requiredCases, requiredReaders } = small;
  expect(requiredCases).toBeGreaterThan(100);
  expect(requiredReaders === null || requiredReaders > 20).toBe(true);
  const malignantCount = Math.ceil((requiredCases ?? 0) * 0.4);
  expect(answer({ caseCount: requiredCases ?? 0, malignantCount, readerCount: 6 }).power).toBeGreaterThan(
    0.79,
  );
});

test("says where no number of cases suffices because readers differ too much", () => {
  const wide = { ...defaultAssumptions, effect: 0.02, readerRange: 0.2 };
  expect(answer({ readerCount: 3 }, wide).requiredCases).toBeNull();
});

test("counts a split plot by its groups and double reading as pairs", () => {
  const crossed = answer().power;
  const split = answer({ allocation: "split-plot", groupCount: 4 }).power;
  expect(split).toBeLessThan(crossed);
  const double = answer({ allocation: "double-reading" });
  expect(double.power).toBe(split);
  expect(double.requiredReaders).toBeNull();
});

test("is one sentence where the numbers give no answer", () => {
  expect(studyPowerOf({ ...size, readerCount: 1 }, defaultAssumptions)).toEqual({
    undefined: "A study needs at least 2 readers, got 1.",
  });
  expect(
    studyPowerOf({ ...size, readerCount: 3, allocation: "split-plot", groupCount: 2 }, defaultAssumptions),
  ).toEqual({ undefined: "2 groups need at least 4 readers, got 3." });
  expect(studyPowerOf({ ...size, malignantCount: 1 }, defaultAssumptions)).toEqual({
    undefined: "A study needs two cases of each class, got 1 malignant and 199 benign.",
  });
});
