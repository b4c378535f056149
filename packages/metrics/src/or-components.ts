/** Mean squares, error covariances and variance components of the Obuchowski–Rockette model, symbols as in Hillis (2007). */
import type { FigureEstimates } from "./figure-covariance.ts";
import { MetricInputError } from "./metric-input-error.ts";

export interface OrMeanSquares {
  /** MS(T), T−1 degrees of freedom. */
  readonly condition: number;
  /** MS(R), R−G degrees of freedom. */
  readonly reader: number;
  /** MS(T·R), (T−1)(R−G) degrees of freedom. */
  readonly conditionReader: number;
}

export interface OrErrorCovariance {
  /** Var(ε), mean over reader × condition. */
  readonly error: number;
  /** Same reader, different conditions. */
  readonly cov1: number;
  /** Different readers, same condition. */
  readonly cov2: number;
  /** Different readers, different conditions. */
  readonly cov3: number;
}

export interface OrVarianceComponents extends OrErrorCovariance {
  /** Var(R); an ANOVA estimate, which can be negative. */
  readonly reader: number;
  /** Var(T·R); an ANOVA estimate, which can be negative. */
  readonly conditionReader: number;
}

/** Figures of all readers side by side, and which of them share cases. */
export interface OrLayout {
  readonly conditions: readonly string[];
  readonly readers: readonly string[];
  /** Shape [T][R]. */
  readonly values: readonly (readonly number[])[];
  /** Shape [R]: readers of the same part read the same cases. */
  readonly partOf: readonly number[];
  /** Readers that share a case: R crossed, R/G split-plot, 1 where each reader has cases of their own. */
  readonly readersPerCase: number;
  /** G of the ANOVA: blocks within which readers are compared. */
  readonly blockCount: number;
  readonly design: "crossed" | "split-plot" | "nested";
  /** Error covariance of two cells; 0 between parts. */
  readonly covarianceOf: (left: OrCell, right: OrCell) => number;
}

export interface OrCell {
  readonly condition: number;
  readonly reader: number;
}

/**
 * Sets the parts of a study side by side. One part = fully crossed; several parts with equally many readers = split-plot,
 * each part's readers having cases of their own; several parts of one reader = cases nested within readers.
 *
 * @throws {MetricInputError} "too-few-readers" if there are fewer than two; "unbalanced-design" if parts differ in
 *   conditions or number of readers; "duplicate-subject" if a reader occurs twice
 */
export function layOut(parts: readonly FigureEstimates[]): OrLayout {
  const [first] = parts;
  if (first === undefined)
    throw new MetricInputError("empty", "An analysis needs figures of merit, got none.");
  const readers = parts.flatMap((part) => part.readers);
  if (readers.length < 2) {
    throw new MetricInputError(
      "too-few-readers",
      `An analysis of readers needs two of them, got ${readers.length}: compare one reader's AUCs by DeLong's test.`,
    );
  }
  if (new Set(readers).size !== readers.length) {
    throw new MetricInputError("duplicate-subject", `A reader is in two parts: ${readers.join(", ")}.`);
  }
  for (const part of parts) {
    if (part.readers.length !== first.readers.length || part.conditions.join() !== first.conditions.join()) {
      throw new MetricInputError(
        "unbalanced-design",
        `Every part needs the same conditions and ${first.readers.length} readers, got ${part.readers.length} under ${part.conditions.join(", ")}.`,
      );
    }
  }
  const size = first.readers.length;
  const partOf = readers.map((_, reader) => Math.floor(reader / size));
  const values = first.conditions.map((_, condition) =>
    parts.flatMap((part) => [...part.values.subarray(condition * size, (condition + 1) * size)]),
  );
  return {
    conditions: first.conditions,
    readers,
    values,
    partOf,
    readersPerCase: size,
    blockCount: size === 1 ? 1 : parts.length,
    design: parts.length === 1 ? "crossed" : size === 1 ? "nested" : "split-plot",
    covarianceOf: (left, right) => {
      if (partOf[left.reader] !== partOf[right.reader]) return 0;
      const row = left.condition * size + (left.reader % size);
      const column = right.condition * size + (right.reader % size);
      return parts[partOf[left.reader]!]!.covariance[row * first.conditions.length * size + column]!;
    },
  };
}

const average = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

export function conditionMeans({ values }: OrLayout): number[] {
  return values.map(average);
}

/** Readers that are compared with each other, by block. */
function readerBlocks({ readers, blockCount, partOf }: OrLayout): number[][] {
  const all = readers.map((_, reader) => reader);
  return blockCount === 1
    ? [all]
    : Array.from({ length: blockCount }, (_, block) => all.filter((reader) => partOf[reader] === block));
}

/** MS(R) of the means over conditions, within the blocks; R−G degrees of freedom. */
export function readerMeanSquare(layout: OrLayout): number {
  const T = layout.values.length;
  let sum = 0;
  for (const members of readerBlocks(layout)) {
    const ofReader = members.map((reader) => average(layout.values.map((row) => row[reader]!)));
    const ofBlock = average(ofReader);
    for (const value of ofReader) sum += T * (value - ofBlock) ** 2;
  }
  return sum / (layout.readers.length - layout.blockCount);
}

/** ANOVA of condition × reader within the blocks of readers. */
export function meanSquares(layout: OrLayout): OrMeanSquares {
  const { values } = layout;
  const T = values.length;
  const R = layout.readers.length;
  const means = conditionMeans(layout);
  const overall = average(means);
  let interactionSum = 0;
  for (const members of readerBlocks(layout)) {
    const ofCondition = values.map((row) => average(members.map((reader) => row[reader]!)));
    const ofBlock = average(ofCondition);
    for (const reader of members) {
      const ofReader = average(values.map((row) => row[reader]!));
      for (let condition = 0; condition < T; condition++) {
        interactionSum += (values[condition]![reader]! - ofCondition[condition]! - ofReader + ofBlock) ** 2;
      }
    }
  }
  return {
    condition: (R * means.reduce((sum, value) => sum + (value - overall) ** 2, 0)) / (T - 1),
    reader: readerMeanSquare(layout),
    conditionReader: interactionSum / ((T - 1) * (R - layout.blockCount)),
  };
}

/** Error variance and Cov1–Cov3: means of the covariance matrix over the kinds of pairs. */
export function errorCovariance(layout: OrLayout): OrErrorCovariance {
  const sums = { error: [] as number[], cov1: [] as number[], cov2: [] as number[], cov3: [] as number[] };
  eachPair(layout, (left, right) => {
    const isSameReader = left.reader === right.reader;
    const isSameCondition = left.condition === right.condition;
    const kind = isSameReader ? (isSameCondition ? "error" : "cov1") : isSameCondition ? "cov2" : "cov3";
    sums[kind].push(layout.covarianceOf(left, right));
  });
  return {
    error: average(sums.error),
    cov1: average(sums.cov1),
    cov2: average(sums.cov2),
    cov3: average(sums.cov3),
  };
}

function eachPair(layout: OrLayout, visit: (left: OrCell, right: OrCell) => void): void {
  const T = layout.conditions.length;
  const R = layout.readers.length;
  for (let left = 0; left < T * R; left++) {
    for (let right = 0; right < T * R; right++) {
      const a = { condition: Math.floor(left / R), reader: left % R };
      const b = { condition: Math.floor(right / R), reader: right % R };
      if (layout.partOf[a.reader] === layout.partOf[b.reader]) visit(a, b);
    }
  }
}

/** Var(T·R) = MS(T·R) − Var(ε) + Cov1 + Cov2 − Cov3,  Var(R) = (MS(R) − MS(T·R))/T − Cov1 + Cov3 */
export function varianceComponents(
  squares: OrMeanSquares,
  covariance: OrErrorCovariance,
  conditionCount: number,
): OrVarianceComponents {
  const { error, cov1, cov2, cov3 } = covariance;
  return {
    reader: (squares.reader - squares.conditionReader) / conditionCount - cov1 + cov3,
    conditionReader: squares.conditionReader - error + cov1 + cov2 - cov3,
    error,
    cov1,
    cov2,
    cov3,
  };
}
