import { describe, expect, test } from "vitest";
import golden from "../golden/arbitrary-design/cases.json" with { type: "json" };
import splitPlot from "../golden/split-plot/cases.json" with { type: "json" };
import { arbitraryDesign } from "./arbitrary-design.ts";
import { figureEstimates } from "./figure-covariance.ts";
import { aucFigure, sensitivityFigure, specificityFigure, type FigureOfMerit } from "./figure-of-merit.ts";
import { obuchowskiRockette } from "./obuchowski-rockette.ts";
import { createRandom } from "./random.ts";
import type { ReaderStudyRatings } from "./reader-study-ratings.ts";
import { relativeError } from "./relative-tolerance.ts";

const figures: Record<"auc" | "sensitivity" | "specificity", FigureOfMerit> = {
  auc: aucFigure,
  sensitivity: sensitivityFigure(50),
  specificity: specificityFigure(50),
};
type GoldenCase = (typeof golden)[number];
const studyOf = ({ clusterIds, labels, ratings, weights }: GoldenCase): ReaderStudyRatings => ({
  conditions: ["first", "second"],
  readers: weights.map((_, reader) => `reader ${reader}`),
  labels,
  ratings,
  clusterIds,
});

/** Largest error of pairs (actual, wanted): relative, and absolute about 0, where equal readers cancel. */
const largestError = (...pairs: readonly (readonly [number, number])[]): number =>
  Math.max(
    ...pairs.map(([actual, wanted]) =>
      actual === wanted || Math.abs(actual - wanted) < 1e-12 ? 0 : relativeError(actual, wanted),
    ),
  );

const rows = golden.flatMap((one) =>
  (["auc", "sensitivity", "specificity"] as const).map((name) => ({
    title: `${one.name}, ${name}`,
    analyse: () => arbitraryDesign(studyOf(one), figures[name], { weights: one.weights }),
    ...one.expected[name],
  })),
);

describe("any design is equal to the sums over index tuples", () => {
  test.each(rows.filter(({ difference }) => difference !== null))(
    "$title",
    ({ analyse, difference, first }) => {
      const wanted = difference!;
      const { fixedReadersRandomCases, randomReadersRandomCases } = analyse();
      const actual = randomReadersRandomCases.differences[0]!;
      const [condition] = randomReadersRandomCases.conditions;
      const [fixed] = fixedReadersRandomCases.differences;
      const intervals = [
        [actual, wanted],
        ...(first === null ? [] : [[condition!, first] as const]),
      ] as const;
      expect(
        largestError(
          ...intervals.flatMap(([one, other]) => [
            [one.value, other.value] as const,
            [one.standardError, other.standardError] as const,
            [one.degreesOfFreedom, other.degreesOfFreedom ?? Infinity] as const,
            [one.lower, other.lower] as const,
            [one.upper, other.upper] as const,
          ]),
          [actual.pValue, wanted.pValue],
          [actual.parts.readers, wanted.readersPart],
          [actual.parts.sharedCases, wanted.sharedPart],
          [fixed?.standardError ?? 0, wanted.fixedStandardError],
        ),
      ).toBeLessThan(1e-8);
    },
  );

  test.each(rows.filter(({ difference }) => difference === null))("$title: nothing varies", ({ analyse }) => {
    expect(analyse).toThrow(/neither readers nor cases vary/);
  });
});

describe("where the design is balanced", () => {
  const errorOfDifference = (study: ReaderStudyRatings) =>
    arbitraryDesign(study, aucFigure).randomReadersRandomCases.differences[0]!.standardError;

  test("it is Gallas' one-shot estimate: crossed, nested, and groups of equal size", () => {
    const moments = golden.filter(({ name }) =>
      ["fully crossed", "each reader cases of their own"].includes(name),
    );
    expect(moments).toHaveLength(2);
    expect(
      largestError(
        ...moments.map((one) => [errorOfDifference(studyOf(one)), one.eightMomentsStandardError!] as const),
        ...splitPlot.map(
          (one) => [errorOfDifference(sideBySide(one.groups)), one.oneShotStandardError] as const,
        ),
      ),
    ).toBeLessThan(1e-10);
  });

  const groups = splitPlot[1]!.groups;
  const nested = groups.map(({ labels, ratings }) => ({ labels, ratings: ratings.map((row) => [row[0]!]) }));
  test.each([
    ["crossed", [groups[0]!]],
    ["groups of equal size", groups],
    ["nested", nested],
  ])("sensitivity and specificity have the Obuchowski–Rockette analysis: %s", (_, parts) => {
    for (const figure of [
      figures.sensitivity,
      figures.specificity,
      ...(parts === nested ? [aucFigure] : []),
    ]) {
      const study = sideBySide(parts);
      const actual = arbitraryDesign(study, figure);
      const expected = obuchowskiRockette(
        parts.map(({ labels, ratings }, group) =>
          figureEstimates(
            {
              conditions: study.conditions,
              readers: ratings[0]!.map((__, reader) => `${group}/${reader}`),
              labels,
              ratings,
            },
            figure,
            { kind: "delong" },
          ),
        ),
      );
      const [difference] = actual.randomReadersRandomCases.differences;
      const [wanted] = expected.randomReadersRandomCases.differences;
      // DeLong's variance of an AUC, which the readers who are fixed need, is not the U-statistic.
      const fixed = [actual, expected].map(
        ({ fixedReadersRandomCases }) => fixedReadersRandomCases.differences[0]!.standardError,
      );
      expect(
        largestError(
          [difference!.value, wanted!.value],
          [difference!.standardError, wanted!.standardError],
          [difference!.degreesOfFreedom, wanted!.degreesOfFreedom],
          figure === aucFigure ? [0, 0] : [fixed[0]!, fixed[1]!],
        ),
      ).toBeLessThan(1e-8);
    }
  });
});

describe("properties", () => {
  const one = golden.find(({ name }) => name.startsWith("groups of three"))!;
  const study = { ...studyOf(one), labels: one.labels };
  const differenceOf = (changed: ReaderStudyRatings, weights?: readonly number[]) =>
    arbitraryDesign(changed, aucFigure, weights === undefined ? {} : { weights }).randomReadersRandomCases
      .differences[0]!;

  test("neither the order of cases and readers nor a monotone change of the ratings matters", () => {
    const random = createRandom(4);
    const cases = random.shuffle(study.labels.map((_, index) => index));
    const readers = [3, 0, 4, 2, 1];
    const shuffled = {
      ...study,
      readers: readers.map((reader) => study.readers[reader]!),
      labels: cases.map((index) => study.labels[index]!),
      clusterIds: cases.map((index) => study.clusterIds![index]!),
      ratings: study.ratings.map((table) =>
        readers.map((reader) =>
          cases.map((index) => {
            const rating = table[reader]![index]!;
            return rating === null ? null : Math.exp(rating / 20);
          }),
        ),
      ),
    };
    expect(differenceOf(shuffled).standardError).toBeCloseTo(differenceOf(study).standardError, 12);
    expect(differenceOf(shuffled).degreesOfFreedom).toBeCloseTo(differenceOf(study).degreesOfFreedom, 8);
  });

  test("conditions in the other order change the sign and nothing else", () => {
    const turned = differenceOf({ ...study, ratings: study.ratings.toReversed() });
    expect(turned.value).toBeCloseTo(-differenceOf(study).value, 12);
    expect(turned.upper).toBeCloseTo(-differenceOf(study).lower, 12);
  });

  test("weights count in any scale; the estimate is the weighted mean of the readers", () => {
    const weights = [2, 2, 1, 2, 1];
    const { randomReadersRandomCases, values } = arbitraryDesign(study, aucFigure, { weights });
    const mean = weights.reduce(
      (sum, weight, reader) => sum + (weight / 8) * (values[0]![reader]! - values[1]![reader]!),
      0,
    );
    expect(randomReadersRandomCases.differences[0]!.value).toBeCloseTo(mean, 12);
    expect(differenceOf(study, [20, 20, 10, 20, 10]).standardError).toBeCloseTo(
      differenceOf(study, weights).standardError,
      12,
    );
  });

  test("a case that was read under one condition only does not count", () => {
    const index = study.ratings[0]![0]!.findIndex((rating) => rating !== null);
    const gap = {
      ...study,
      ratings: study.ratings.map((table, condition) =>
        table.map((row, reader) =>
          row.map((rating, place) => (condition === 0 && reader === 0 && place === index ? null : rating)),
        ),
      ),
    };
    const left = arbitraryDesign(gap, aucFigure).caseCounts[0]!;
    const before = arbitraryDesign(study, aucFigure).caseCounts[0]!;
    expect(left.diseased + left.nonDiseased).toBe(before.diseased + before.nonDiseased - 1);
  });
});

describe("designs without an answer say which it is", () => {
  const labels = [1, 1, 1, 0, 0, 0];
  const study = (ratings: readonly (readonly (number | null)[])[]): ReaderStudyRatings => ({
    conditions: ["aided", "unaided"],
    readers: ratings.map((_, reader) => `R${reader}`),
    labels,
    ratings: [ratings, ratings.map((row) => row.map((rating) => (rating === null ? null : rating % 7)))],
  });
  const ratings = [7, 9, 5, 1, 6, 2];

  test.each([
    ["one reader", [ratings], /needs two of them, got 1/],
    [
      "a reader without disease",
      [ratings, [null, null, null, 1, 5, 3]],
      /Reader R1 read 0 malignant and 3 other/,
    ],
    ["constant ratings", [ratings, [7, 7, 7, 7, 7, 7]], /Reader R1 under aided gave every case the rating 7/],
    [
      "two readers of one and the same malignant case",
      [ratings, [8, null, null, 1, 9, null], [2, null, null, 3, 1, null]],
      /R1 and R2 share so few cases/,
    ],
    [
      "nobody with two malignant cases",
      [
        [3, null, null, 1, 5, null],
        [null, 4, null, 1, 5, null],
      ],
      /nobody's variance over cases can be told/,
    ],
    [
      "readers who are all perfect",
      [
        [4, 5, 6, 1, 2, 3],
        [5, 6, 4, 3, 2, 1],
      ],
      /neither readers nor cases vary/,
    ],
  ])("%s", (_, rows, message) => {
    expect(() => arbitraryDesign(study(rows), aucFigure)).toThrow(message);
  });

  test("weights that are none", () => {
    for (const weights of [[1], [1, 0], [1, Number.NaN]]) {
      expect(() => arbitraryDesign(study([ratings, ratings.toReversed()]), aucFigure, { weights })).toThrow(
        /needs a weight above 0/,
      );
    }
  });
});

/** Groups of readers with cases of their own as one study. */
function sideBySide(
  groups: readonly {
    readonly labels: readonly number[];
    readonly ratings: readonly (readonly (readonly number[])[])[];
  }[],
): ReaderStudyRatings {
  return {
    conditions: ["first", "second"],
    readers: groups.flatMap(({ ratings }, group) => ratings[0]!.map((_, reader) => `${group}/${reader}`)),
    labels: groups.flatMap((group) => group.labels),
    ratings: [0, 1].map((condition) =>
      groups.flatMap((group, own) =>
        group.ratings[condition]!.map((row) =>
          groups.flatMap(({ labels }, place) =>
            place === own ? [...row] : labels.map((): number | null => null),
          ),
        ),
      ),
    ),
  };
}
