import { expect, test } from "vitest";
import golden from "../golden/split-plot/cases.json" with { type: "json" };
import { figureEstimates } from "./figure-covariance.ts";
import { aucFigure } from "./figure-of-merit.ts";
import { obuchowskiRockette } from "./obuchowski-rockette.ts";
import { relativeError } from "./relative-tolerance.ts";

const partsOf = (one: (typeof golden)[number], kind: "jackknife" | "delong") =>
  one.groups.map(({ labels, ratings }, group) =>
    figureEstimates(
      {
        // Differences are first − second.
        conditions: ["second", "first"],
        readers: ratings[0]!.map((_, reader) => `${group}/${reader}`),
        labels,
        ratings: ratings.toReversed(),
      },
      aucFigure,
      { kind },
    ),
  );

const analyse = (one: (typeof golden)[number], kind: "jackknife" | "delong") =>
  obuchowskiRockette(partsOf(one, kind));

test("split-plot studies agree with the nested ANOVA of pseudovalues", () => {
  for (const one of golden) {
    const { meanSquares, components, randomReadersRandomCases: both } = analyse(one, "jackknife");
    const [difference] = both.differences;
    const { expected } = one;
    for (const [actual, wanted] of [
      [both.test.statistic, expected.statistic],
      [both.test.denominatorDf, expected.denominatorDf],
      [both.test.pValue, expected.pValue],
      [difference!.value, expected.difference],
      [difference!.standardError, expected.standardError],
      [difference!.lower, expected.lower],
      [difference!.upper, expected.upper],
      [meanSquares.condition, expected.meanSquares.condition],
      [meanSquares.reader, expected.meanSquares.reader],
      [meanSquares.conditionReader, expected.meanSquares.conditionReader],
      [components.cov2 - components.cov3, expected.cov2MinusCov3],
    ] as const) {
      expect(relativeError(actual, wanted)).toBeLessThan(1e-8);
    }
  }
});

test("their standard error is that of Gallas' one-shot estimate, which has no model", () => {
  for (const one of golden) {
    for (const kind of ["jackknife", "delong"] as const) {
      const [difference] = analyse(one, kind).randomReadersRandomCases.differences;
      expect(relativeError(difference!.standardError, one.oneShotStandardError)).toBeLessThan(0.03);
    }
  }
});

test("a condition alone is judged by readers within their parts, as written out", () => {
  for (const one of golden) {
    const parts = partsOf(one, "jackknife");
    const size = parts[0]!.readers.length;
    const readerCount = parts.length * size;
    for (const [condition, interval] of analyse(
      one,
      "jackknife",
    ).randomReadersRandomCases.conditions.entries()) {
      let squares = 0;
      let covarianceSum = 0;
      for (const { covariance, values } of parts) {
        const own = Array.from({ length: size }, (_, reader) => condition * size + reader);
        const mean = own.reduce((sum, cell) => sum + values[cell]!, 0) / size;
        for (const left of own) {
          squares += (values[left]! - mean) ** 2;
          for (const right of own) if (left !== right) covarianceSum += covariance[left * 2 * size + right]!;
        }
      }
      const square = squares / (readerCount - parts.length);
      const term = square + size * Math.max(covarianceSum / (parts.length * size * (size - 1)), 0);
      const df = (term / square) ** 2 * (readerCount - parts.length);
      expect(relativeError(interval.standardError, Math.sqrt(term / readerCount))).toBeLessThan(1e-8);
      expect(relativeError(interval.degreesOfFreedom, df)).toBeLessThan(1e-8);
    }
  }
});
