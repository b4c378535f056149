import { clusterBootstrap, percentileInterval } from "./cluster-bootstrap.ts";
import { assertSameLength } from "./input-assertions.ts";
import {
  energyInside,
  overlapAtThresholds,
  pointingGame,
  type OverlapAtThreshold,
  type SaliencyMap,
} from "./localisation.ts";
import { rasteriseMarks, type Mark } from "./mark-mask.ts";
import { matchRegions, type RegionMatch, type RegionRule } from "./map-regions.ts";
import { MetricInputError } from "./metric-input-error.ts";

export interface MapMeasurement {
  /** Absent where the image has no mark. */
  readonly marked?: {
    readonly pointing: number;
    readonly energyInside: number;
    readonly overlaps: readonly OverlapAtThreshold[];
    /** Share of the map that is marked: what a map without aim would score in pointing and energy. */
    readonly markShare: number;
  };
  readonly regions: RegionMatch;
}

/** What a summary needs of a measurement, and what is stored of it. */
export interface MapMeasures extends Pick<MapMeasurement, "marked"> {
  readonly regions: Pick<RegionMatch, "marks" | "missedMarkCount" | "spuriousRegionCount">;
}

/**
 * Every measure of one map against the marks of its image.
 *
 * @param marks - in pixels of the map (`marksOnMap`); none where the image shows no lesion
 * @param options.thresholds - of the overlaps, shares of the map's maximum, the same for all images of a summary
 * @throws {MetricInputError} "flat-map", "mark-outside-map", "out-of-range", "length-mismatch"
 */
export function measureMap(
  map: SaliencyMap,
  marks: readonly Mark[],
  options: { readonly thresholds: readonly number[]; readonly regionRule: RegionRule },
): MapMeasurement {
  const regions = matchRegions(map, marks, options.regionRule);
  if (marks.length === 0) return { regions };
  const mask = rasteriseMarks(map, marks);
  return {
    marked: {
      pointing: pointingGame(map, mask),
      energyInside: energyInside(map, mask),
      overlaps: overlapAtThresholds(map, mask, options.thresholds),
      markShare: mask.reduce((sum, pixel) => sum + pixel, 0) / mask.length,
    },
    regions,
  };
}

export interface MapQuantity {
  readonly name: string;
  readonly value: number;
  /** Null for fewer than two subjects. */
  readonly lower: number | null;
  readonly upper: number | null;
  /** Maps, or marks for the share of marks found. */
  readonly count: number;
}

interface QuantityParts {
  readonly name: string;
  /** Value = Σ numerator / Σ denominator over the maps; shape [N], by subject once summed. */
  readonly numerators: readonly number[];
  readonly denominators: readonly number[];
}

/**
 * Means over maps with intervals over resampled subjects, all from the same resamples.
 *
 * pointing, energy inside, mark share, IoU and Dice by threshold: mean over maps with a mark; marks found: Σ found / Σ marks;
 * spurious regions: mean per map, and per map without a mark
 *
 * @param measurements - shape [N ≥ 1], from `measureMap` with the same thresholds
 * @param options.clusterIds - shape [N], the subject of each map
 * @returns quantities that have a value, in this order; those of marked maps are left out where there is none
 * @throws {MetricInputError} "empty", "length-mismatch", "out-of-range"; "too-few-cases" if a quantity has no value in more
 *   than a tenth of the resamples
 * @complexity O(N · quantities + replicates · subjects · quantities) time
 * @source Field & Welsh, JRSS B 69:369 (2007), cluster bootstrap; a ratio of sums per subject as in Rutter, Acad Radiol 7:413 (2000)
 */
export function summariseMaps(
  measurements: readonly MapMeasures[],
  options: {
    readonly clusterIds: readonly string[];
    readonly replicates: number;
    readonly seed: number;
    readonly confidence?: number;
  },
): MapQuantity[] {
  if (measurements.length === 0) throw new MetricInputError("empty", "A summary needs at least one map.");
  assertSameLength("cluster ids", options.clusterIds, measurements.length);
  const subjectIds = [...new Set(options.clusterIds)];
  const subjectOf = new Map(subjectIds.map((id, index) => [id, index]));
  const rows = options.clusterIds.map((id) => subjectOf.get(id)!);
  const parts = quantityParts(measurements)
    .filter((part) => part.denominators.some((value) => value > 0))
    .map((part) => bySubject(part, { rows, count: subjectIds.length }));
  const isMarked = new Uint8Array(subjectIds.length);
  measurements.forEach(({ marked }, index) => {
    if (marked !== undefined) isMarked[rows[index]!] = 1;
  });
  const replicates =
    subjectIds.length < 2
      ? undefined
      : clusterBootstrap<string>({
          ...options,
          // Strata: subjects with a marked map and subjects without, so that both occur in every resample.
          labels: isMarked,
          clusterIds: subjectIds,
          statistics: (multiplicity) =>
            Object.fromEntries(parts.map((part) => [part.name, ratioOf(part, multiplicity)])),
        }).replicates;
  const once = new Uint32Array(subjectIds.length).fill(1);
  return parts.map((part) => {
    const interval =
      replicates === undefined
        ? { lower: null, upper: null }
        : percentileInterval(replicates[part.name]!, options.confidence);
    return {
      name: part.name,
      value: ratioOf(part, once)!,
      lower: interval.lower,
      upper: interval.upper,
      count: part.denominators.reduce((sum, value) => sum + value, 0),
    };
  });
}

/** Sums per subject: a ratio of sums stays the same, and a resample costs as many steps as there are subjects. */
function bySubject(
  part: QuantityParts,
  subjects: { readonly rows: readonly number[]; readonly count: number },
): QuantityParts {
  const numerators = Array.from({ length: subjects.count }, () => 0);
  const denominators = Array.from({ length: subjects.count }, () => 0);
  subjects.rows.forEach((subject, index) => {
    numerators[subject]! += part.numerators[index]!;
    denominators[subject]! += part.denominators[index]!;
  });
  return { name: part.name, numerators, denominators };
}

function ratioOf(part: QuantityParts, multiplicity: Uint32Array): number | undefined {
  let numerator = 0;
  let denominator = 0;
  for (let index = 0; index < multiplicity.length; index++) {
    numerator += multiplicity[index]! * part.numerators[index]!;
    denominator += multiplicity[index]! * part.denominators[index]!;
  }
  return denominator === 0 ? undefined : numerator / denominator;
}

function quantityParts(measurements: readonly MapMeasures[]): QuantityParts[] {
  const overMarked = (name: string, read: (marked: NonNullable<MapMeasures["marked"]>) => number) => ({
    name,
    numerators: measurements.map(({ marked }) => (marked === undefined ? 0 : read(marked))),
    denominators: measurements.map(({ marked }) => (marked === undefined ? 0 : 1)),
  });
  const thresholds = measurements.find(({ marked }) => marked !== undefined)?.marked?.overlaps ?? [];
  for (const { marked } of measurements) {
    if (marked !== undefined) assertSameLength("overlap thresholds", marked.overlaps, thresholds.length);
  }
  const spurious = measurements.map(({ regions }) => regions.spuriousRegionCount);
  return [
    overMarked("pointing", (marked) => marked.pointing),
    overMarked("energy inside", (marked) => marked.energyInside),
    overMarked("mark share", (marked) => marked.markShare),
    ...thresholds.flatMap(({ threshold }, index) => [
      overMarked(`IoU at ${threshold}`, (marked) => marked.overlaps[index]!.iou),
      overMarked(`Dice at ${threshold}`, (marked) => marked.overlaps[index]!.dice),
    ]),
    {
      name: "marks found",
      numerators: measurements.map(({ regions }) => regions.marks.length - regions.missedMarkCount),
      denominators: measurements.map(({ regions }) => regions.marks.length),
    },
    { name: "spurious regions per map", numerators: spurious, denominators: measurements.map(() => 1) },
    {
      name: "spurious regions per map without a mark",
      numerators: measurements.map(({ marked }, index) => (marked === undefined ? spurious[index]! : 0)),
      denominators: measurements.map(({ marked }) => (marked === undefined ? 1 : 0)),
    },
  ];
}
