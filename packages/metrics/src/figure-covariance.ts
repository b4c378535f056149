/** Figures of merit of every reader × condition and the covariance that sharing the same cases gives them. */
import { clusterBootstrap, type Multiplicity } from "./cluster-bootstrap.ts";
import type { FigureOfMerit } from "./figure-of-merit.ts";
import type { Numbers } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";
import { assertReaderStudyRatings, clusterIdsOf, type ReaderStudyRatings } from "./reader-study-ratings.ts";
import { mean } from "./summary.ts";

export type CovarianceMethod =
  | { readonly kind: "delong" }
  | { readonly kind: "jackknife" }
  | { readonly kind: "bootstrap"; readonly replicates: number; readonly seed: number };

export interface FigureEstimates {
  readonly conditions: readonly string[];
  readonly readers: readonly string[];
  /** Shape [T·R]; cell = condition · R + reader. */
  readonly values: Float64Array;
  /** Shape [T·R · T·R], row-major, symmetric. */
  readonly covariance: Float64Array;
}

/**
 * Figures of merit with their T·R × T·R covariance over the cases.
 *
 * delong: placement values, cov = Σ over subjects of products of their centred sums (Obuchowski 1997 for several cases
 * per subject); jackknife: (C−1)/C · Σ_c (θ₋c − θ̄)(θ'₋c − θ̄'), leaving out one subject at a time; bootstrap: sample
 * covariance over resampled subjects.
 *
 * @param study - every reader × condition × case; `clusterIds` where a subject has several cases
 * @param figure - what is compared; "delong" needs its `components`
 * @param method - how the covariance is estimated
 * @throws {MetricInputError} all of `assertReaderStudyRatings`; "constant-ratings" if an AUC's reader gives one rating
 *   throughout; "too-few-cases" if a class that the figure uses has fewer than two subjects; "out-of-range" if the figure
 *   has no DeLong covariance
 * @complexity delong O(T·R·N log N + (T·R)²·N); jackknife O(T·R·N·C); bootstrap O(replicates · T·R·N)
 * @source DeLong et al., Biometrics 44:837 (1988); Obuchowski, Biometrics 53:567 (1997); Obuchowski & Rockette,
 *   Commun Stat Simul 24:285 (1995)
 * @golden golden/mrmc/cases.json
 */
export function figureEstimates(
  study: ReaderStudyRatings,
  figure: FigureOfMerit,
  method: CovarianceMethod,
): FigureEstimates {
  assertReaderStudyRatings(study);
  const cells = study.ratings.flat().map((ratings) => Float64Array.from(ratings as readonly number[]));
  const clusterIds = clusterIdsOf(study);
  if (figure.uses === "both") assertVariedRatings(study, cells);
  assertTwoSubjects(study.labels, clusterIds, figure);
  const statistics = cells.map((ratings) => figure.resampled(study.labels, ratings));
  const once = new Uint32Array(study.labels.length).fill(1);
  const values = Float64Array.from(statistics, (statistic) => defined(statistic(once), figure));
  const scope = { labels: study.labels, clusterIds, figure };
  return {
    conditions: study.conditions,
    readers: study.readers,
    values,
    covariance:
      method.kind === "delong"
        ? delongCovariance(cells, values, scope)
        : method.kind === "jackknife"
          ? jackknifeCovariance(statistics, scope)
          : bootstrapCovariance(statistics, method, scope),
  };
}

interface Scope {
  readonly labels: Numbers;
  readonly clusterIds: readonly string[];
  readonly figure: FigureOfMerit;
}

function defined(value: number | undefined, figure: FigureOfMerit): number {
  if (value === undefined) throw new MetricInputError("one-class", `${figure.name} has no value.`);
  return value;
}

function assertVariedRatings(study: ReaderStudyRatings, cells: readonly Float64Array[]): void {
  cells.forEach((ratings, cell) => {
    if (ratings.every((rating) => rating === ratings[0])) {
      const reader = study.readers[cell % study.readers.length];
      const condition = study.conditions[Math.floor(cell / study.readers.length)];
      throw new MetricInputError(
        "constant-ratings",
        `Reader ${reader} under ${condition} gave every case the rating ${ratings[0]}: there is no order to judge.`,
      );
    }
  });
}

const isUsed = (label: number | undefined, figure: FigureOfMerit): boolean =>
  figure.uses === "both" || (figure.uses === "diseased") === (label === 1);

function assertTwoSubjects(labels: Numbers, clusterIds: readonly string[], figure: FigureOfMerit): void {
  for (const [label, name] of [
    [1, "malignant"],
    [0, "benign"],
  ] as const) {
    if (!isUsed(label, figure)) continue;
    const subjects = new Set(clusterIds.filter((_, index) => labels[index] === label)).size;
    if (subjects < 2) {
      throw new MetricInputError(
        "too-few-cases",
        `A covariance of ${figure.name} needs two subjects with a ${name} case, got ${subjects}.`,
      );
    }
  }
}

/** Indices of the used cases by subject. */
function usedSubjects({ labels, clusterIds, figure }: Scope): number[][] {
  const bySubject = new Map<string, number[]>();
  clusterIds.forEach((id, index) => {
    if (!isUsed(labels[index], figure)) return;
    const indices = bySubject.get(id);
    if (indices === undefined) bySubject.set(id, [index]);
    else indices.push(index);
  });
  return [...bySubject.values()];
}

/** Centred class sums per subject, over the class size: diseased and non-diseased, shape [C] each. */
function delongCovariance(cells: readonly Float64Array[], values: Float64Array, scope: Scope): Float64Array {
  const { labels, figure } = scope;
  const { components } = figure;
  if (components === undefined) {
    throw new MetricInputError("out-of-range", `${figure.name} has no DeLong covariance; use the jackknife.`);
  }
  const subjects = usedSubjects(scope);
  const countOf = (label: number) =>
    subjects.flat().reduce((count, index) => count + (labels[index] === label ? 1 : 0), 0);
  const sizes = [countOf(0), countOf(1)];
  const inflationOf = (label: number) => {
    const holders = subjects.filter((indices) => indices.some((index) => labels[index] === label)).length;
    return holders / (holders - 1);
  };
  const sums = cells.map((ratings, cell) => {
    const parts = components(labels, ratings);
    return subjects.map((indices) => {
      const bothSums = [0, 0];
      for (const index of indices) bothSums[labels[index]!]! += parts[index]! - values[cell]!;
      return [bothSums[0]! / Math.max(1, sizes[0]!), bothSums[1]! / Math.max(1, sizes[1]!)] as const;
    });
  });
  const within = [
    figure.uses === "diseased" ? 0 : inflationOf(0),
    figure.uses === "non-diseased" ? 0 : inflationOf(1),
  ];
  const across = subjects.length / (subjects.length - 1);
  return symmetric(cells.length, (left, right) => {
    let covariance = 0;
    for (let subject = 0; subject < subjects.length; subject++) {
      const [benignLeft, malignantLeft] = sums[left]![subject]!;
      const [benignRight, malignantRight] = sums[right]![subject]!;
      covariance += within[0]! * benignLeft * benignRight + within[1]! * malignantLeft * malignantRight;
      covariance += across * (benignLeft * malignantRight + malignantLeft * benignRight);
    }
    return covariance;
  });
}

type Statistic = (multiplicity: Multiplicity) => number | undefined;

function jackknifeCovariance(statistics: readonly Statistic[], scope: Scope): Float64Array {
  const subjects = usedSubjects(scope);
  const multiplicity = new Uint32Array(scope.labels.length).fill(1);
  const leftOut = statistics.map(() => new Float64Array(subjects.length));
  subjects.forEach((indices, subject) => {
    for (const index of indices) multiplicity[index] = 0;
    statistics.forEach((statistic, cell) => {
      leftOut[cell]![subject] = defined(statistic(multiplicity), scope.figure);
    });
    for (const index of indices) multiplicity[index] = 1;
  });
  return symmetric(
    statistics.length,
    (left, right) =>
      ((subjects.length - 1) / subjects.length) * sumOfProducts(leftOut[left]!, leftOut[right]!),
  );
}

function bootstrapCovariance(
  statistics: readonly Statistic[],
  method: { readonly replicates: number; readonly seed: number },
  { labels, clusterIds, figure }: Scope,
): Float64Array {
  if (!(method.replicates >= 2)) {
    throw new MetricInputError(
      "out-of-range",
      `A bootstrap covariance needs two replicates, got ${method.replicates}.`,
    );
  }
  const { replicates } = clusterBootstrap<string>({
    labels,
    clusterIds,
    ...method,
    statistics: (multiplicity) =>
      Object.fromEntries(statistics.map((statistic, cell) => [String(cell), statistic(multiplicity)])),
  });
  const columns = statistics.map((_, cell) =>
    Float64Array.from(replicates[String(cell)]!, (value) => defined(value, figure)),
  );
  return symmetric(
    statistics.length,
    (left, right) => sumOfProducts(columns[left]!, columns[right]!) / (method.replicates - 1),
  );
}

/** Σ (x − x̄)(y − ȳ) */
function sumOfProducts(left: Float64Array, right: Float64Array): number {
  const leftMean = mean(left);
  const rightMean = mean(right);
  let sum = 0;
  for (let index = 0; index < left.length; index++) {
    sum += (left[index]! - leftMean) * (right[index]! - rightMean);
  }
  return sum;
}

function symmetric(size: number, entry: (left: number, right: number) => number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let left = 0; left < size; left++) {
    for (let right = left; right < size; right++) {
      matrix[left * size + right] = matrix[right * size + left] = entry(left, right);
    }
  }
  return matrix;
}
