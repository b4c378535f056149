import type { ReaderStudyAnalysis } from "@crossread/contracts/reader-study-analysis";
import { clusteredDelong } from "@crossread/metrics/clustered-delong";
import { MetricInputError } from "@crossread/metrics/metric-input-error";
import { normalQuantile } from "@crossread/metrics/normal-distribution";
import { rocCurve, thinRocCurve } from "@crossread/metrics/roc-curve";
import { isRecall, orReason, type StudyScope } from "./study-scope.ts";
import { conditions } from "./study-tables.ts";

const pointLimit = 101;
const critical = normalQuantile(0.975);

interface Rated {
  readonly labels: readonly number[];
  readonly scores: readonly number[];
  readonly clusterIds: readonly string[];
}

/** ROC curves of each reader, of all ratings together, and of the model, over the same breasts. */
export function curveSection(scope: StudyScope): Pick<ReaderStudyAnalysis, "curves" | "model"> {
  const curves = conditions.flatMap((condition, place) => {
    const suspicion = scope.tables.suspicion[place]!;
    const birads = scope.tables.birads[place]!;
    const cellsOf = (reader: number) => scope.breastsOf(reader).map((breast) => ({ reader, breast }));
    return [null, ...scope.complete].map((reader) => ({
      reader,
      condition,
      result: orReason(() => {
        const cells = reader === null ? scope.complete.flatMap(cellsOf) : cellsOf(reader);
        const rated: Rated = {
          labels: cells.map(({ breast }) => scope.labels[breast]!),
          scores: cells.map((cell) => present(suspicion[cell.reader]![cell.breast]!)),
          clusterIds: cells.map(({ breast }) => scope.clusterIds[breast]!),
        };
        const calls = cells.map((cell) => present(isRecall(birads[cell.reader]![cell.breast]!)));
        return { ...curveOf(rated), recallPoint: pointOf(rated.labels, calls) };
      }),
    }));
  });
  return { curves, model: orReason(() => modelCurve(scope)) };
}

function present(rating: number | null): number {
  if (rating === null) throw new MetricInputError("missing-rating", "A rating of a breast is missing.");
  return rating;
}

function curveOf(rated: Rated) {
  const { labels, scores, clusterIds } = rated;
  const points = thinRocCurve(rocCurve(labels, scores), pointLimit);
  const malignantCount = labels.reduce((sum, label) => sum + label, 0);
  return {
    auc: orReason(() => {
      const { auc, variance } = clusteredDelong(labels, scores, clusterIds);
      const reach = critical * Math.sqrt(variance);
      return {
        value: auc,
        lower: Math.max(0, auc - reach),
        upper: Math.min(1, auc + reach),
        method: "DeLong, patients as clusters",
      };
    }),
    malignantCount,
    benignCount: labels.length - malignantCount,
    points: points.map(({ falsePositiveRate, truePositiveRate }) => ({
      falsePositiveRate,
      truePositiveRate,
    })),
  };
}

function pointOf(labels: readonly number[], calls: readonly number[]) {
  const rate = (label: number) => {
    let called = 0;
    let total = 0;
    labels.forEach((one, place) => {
      if (one !== label) return;
      total++;
      called += calls[place]!;
    });
    return total === 0 ? 0 : called / total;
  };
  return { falsePositiveRate: rate(0), truePositiveRate: rate(1) };
}

function modelCurve(scope: StudyScope) {
  const scored = scope.tables.breasts.flatMap(({ score }, breast) =>
    score === null ? [] : [{ breast, score }],
  );
  if (scored.length === 0)
    throw new MetricInputError("empty", "The model has no score for a breast of this study.");
  const labels = scored.map(({ breast }) => scope.labels[breast]!);
  const { threshold } = scope.tables;
  return {
    ...curveOf({
      labels,
      scores: scored.map(({ score }) => score),
      clusterIds: scored.map(({ breast }) => scope.clusterIds[breast]!),
    }),
    operatingPoint:
      threshold === null
        ? null
        : {
            ...pointOf(
              labels,
              scored.map(({ score }) => (score >= threshold ? 1 : 0)),
            ),
            threshold,
          },
  };
}
