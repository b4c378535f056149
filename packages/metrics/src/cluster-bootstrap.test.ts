import { describe, expect } from "vitest";
import { fc, test } from "@fast-check/vitest";
import { aucOfCases } from "./auc.ts";
import { averagePrecision } from "./precision-recall.ts";
import { brierScore } from "./calibration.ts";
import { clusterBootstrap, expandedStatistic, percentileInterval } from "./cluster-bootstrap.ts";
import { confusionMatrix } from "./confusion.ts";
import { createRandom } from "./random.ts";
import { resampledBrier, resampledConfusion, resampledRanking } from "./resampled-statistics.ts";

function cohort(subjectCount: number, seed: number) {
  const random = createRandom(seed);
  const labels: number[] = [];
  const scores: number[] = [];
  const clusterIds: string[] = [];
  for (let subject = 0; subject < subjectCount; subject++) {
    const label = subject % 2;
    const shift = random.normal();
    for (let image = 0; image < 1 + random.nextInt(4); image++) {
      labels.push(label);
      scores.push(1 / (1 + Math.exp(-(label + shift + 0.3 * random.normal()))));
      clusterIds.push(`subject-${subject}`);
    }
  }
  return { labels, scores, clusterIds };
}

const rows = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 4 })),
  { minLength: 1, maxLength: 40 },
);

describe("resampled statistics", () => {
  test.prop([rows])("equal the statistic of the resample written out", (cases) => {
    const labels = cases.map(([label]) => label);
    const scores = cases.map(([, score]) => score / 8);
    const multiplicity = Uint32Array.from(cases.map(([, , copies]) => copies));
    fc.pre(multiplicity.some((copies) => copies > 0));
    const written = <T>(statistic: (labels: number[], scores: number[]) => T) => {
      let value: T | undefined;
      expandedStatistic({ labels, scores, clusterIds: labels.map(String) }, (resample) => {
        value = statistic([...resample.labels], [...resample.scores]);
        return undefined;
      })(multiplicity);
      return value;
    };
    const classes = written((expanded) => new Set(expanded))!;
    const ranking = resampledRanking(labels, scores)(multiplicity);
    if (classes.size === 2) expect(ranking.auc).toBeCloseTo(written(aucOfCases)!, 12);
    else expect(ranking.auc).toBeUndefined();
    if (classes.has(1)) expect(ranking.averagePrecision).toBeCloseTo(written(averagePrecision)!, 12);
    else expect(ranking.averagePrecision).toBeUndefined();
    expect(resampledConfusion(labels, scores, 0.5)(multiplicity)).toEqual(
      written((l, s) => confusionMatrix(l, s, 0.5)),
    );
    expect(resampledBrier(labels, scores)(multiplicity)).toBeCloseTo(written(brierScore)!, 12);
  });
});

describe("clusterBootstrap", () => {
  const data = cohort(60, 5);
  const run = (seed: number, cases = data) =>
    clusterBootstrap({
      labels: cases.labels,
      clusterIds: cases.clusterIds,
      replicates: 200,
      seed,
      statistics: resampledRanking(cases.labels, cases.scores),
    });

  test("repeats by seed and differs by seed", () => {
    expect(run(1)).toEqual(run(1));
    expect(run(1).replicates.auc).not.toEqual(run(2).replicates.auc);
  });

  test("does not depend on the order of rows", () => {
    const order = createRandom(9).shuffle(data.labels.map((_, index) => index));
    const shuffled = {
      labels: order.map((index) => data.labels[index]!),
      scores: order.map((index) => data.scores[index]!),
      clusterIds: order.map((index) => data.clusterIds[index]!),
    };
    expect(run(1, shuffled).replicates.auc).toEqual(run(1).replicates.auc);
  });

  test("draws whole subjects within their stratum", () => {
    const seen: string[] = [];
    clusterBootstrap({
      labels: data.labels,
      clusterIds: data.clusterIds,
      replicates: 50,
      seed: 3,
      statistics: (multiplicity) => {
        const bySubject = new Map<string, number>();
        multiplicity.forEach((copies, index) => {
          const id = data.clusterIds[index]!;
          expect(bySubject.get(id) ?? copies).toBe(copies);
          bySubject.set(id, copies);
        });
        const malignantDraws = [...bySubject].reduce(
          (sum, [id, copies]) => sum + (data.labels[data.clusterIds.indexOf(id)] === 1 ? copies : 0),
          0,
        );
        const draws = [...bySubject.values()].reduce((sum, copies) => sum + copies, 0);
        seen.push(`${malignantDraws}/${draws}`);
        return {};
      },
    });
    expect(new Set(seen)).toEqual(new Set(["30/60"]));
  });

  test("counts resamples of one class where no subject is benign-only", () => {
    const result = clusterBootstrap({
      labels: [1, 1, 0],
      clusterIds: ["a", "b", "b"],
      replicates: 400,
      seed: 1,
      statistics: resampledRanking([1, 1, 0], [3, 2, 1]),
    });
    // Subject a twice: a quarter of the resamples.
    expect(Math.abs(result.oneClassReplicates - 100)).toBeLessThan(30);
    expect(result.replicates.auc.filter((value) => value === undefined)).toHaveLength(
      result.oneClassReplicates,
    );
    expect(result.strata).toEqual([{ name: "with-malignant", subjectCount: 2 }]);
    expect(() => percentileInterval(result.replicates.auc)).toThrow(
      expect.objectContaining({ code: "too-few-cases" }),
    );
  });

  test("is wider than resampling images where images of a subject are alike", () => {
    const clustered = percentileInterval(run(1).replicates.auc);
    const independent = clusterBootstrap({
      labels: data.labels,
      clusterIds: data.labels.map((_, index) => `image-${index}`),
      replicates: 200,
      seed: 1,
      statistics: resampledRanking(data.labels, data.scores),
    });
    const naive = percentileInterval(independent.replicates.auc);
    expect(clustered.upper - clustered.lower).toBeGreaterThan(1.2 * (naive.upper - naive.lower));
  });

  test("refuses no replicates and ids of another length", () => {
    const options = {
      labels: [0, 1],
      clusterIds: ["a", "b"],
      replicates: 0,
      seed: 1,
      statistics: () => ({}),
    };
    expect(() => clusterBootstrap(options)).toThrow(expect.objectContaining({ code: "out-of-range" }));
    expect(() => clusterBootstrap({ ...options, replicates: 1, clusterIds: ["a"] })).toThrow(
      expect.objectContaining({ code: "length-mismatch" }),
    );
  });
});

describe("percentileInterval", () => {
  test("leaves out undefined replicates and counts them", () => {
    const replicates = [...Array.from({ length: 99 }, (_, index) => index / 98), undefined];
    expect(percentileInterval(replicates, 0.5)).toEqual({
      lower: expect.closeTo(0.25, 12),
      upper: expect.closeTo(0.75, 12),
      definedReplicates: 99,
      undefinedReplicates: 1,
    });
  });
});
