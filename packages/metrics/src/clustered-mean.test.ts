import { expect, test } from "vitest";
import { clusterBootstrap, expandedStatistic, percentileInterval } from "./cluster-bootstrap.ts";
import { clusteredMean } from "./clustered-mean.ts";
import { createRandom } from "./random.ts";

const random = createRandom(5);
const clusterIds = Array.from({ length: 60 }, (_, index) => `subject ${Math.floor(index / 3)}`);
const values = clusterIds.map(() => random.normal());
const options = { clusterIds, replicates: 400, seed: 7 };

test("the interval is the one of resamples of subjects written out", () => {
  const labels = new Uint8Array(values.length);
  const { replicates } = clusterBootstrap({
    labels,
    ...options,
    statistics: (multiplicity) => ({
      mean: expandedStatistic(
        { labels, scores: values, clusterIds },
        ({ scores }) => scores.reduce((sum, value) => sum + value, 0) / scores.length,
      )(multiplicity),
    }),
  });
  const { lower, upper } = percentileInterval(replicates.mean);
  const found = clusteredMean(values, options);
  expect(found).toMatchObject({ caseCount: 60, subjectCount: 20 });
  expect(found.mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 60, 12);
  expect(found.lower).toBeCloseTo(lower, 12);
  expect(found.upper).toBeCloseTo(upper, 12);
  expect(lower).toBeLessThan(upper);
});

test("one subject has a mean and no interval, however many cases; two have one", () => {
  const three = { replicates: 50, seed: 1 };
  expect(clusteredMean([1, 2, 6], { ...three, clusterIds: ["a", "a", "a"] })).toEqual({
    mean: 3,
    lower: null,
    upper: null,
    caseCount: 3,
    subjectCount: 1,
  });
  expect(clusteredMean([1, 2, 6], { ...three, clusterIds: ["a", "a", "b"] })).toMatchObject({
    lower: 1.5,
    upper: 6,
  });
});
