import { assertLabelledScores, type Numbers } from "./input-assertions.ts";
import { ascendingOrder } from "./midranks.ts";
import { MetricInputError } from "./metric-input-error.ts";

export interface ThresholdCounts {
  /** Cases with score ≥ threshold are called malignant. */
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
}

export interface RocPoint {
  /** null: above every score, nothing is called malignant. */
  readonly threshold: number | null;
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
}

/** Cumulative counts at every distinct score, from the highest threshold to the lowest. */
export function countsByThreshold(labels: Numbers, scores: Numbers): ThresholdCounts[] {
  assertLabelledScores(labels, scores);
  const order = ascendingOrder(scores);
  const rows: ThresholdCounts[] = [];
  let truePositives = 0;
  let falsePositives = 0;
  for (let position = order.length - 1; position >= 0; position--) {
    const index = order[position]!;
    if (labels[index] === 1) truePositives++;
    else falsePositives++;
    const threshold = scores[index]!;
    if (position === 0 || scores[order[position - 1]!] !== threshold) {
      rows.push({ threshold, truePositives, falsePositives });
    }
  }
  return rows;
}

/**
 * Empirical ROC curve: one point per distinct score, no convex hull, none left out.
 *
 * @param labels - shape [N], 1 = malignant
 * @param scores - shape [N], finite; larger = more suspicious
 * @returns from (0, 0) with threshold null to (1, 1), thresholds falling
 * @throws {MetricInputError} "one-class", "empty", "length-mismatch", "label-invalid", "not-finite"
 * @complexity O(N log N) time
 * @golden golden/scikit-learn/cases.json (drop_intermediate=False)
 */
export function rocCurve(labels: Numbers, scores: Numbers): RocPoint[] {
  const rows = countsByThreshold(labels, scores);
  const last = rows[rows.length - 1]!;
  if (last.truePositives === 0 || last.falsePositives === 0) {
    throw new MetricInputError(
      "one-class",
      `A ROC curve needs both classes, got ${last.truePositives} malignant and ${last.falsePositives} benign cases.`,
    );
  }
  return [
    { threshold: null, falsePositiveRate: 0, truePositiveRate: 0 },
    ...rows.map((row) => ({
      threshold: row.threshold,
      falsePositiveRate: row.falsePositives / last.falsePositives,
      truePositiveRate: row.truePositives / last.truePositives,
    })),
  ];
}

/**
 * At most `limit` points of a curve for display: corners first (dropping points on a straight run loses nothing),
 * then evenly along the curve. First and last always stay.
 */
export function thinRocCurve(points: readonly RocPoint[], limit: number): RocPoint[] {
  if (!(limit >= 2))
    throw new MetricInputError("out-of-range", `A curve keeps at least 2 points, got ${limit}.`);
  const corners = points.filter((point, index) => {
    const before = points[index - 1];
    const after = points[index + 1];
    if (before === undefined || after === undefined) return true;
    const left =
      (point.falsePositiveRate - before.falsePositiveRate) *
      (after.truePositiveRate - point.truePositiveRate);
    const right =
      (after.falsePositiveRate - point.falsePositiveRate) *
      (point.truePositiveRate - before.truePositiveRate);
    return Math.abs(left - right) > 1e-15;
  });
  return thinEvenly(corners, limit, (point) => point.falsePositiveRate + point.truePositiveRate);
}

/** At most `limit` items, nearest to even steps of a monotone position; first and last always stay. */
export function thinEvenly<TItem>(
  items: readonly TItem[],
  limit: number,
  position: (item: TItem) => number,
): TItem[] {
  if (items.length <= limit) return [...items];
  const start = position(items[0]!);
  const end = position(items[items.length - 1]!);
  const kept: TItem[] = [];
  let index = 0;
  for (let step = 0; step < limit; step++) {
    const goal = start + ((end - start) * step) / (limit - 1);
    const latest = items.length - (limit - step);
    while (
      index < latest &&
      Math.abs(position(items[index + 1]!) - goal) <= Math.abs(position(items[index]!) - goal)
    ) {
      index++;
    }
    if (step === limit - 1) index = items.length - 1;
    kept.push(items[index]!);
    index++;
  }
  return kept;
}
