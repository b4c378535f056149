import { describe, expect, test } from "vitest";
import golden from "../golden/mrmc/cases.json" with { type: "json" };
import { publishedStudy } from "../golden/mrmc/published-study.ts";
import { figureEstimates } from "./figure-covariance.ts";
import { aucFigure, sensitivityFigure, specificityFigure } from "./figure-of-merit.ts";
import { obuchowskiRockette, type OrInference } from "./obuchowski-rockette.ts";
import { createRandom } from "./random.ts";
import type { FigureEstimates, CovarianceMethod } from "./figure-covariance.ts";
import type { FigureOfMerit } from "./figure-of-merit.ts";
import type { ReaderStudyRatings } from "./reader-study-ratings.ts";
import { relativeError } from "./relative-tolerance.ts";

const analyse = (study: ReaderStudyRatings, figure: FigureOfMerit, method: CovarianceMethod) =>
  obuchowskiRockette([figureEstimates(study, figure, method)]);

const jackknife = { kind: "jackknife" } as const;
const delong = { kind: "delong" } as const;

/** The number, written with as many decimals as were printed. */
const asPrinted = (value: number, printed: string) => value.toFixed(printed.split(".")[1]!.length);

describe("against OR-DBM MRMC 2.51 as published", () => {
  for (const { name, published } of golden.studies) {
    const result = analyse(publishedStudy(name), aucFigure, jackknife);

    test(`${name}: figures, mean squares and components`, () => {
      result.values.forEach((row, condition) =>
        row.forEach((value, reader) => expect(value).toBeCloseTo(published.values[condition]![reader]!, 8)),
      );
      for (const [key, value] of Object.entries(published.meanSquares)) {
        expect(result.meanSquares[key as keyof typeof published.meanSquares].toFixed(8)).toBe(
          value.toFixed(8),
        );
      }
      for (const [key, value] of Object.entries(published.components)) {
        expect(result.components[key as keyof typeof published.components].toFixed(8)).toBe(value.toFixed(8));
      }
    });

    test(`${name}: the three analyses and the readers`, () => {
      for (const [inference, expected] of [
        [result.randomReadersRandomCases, published.both],
        [result.fixedReadersRandomCases, published.fixedReaders],
        [result.randomReadersFixedCases, published.fixedCases],
      ] as const) {
        expect(asPrinted(inference.test.statistic, expected.statistic)).toBe(expected.statistic);
        expect(asPrinted(inference.test.pValue, expected.pValue)).toBe(expected.pValue);
        const [difference] = inference.differences;
        const { value, standardError, lower, upper } = difference!;
        const numbers = [value, standardError, lower, upper];
        expect(numbers.map((number, index) => asPrinted(number, expected.difference[index]!))).toEqual(
          expected.difference,
        );
        expect(asPrinted(difference!.pValue, expected.pValue)).toBe(expected.pValue);
        inference.conditions.forEach((condition, index) => {
          const printed = expected.conditions[index]!;
          const { value: mean, standardError: error, degreesOfFreedom, lower: low, upper: high } = condition;
          const all =
            printed.length === 5 ? [mean, error, degreesOfFreedom, low, high] : [mean, error, low, high];
          expect(all.map((number, position) => asPrinted(number, printed[position]!))).toEqual(printed);
        });
      }
      expect(
        asPrinted(result.randomReadersRandomCases.test.denominatorDf, published.both.denominatorDf),
      ).toBe(published.both.denominatorDf);
      published.byReader.forEach((printed, reader) => {
        const { value, standardError, z, pValue, lower, upper } = result.byReader[reader]!.differences[0]!;
        const numbers = [value, standardError, z!, pValue!, lower, upper];
        expect(numbers.map((number, index) => asPrinted(number, printed[index]!))).toEqual(printed);
      });
    });
  }
});

describe("against the analysis of pseudovalues", () => {
  /** Largest error, relative but for what cancels to almost 0. */
  const worst = (pairs: readonly (readonly [number, number])[]) =>
    Math.max(...pairs.map(([actual, expected]) => Math.abs(actual - expected) / (1e-3 + Math.abs(expected))));

  for (const one of golden.studies) {
    for (const [label, figure, expected] of [
      ["AUC", aucFigure, one.auc],
      ["sensitivity", sensitivityFigure(4), one.sensitivity],
    ] as const) {
      test(`${one.name}: ${label}`, () => {
        const result = analyse(publishedStudy(one.name), figure, jackknife);
        const pairs: [number, number][] = result.values
          .flat()
          .map((value, cell) => [value, expected.values.flat()[cell]!]);
        for (const key of ["reader", "conditionReader", "error", "cov1", "cov2", "cov3"] as const) {
          pairs.push([result.components[key], expected.components[key]]);
        }
        const compare = (inference: OrInference, wanted: (typeof expected)["fixedReaders"]) => {
          pairs.push([inference.test.statistic, wanted.statistic], [inference.test.pValue, wanted.pValue]);
          for (const key of ["value", "standardError", "lower", "upper", "pValue"] as const) {
            pairs.push([inference.differences[0]![key], wanted.difference[key]]);
          }
          inference.conditions.forEach((condition, index) => {
            for (const key of ["value", "standardError", "lower", "upper"] as const) {
              pairs.push([condition[key], wanted.conditions[index]![key]]);
            }
          });
        };
        compare(result.randomReadersRandomCases, expected.both);
        compare(result.fixedReadersRandomCases, expected.fixedReaders);
        compare(result.randomReadersFixedCases, expected.fixedCases);
        pairs.push([result.randomReadersRandomCases.test.denominatorDf, expected.both.denominatorDf]);
        expected.byReader.forEach((wanted, reader) => {
          const { error, cov1, differences } = result.byReader[reader]!;
          pairs.push([error, wanted.error], [cov1, wanted.cov1], [differences[0]!.lower, wanted.lower]);
        });
        expect(worst(pairs)).toBeLessThan(1e-9);
      });
    }
  }
});

test("three treatments agree with the analysis of pseudovalues", () => {
  const study = publishedStudy("vanDyke");
  const [, second] = study.ratings;
  const result = analyse(
    {
      ...study,
      conditions: ["a", "b", "c"],
      ratings: [...study.ratings, [...second!.slice(1), second![0]!]],
    },
    aucFigure,
    jackknife,
  );
  const expected = golden.threeTreatments;
  for (const key of ["reader", "conditionReader", "error", "cov1", "cov2", "cov3"] as const) {
    expect(relativeError(result.components[key], expected.components[key])).toBeLessThan(1e-9);
  }
  for (const [inference, wanted] of [
    [result.randomReadersRandomCases, expected.both],
    [result.fixedReadersRandomCases, expected.fixedReaders],
    [result.randomReadersFixedCases, expected.fixedCases],
  ] as const) {
    expect(inference.test.numeratorDf).toBe(2);
    expect(relativeError(inference.test.statistic, wanted.statistic)).toBeLessThan(1e-9);
    expect(relativeError(inference.test.pValue, wanted.pValue)).toBeLessThan(1e-8);
    inference.conditions.forEach((condition, index) => {
      expect(relativeError(condition.lower, wanted.conditions[index]!.lower)).toBeLessThan(1e-9);
    });
  }
  expect(
    relativeError(result.randomReadersRandomCases.test.denominatorDf, expected.both.denominatorDf),
  ).toBeLessThan(1e-9);
});

describe("properties of the analysis", () => {
  test("a condition compared with itself differs by 0", () => {
    const study = publishedStudy("vanDyke");
    const same = { ...study, ratings: [study.ratings[0]!, study.ratings[0]!] };
    expect(() => analyse(same, aucFigure, delong)).toThrow(
      expect.objectContaining({ code: "zero-variance" }),
    );
    const third = {
      ...study,
      conditions: ["a", "b", "c"],
      ratings: [study.ratings[0]!, study.ratings[0]!, study.ratings[1]!],
    };
    const result = analyse(third, aucFigure, delong).randomReadersRandomCases;
    expect(result.differences.map(({ first, second }) => [first, second])).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    expect(result.differences[0]!.value).toBe(0);
    expect(result.differences[0]!.pValue).toBe(1);
    expect(result.test.numeratorDf).toBe(2);
  });

  test("with two conditions the F test and the interval of the difference say the same", () => {
    const result = analyse(publishedStudy("vanDyke"), aucFigure, delong).randomReadersRandomCases;
    expect(relativeError(result.differences[0]!.pValue, result.test.pValue)).toBeLessThan(1e-10);
    expect(relativeError(result.differences[0]!.statistic ** 2, result.test.statistic)).toBeLessThan(1e-10);
  });

  test("exchanged conditions exchange the sign, reordered readers change nothing", () => {
    const study = publishedStudy("vanDyke");
    const result = analyse(study, aucFigure, delong);
    const swapped = analyse({ ...study, ratings: study.ratings.toReversed() }, aucFigure, delong);
    const reordered = analyse(
      {
        ...study,
        readers: study.readers.toReversed(),
        ratings: study.ratings.map((rows) => rows.toReversed()),
      },
      aucFigure,
      delong,
    );
    const [difference] = result.randomReadersRandomCases.differences;
    expect(swapped.randomReadersRandomCases.differences[0]!.upper).toBeCloseTo(-difference!.lower, 12);
    expect(reordered.randomReadersRandomCases.differences[0]!.lower).toBeCloseTo(difference!.lower, 12);
  });

  test("specificity of the negated scale is sensitivity with the classes exchanged", () => {
    const study = publishedStudy("franken");
    const mirrored = {
      ...study,
      labels: Array.from(study.labels, (label) => 1 - label),
      ratings: study.ratings.map((rows) => rows.map((row) => row.map((rating) => -rating!))),
    };
    const sensitivity = analyse(study, sensitivityFigure(4), delong);
    const specificity = analyse(mirrored, specificityFigure(-3), delong);
    expect(specificity.means).toEqual(sensitivity.means);
    expect(specificity.components).toEqual(sensitivity.components);
  });
});

/** Null figures with the covariance that the Obuchowski–Rockette model asks for, one part a case set. */
function nullParts(layout: { parts: number; readersPerPart: number }, seed: number): FigureEstimates[] {
  const random = createRandom(seed);
  const [error, cov1, cov2, cov3] = [8e-4, 4.5e-4, 4e-4, 2.5e-4];
  const R = layout.readersPerPart;
  const scale = (variance: number) => Math.sqrt(variance) * random.normal();
  return Array.from({ length: layout.parts }, (_, part) => {
    const cases = scale(cov3);
    const ofCondition = [scale(cov2 - cov3), scale(cov2 - cov3)];
    const rest = error - cov1 - cov2 + cov3;
    const values = new Float64Array(2 * R);
    for (let reader = 0; reader < R; reader++) {
      const ofReader = scale(1.5e-3) + scale(cov1 - cov3);
      for (let condition = 0; condition < 2; condition++) {
        values[condition * R + reader] =
          0.85 + cases + ofCondition[condition]! + ofReader + scale(rest) + scale(2e-4);
      }
    }
    const covariance = Float64Array.from({ length: (2 * R) ** 2 }, (__, index) => {
      const [row, column] = [Math.floor(index / (2 * R)), index % (2 * R)];
      const isSameReader = row % R === column % R;
      const isSameCondition = Math.floor(row / R) === Math.floor(column / R);
      return isSameReader ? (isSameCondition ? error : cov1) : isSameCondition ? cov2 : cov3;
    });
    const readers = Array.from({ length: R }, (__, reader) => `${part}/${reader}`);
    return { conditions: ["unaided", "aided"], readers, values, covariance };
  });
}

describe("designs", () => {
  for (const [name, parts, readersPerPart] of [
    ["crossed", 1, 6],
    ["split-plot", 3, 4],
    ["nested", 8, 1],
  ] as const) {
    test(`the ${name} test keeps its level of 5 % under the null hypothesis`, () => {
      let rejected = 0;
      const studyCount = 800;
      for (let study = 0; study < studyCount; study++) {
        const result = obuchowskiRockette(nullParts({ parts, readersPerPart }, study));
        expect(result.design).toBe(name);
        if (result.randomReadersRandomCases.test.pValue < 0.05) rejected++;
      }
      // 5 % ± 4 standard errors, rounded outwards; Hillis' degrees of freedom are slightly conservative.
      expect(rejected / studyCount).toBeGreaterThan(0.019);
      expect(rejected / studyCount).toBeLessThan(0.081);
    });
  }

  test("parts must be alike", () => {
    const [first, second] = nullParts({ parts: 2, readersPerPart: 3 }, 1);
    const [other] = nullParts({ parts: 1, readersPerPart: 2 }, 1);
    expect(() => obuchowskiRockette([first!, { ...other!, readers: ["x", "y"] }])).toThrow(
      expect.objectContaining({ code: "unbalanced-design" }),
    );
    expect(() => obuchowskiRockette([first!, { ...second!, conditions: ["aided", "unaided"] }])).toThrow(
      expect.objectContaining({ code: "unbalanced-design" }),
    );
    expect(() => obuchowskiRockette([first!, first!])).toThrow(
      expect.objectContaining({ code: "duplicate-subject" }),
    );
    expect(() => obuchowskiRockette([])).toThrow(expect.objectContaining({ code: "empty" }));
  });
});
