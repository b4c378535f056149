import { MetricInputError } from "@crossread/metrics/metric-input-error";
import { arbitraryDesign } from "@crossread/metrics/arbitrary-design";
import type { ReaderStudyAnalysis } from "@crossread/contracts/reader-study-analysis";
import { clopperPearsonInterval } from "@crossread/metrics/binomial-interval";
import { studentTwoSidedPValue } from "@crossread/metrics/f-distribution";
import { figureEstimates } from "@crossread/metrics/figure-covariance";
import {
  aucFigure,
  sensitivityFigure,
  specificityFigure,
  type FigureOfMerit,
} from "@crossread/metrics/figure-of-merit";
import { normalQuantile } from "@crossread/metrics/normal-distribution";
import { obuchowskiRockette, type OrInference } from "@crossread/metrics/obuchowski-rockette";
import type { ConditionDifference, StudentInterval } from "@crossread/metrics/student-interval";
import { comparisonMethod } from "./comparison-method.ts";
import { conditions } from "./study-tables.ts";
import { estimates, isRecall, orReason, type StudyScope } from "./study-scope.ts";

type Comparison = ReaderStudyAnalysis["comparisons"][number];
type Ratings = readonly (readonly (readonly (number | null)[])[])[];

/** Aided against unaided: each reader alone, and all of them as the design allows. */
export function comparisonSection(scope: StudyScope): Comparison[] {
  const recall = scope.tables.birads.map((byReader) => byReader.map((row) => row.map(isRecall)));
  return (
    [
      ["auc", aucFigure, scope.tables.suspicion],
      ["sensitivity", sensitivityFigure(1), recall],
      ["specificity", specificityFigure(1), recall],
    ] as const
  ).map(([name, figure, ratings]) => compare(scope, name, { figure, ratings }));
}

interface Compared {
  readonly figure: FigureOfMerit;
  readonly ratings: Ratings;
}

function compare(scope: StudyScope, name: Comparison["figure"], compared: Compared): Comparison {
  const isBalanced = comparisonMethod(scope).name === "obuchowski-rockette";
  const pooled = orReason(() =>
    isBalanced ? balancedReaders(scope, compared) : anyReaders(scope, compared),
  );
  const isLeftToMean = !isBalanced && "undefined" in pooled && scope.complete.length > 0;
  return {
    figure: name,
    byReader: scope.counted.map(({ reader }) => ({
      reader,
      result: orReason(() => readerAlone(scope, reader, compared)),
    })),
    pooled,
    averaged: isLeftToMean ? meanOfReaders(scope, compared) : null,
  };
}

/** Figures of readers who share their cases. */
const figuresOf = (scope: StudyScope, readers: readonly number[], { figure, ratings }: Compared) => {
  const breasts = scope.breastsOf(readers[0]!);
  return figureEstimates(
    {
      conditions,
      // By id: the page puts names in the place of ids, also in sentences.
      readers: readers.map((reader) => scope.tables.readers[reader]!.readerId),
      labels: breasts.map((breast) => scope.labels[breast]!),
      ratings: ratings.map((byReader) =>
        readers.map((reader) => breasts.map((breast) => byReader[reader]![breast]!)),
      ),
      clusterIds: breasts.map((breast) => scope.clusterIds[breast]!),
    },
    figure,
    { kind: "delong" },
  );
};

const critical = normalQuantile(0.975);
const clip = (value: number): number => Math.min(1, Math.max(0, value));

function readerAlone(scope: StudyScope, reader: number, compared: Compared) {
  const { covariance, values } = figuresOf(scope, [reader], compared);
  const [aided, unaided] = values;
  const [ofAided, shared, , ofUnaided] = covariance;
  if (compared.figure.uses === "both" && ofAided === 0 && ofUnaided === 0) {
    throw new MetricInputError(
      "zero-variance",
      `The AUC is ${aided!.toFixed(3)} aided and ${unaided!.toFixed(3)} unaided: nothing varies over the patients, so there is no interval.`,
    );
  }
  const patients = patientsJudged(scope, reader, compared.figure);
  const around = (value: number, variance: number) => {
    if (compared.figure.uses !== "both" && (value === 0 || value === 1)) {
      // All or none: nothing varies, so the exact interval of as many patients stands in.
      return { value, ...clopperPearsonInterval(value * patients, patients) };
    }
    const reach = critical * Math.sqrt(Math.max(0, variance));
    return { value, lower: clip(value - reach), upper: clip(value + reach) };
  };
  const value = aided! - unaided!;
  const error = Math.sqrt(Math.max(0, ofAided! + ofUnaided! - 2 * shared!));
  return {
    aided: around(aided!, ofAided!),
    unaided: around(unaided!, ofUnaided!),
    difference: {
      value,
      lower: value - critical * error,
      upper: value + critical * error,
      pValue: error === 0 ? null : studentTwoSidedPValue(value / error, Infinity),
    },
  };
}

/** Patients with a breast of the classes that the figure uses. */
function patientsJudged(scope: StudyScope, reader: number, figure: FigureOfMerit): number {
  const label = figure.uses === "diseased" ? 1 : 0;
  const judged = scope.breastsOf(reader).filter((breast) => scope.labels[breast] === label);
  return new Set(judged.map((breast) => scope.clusterIds[breast])).size;
}

const meanWithin = ({ value, lower, upper }: StudentInterval) => ({
  value,
  lower: clip(lower),
  upper: clip(upper),
});
const differenceOf = ({ value, lower, upper, pValue }: ConditionDifference) => ({
  value,
  lower,
  upper,
  pValue,
});
const pooledDifference = (difference: ConditionDifference) => ({
  ...differenceOf(difference),
  degreesOfFreedom: Number.isFinite(difference.degreesOfFreedom) ? difference.degreesOfFreedom : null,
});

function balancedReaders(scope: StudyScope, compared: Compared) {
  const analysis = obuchowskiRockette(
    scope.groups.groups.map((readers) => figuresOf(scope, readers, compared)),
  );
  const { randomReadersRandomCases, fixedReadersRandomCases, randomReadersFixedCases } = analysis;
  const only = ({ differences }: OrInference) => differences[0]!;
  return {
    method: "obuchowski-rockette" as const,
    aided: meanWithin(randomReadersRandomCases.conditions[0]!),
    unaided: meanWithin(randomReadersRandomCases.conditions[1]!),
    difference: pooledDifference(only(randomReadersRandomCases)),
    fixedReaders: differenceOf(only(fixedReadersRandomCases)),
    fixedCases: differenceOf(only(randomReadersFixedCases)),
    components: analysis.components,
  };
}

function anyReaders(scope: StudyScope, { figure, ratings }: Compared) {
  const readers = scope.counted.map(({ reader }) => scope.tables.readers[reader]!.readerId);
  const { comparedWithin, fixedReadersRandomCases, randomReadersRandomCases } = arbitraryDesign(
    {
      conditions,
      readers,
      labels: scope.labels,
      ratings: ratings.map((byReader, condition) =>
        scope.counted.map(({ reader }, place) => {
          const row = scope.labels.map((): number | null => null);
          for (const breast of scope.breastsOf(reader)) {
            const rating = byReader[reader]![breast]!;
            if (rating === null) {
              throw new MetricInputError(
                "missing-rating",
                `A breast was not rated by reader ${readers[place]} under ${conditions[condition]}.`,
              );
            }
            row[breast] = rating;
          }
          return row;
        }),
      ),
      clusterIds: scope.clusterIds,
    },
    figure,
    { weights: scope.counted.map(({ weight }) => weight) },
  );
  const difference = randomReadersRandomCases.differences[0]!;
  const fixed = fixedReadersRandomCases.differences[0];
  return {
    method: "one-shot" as const,
    aided: meanWithin(randomReadersRandomCases.conditions[0]!),
    unaided: meanWithin(randomReadersRandomCases.conditions[1]!),
    difference: pooledDifference(difference),
    fixedReaders: fixed === undefined ? null : differenceOf(fixed),
    comparedWithin,
    variance: difference.parts,
  };
}

/** Mean over the readers of aided − unaided, each on the cases that they read. */
function meanOfReaders(scope: StudyScope, { figure, ratings }: Compared) {
  return orReason(() => {
    const statistics = scope.complete.map((reader) => {
      const breasts = scope.breastsOf(reader);
      // Checks that this reader has a figure at all.
      figuresOf(scope, [reader], { figure, ratings });
      const labels = breasts.map((breast) => scope.labels[breast]!);
      const [aided, unaided] = ratings.map((byReader) =>
        figure.resampled(
          labels,
          breasts.map((breast) => byReader[reader]![breast]!),
        ),
      );
      return { breasts: Uint32Array.from(breasts), aided: aided!, unaided: unaided! };
    });
    const estimate = estimates(
      new Map([
        [
          "difference",
          (multiplicity) => {
            let sum = 0;
            for (const { aided, breasts, unaided } of statistics) {
              const own = Uint32Array.from(breasts, (breast) => multiplicity[breast]!);
              const first = aided(own);
              const second = unaided(own);
              if (first === undefined || second === undefined) return undefined;
              sum += first - second;
            }
            return sum / statistics.length;
          },
        ],
      ]),
      { clusterIds: scope.clusterIds, reason: "A reader’s cases lack one of the classes." },
      scope.resampling,
    );
    return estimate("difference");
  });
}
