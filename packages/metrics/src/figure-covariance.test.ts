import { describe, expect, test } from "vitest";
import golden from "../golden/mrmc/cases.json" with { type: "json" };
import { publishedStudy } from "../golden/mrmc/published-study.ts";
import { clusteredDelong } from "./clustered-delong.ts";
import { figureEstimates } from "./figure-covariance.ts";
import { aucFigure, sensitivityFigure } from "./figure-of-merit.ts";
import { isMetricInputError } from "./metric-input-error.ts";
import { obuchowskiRockette } from "./obuchowski-rockette.ts";
import type { ReaderStudyRatings } from "./reader-study-ratings.ts";
import { relativeError } from "./relative-tolerance.ts";

const jackknife = { kind: "jackknife" } as const;
const delong = { kind: "delong" } as const;

describe("covariance of the figures", () => {
  test("DeLong's agrees with its definition for AUC and sensitivity", () => {
    for (const one of golden.studies) {
      const study = publishedStudy(one.name);
      for (const [figure, expected] of [
        [aucFigure, one.delong],
        [sensitivityFigure(4), one.sensitivityCovariance],
      ] as const) {
        const { covariance } = figureEstimates(study, figure, delong);
        expected
          .flat()
          .forEach((value, index) => expect(Math.abs(covariance[index]! - value)).toBeLessThan(1e-15));
      }
    }
  });

  test("the jackknife and the bootstrap come near DeLong's", () => {
    const study = publishedStudy("vanDyke");
    const exact = figureEstimates(study, aucFigure, delong).covariance;
    const left = figureEstimates(study, aucFigure, jackknife).covariance;
    const drawn = figureEstimates(study, aucFigure, {
      kind: "bootstrap",
      replicates: 2000,
      seed: 5,
    }).covariance;
    const size = study.readers.length * 2;
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const scale = Math.sqrt(exact[row * size + row]! * exact[column * size + column]!);
        expect(Math.abs(left[row * size + column]! - exact[row * size + column]!) / scale).toBeLessThan(0.03);
        expect(Math.abs(drawn[row * size + column]! - exact[row * size + column]!) / scale).toBeLessThan(
          0.12,
        );
      }
    }
  });

  test("two breasts of one woman are one subject: the variance is the clustered DeLong variance", () => {
    const study = publishedStudy("franken");
    const clusterIds = Array.from(study.labels, (_, index) => String(index % 50));
    const { covariance } = figureEstimates({ ...study, clusterIds }, aucFigure, delong);
    const size = study.readers.length * 2;
    study.ratings.flat().forEach((ratings, cell) => {
      const { variance } = clusteredDelong(study.labels, ratings as number[], clusterIds);
      expect(relativeError(covariance[cell * size + cell]!, variance)).toBeLessThan(1e-12);
    });
    const left = figureEstimates({ ...study, clusterIds }, aucFigure, jackknife).covariance;
    expect(relativeError(left[0]!, covariance[0]!)).toBeLessThan(0.1);
  });

  test("every case twice under the same subject changes no covariance, as independent cases halves it", () => {
    const study = publishedStudy("vanDyke");
    const twice = <TItem>(items: ArrayLike<TItem>) => [...Array.from(items), ...Array.from(items)];
    const doubled = {
      ...study,
      labels: twice(study.labels),
      ratings: study.ratings.map((rows) => rows.map(twice)),
    };
    const clusterIds = twice(Array.from(study.labels, (_, index) => String(index)));
    const once = figureEstimates(study, aucFigure, jackknife).covariance;
    const clustered = figureEstimates({ ...doubled, clusterIds }, aucFigure, jackknife).covariance;
    const naive = figureEstimates(doubled, aucFigure, jackknife).covariance;
    expect(relativeError(clustered[0]!, once[0]!)).toBeLessThan(1e-9);
    expect(naive[0]! / once[0]!).toBeCloseTo(0.5, 1);
  });
});

describe("studies without an answer", () => {
  const study = publishedStudy("franken");
  /** Code and sentence of the refusal of a changed study. */
  const refusal = (change: Partial<ReaderStudyRatings>): string => {
    try {
      obuchowskiRockette([figureEstimates({ ...study, ...change }, aucFigure, delong)]);
    } catch (error) {
      if (isMetricInputError(error)) return `${error.code}: ${error.message}`;
    }
    return "none";
  };

  test("one reader, one condition, one class and no case are refused", () => {
    expect(refusal({ readers: ["only"], ratings: study.ratings.map((rows) => [rows[0]!]) })).toMatch(
      /^too-few-readers: .*got 1/,
    );
    expect(refusal({ conditions: ["only"], ratings: [study.ratings[0]!] })).toMatch(
      /^too-few-conditions: .*got 1/,
    );
    expect(refusal({ labels: new Uint8Array(100) })).toMatch(/^one-class: .*0 malignant of 100/);
    expect(refusal({ labels: new Uint8Array(100).fill(1) })).toMatch(/^one-class: .*100 malignant of 100/);
    expect(refusal({ labels: [] })).toMatch(/^empty: .*cases/);
    expect(refusal({ labels: [2, ...Array.from(study.labels).slice(1)] })).toMatch(/^label-invalid: .*got 2/);
  });

  test("constant ratings, a missing reading and a rating that is no number are named", () => {
    const change = (edit: (ratings: (number | null)[]) => (number | null)[]) => ({
      ratings: study.ratings.map((rows, condition) =>
        rows.map((row, reader) => (condition === 1 && reader === 2 ? edit([...row]) : row)),
      ),
    });
    expect(refusal(change((row) => row.fill(3)))).toMatch(
      /^constant-ratings: .*reader 3 under treatment 2 .* 3/,
    );
    expect(refusal(change((row) => row.with(7, null)))).toMatch(
      /^missing-rating: .*Case 7 .* reader 3 under treatment 2/,
    );
    expect(refusal(change((row) => row.with(7, Number.NaN)))).toMatch(/^not-finite: .*Case 7/);
    expect(refusal(change((row) => row.slice(1)))).toMatch(/^length-mismatch: .*100/);
    expect(refusal({ readers: ["a", "a", "b", "c"] })).toMatch(/^duplicate-subject: .*reader/);
  });

  test("perfect readers, a lone malignant case and a figure without components are refused", () => {
    const perfect = study.ratings.map((rows) => rows.map(() => Array.from(study.labels)));
    expect(refusal({ ratings: perfect })).toMatch(/^zero-variance: .*neither readers nor cases/);
    expect(refusal({ labels: Array.from(study.labels, (_, index) => (index === 0 ? 1 : 0)) })).toMatch(
      /^too-few-cases: .*got 1/,
    );
    const { components: _components, ...bare } = aucFigure;
    expect(() => figureEstimates(study, bare, delong)).toThrow(
      expect.objectContaining({ code: "out-of-range" }),
    );
    expect(() => figureEstimates(study, aucFigure, { kind: "bootstrap", replicates: 1, seed: 1 })).toThrow(
      expect.objectContaining({ code: "out-of-range" }),
    );
  });
});
