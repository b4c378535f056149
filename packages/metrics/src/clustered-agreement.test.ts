import { expect, test } from "vitest";
import { clusteredAgreement } from "./clustered-agreement.ts";
import { MetricInputError } from "./metric-input-error.ts";

const clusterIds = Array.from({ length: 12 }, (_, index) => `subject ${index}`);
/** Three of the twelve are rated 1: about 3 % of resamples hold none of them. */
const ratings = [clusterIds.map((_, index) => (index < 3 ? 1 : 0))];
const options = { clusterIds, replicates: 500, seed: 3 };

const shareOfOnes = (failure: Error) => (table: readonly (readonly number[])[]) => {
  const ones = (table[0] ?? []).filter((rating) => rating === 1).length;
  if (ones === 0) throw failure;
  return ones / 12;
};

test("resamples that leave the coefficient without a value are counted and left out", () => {
  const constant = new MetricInputError("constant-ratings", "All are 0.");
  const found = clusteredAgreement(ratings, shareOfOnes(constant), options);
  expect(found).toMatchObject({ value: 0.25, caseCount: 12, subjectCount: 12 });
  expect(found.undefinedReplicates).toBeGreaterThan(0);
  expect(found.undefinedReplicates).toBeLessThan(50);
  expect(found.definedReplicates + found.undefinedReplicates).toBe(500);
  expect(found.lower).toBeGreaterThan(0);
});

test("a fault in the coefficient is no missing value", () => {
  const fault = new TypeError("a fault");
  expect(() => clusteredAgreement(ratings, shareOfOnes(fault), options)).toThrow(fault);
});

test("one subject has no interval", () => {
  const one = { ...options, clusterIds: clusterIds.map(() => "subject") };
  expect(() => clusteredAgreement(ratings, () => 1, one)).toThrow(
    expect.objectContaining({ code: "too-few-cases" }),
  );
});
