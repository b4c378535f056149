import { MetricInputError } from "@crossread/metrics/metric-input-error";
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
import {
  obuchowskiRockette,
  type OrInference,
  type OrInterval,
} from "@crossread/metrics/obuchowski-rockette";
import { normalQuantile } from "@crossread/metrics/normal-distribution";
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
  const isAnalysed = scope.structure !== "overlapping" && scope.structure !== "irregular";
  return {
    figure: name,
    byReader: scope.complete.map((reader) => ({
      reader,
      result: orReason(() => readerAlone(scope, reader, compared)),
    })),
    pooled: isAnalysed ? orReason(() => allReaders(scope, compared)) : { undefined: scope.groups.note },
    averaged: isAnalysed || scope.complete.length === 0 ? null : meanOfReaders(scope, compared),
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

function allReaders(scope: StudyScope, compared: Compared) {
  const analysis = obuchowskiRockette(
    scope.groups.groups.map((readers) => figuresOf(scope, readers, compared)),
  );
  const { randomReadersRandomCases, fixedReadersRandomCases, randomReadersFixedCases } = analysis;
  const mean = ({ value, lower, upper }: OrInterval) => ({ value, lower: clip(lower), upper: clip(upper) });
  const differenceOf = ({ differences }: OrInference) => {
    const { value, lower, upper, pValue } = differences[0]!;
    return { value, lower, upper, pValue };
  };
  const { degreesOfFreedom } = randomReadersRandomCases.differences[0]!;
  return {
    aided: mean(randomReadersRandomCases.conditions[0]!),
    unaided: mean(randomReadersRandomCases.conditions[1]!),
    difference: {
      ...differenceOf(randomReadersRandomCases),
      degreesOfFreedom: Number.isFinite(degreesOfFreedom) ? degreesOfFreedom : null,
    },
    fixedReaders: differenceOf(fixedReadersRandomCases),
    fixedCases: differenceOf(randomReadersFixedCases),
    components: analysis.components,
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
