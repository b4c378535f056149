/** Saliency maps against the mask of the marks (`rasteriseMarks`). */
import { assertSameLength, type Numbers } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";

export interface SaliencyMap {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Row-major, finite, ≥ 0; larger = more relevant. */
  readonly values: Numbers;
}

export interface OverlapAtThreshold {
  /** Share of the map's maximum from which a pixel is hot. */
  readonly threshold: number;
  readonly iou: number;
  readonly dice: number;
  /** Share of the map that is hot. */
  readonly hotShare: number;
}

/** Maximum of a map that points somewhere. */
export function assertMap(map: SaliencyMap): number {
  assertSameLength("map values", map.values, map.widthPx * map.heightPx);
  let maximum = 0;
  for (let index = 0; index < map.values.length; index++) {
    const value = map.values[index]!;
    if (!Number.isFinite(value) || value < 0) {
      throw new MetricInputError(
        "out-of-range",
        `Map values must be finite and ≥ 0, got ${value} at ${index}.`,
      );
    }
    if (value > maximum) maximum = value;
  }
  if (maximum === 0) throw new MetricInputError("flat-map", "The map is 0 everywhere: it points nowhere.");
  return maximum;
}

/**
 * Pointing game: does the hottest pixel lie inside the marks?
 *
 * @param mask - from `rasteriseMarks`, same size as the map
 * @returns 1 or 0; where several pixels share the maximum, the share of them inside
 * @throws {MetricInputError} "flat-map" if the map is 0 everywhere; "out-of-range", "length-mismatch"
 * @source Zhang et al., IJCV 126:1084 (2018)
 */
export function pointingGame(map: SaliencyMap, mask: Uint8Array): number {
  const maximum = assertMap(map);
  assertSameLength("mask pixels", mask, map.values.length);
  let hottest = 0;
  let hits = 0;
  for (let index = 0; index < mask.length; index++) {
    if (map.values[index] !== maximum) continue;
    hottest++;
    hits += mask[index]!;
  }
  return hits / hottest;
}

/**
 * Energy-based pointing game: share of the map's sum that lies inside the marks.
 *
 * @param mask - from `rasteriseMarks`, same size as the map
 * @returns in [0, 1]
 * @throws {MetricInputError} "flat-map" if the map is 0 everywhere; "out-of-range", "length-mismatch"
 * @source Wang et al., Score-CAM, CVPR Workshops (2020)
 */
export function energyInside(map: SaliencyMap, mask: Uint8Array): number {
  assertMap(map);
  assertSameLength("mask pixels", mask, map.values.length);
  let inside = 0;
  let total = 0;
  for (let index = 0; index < mask.length; index++) {
    total += map.values[index]!;
    if (mask[index] === 1) inside += map.values[index]!;
  }
  return inside / total;
}

/**
 * Overlap of the hot area with the marks at shares of the map's maximum.
 *
 * hot = value ≥ t·max,  IoU = |hot ∩ marks| / |hot ∪ marks|,  Dice = 2|hot ∩ marks| / (|hot| + |marks|)
 *
 * @param mask - from `rasteriseMarks`, same size as the map, with at least one pixel
 * @param thresholds - t, each in (0, 1]
 * @throws {MetricInputError} "flat-map" if the map is 0 everywhere; "empty" if the mask is; "out-of-range", "length-mismatch"
 */
export function overlapAtThresholds(
  map: SaliencyMap,
  mask: Uint8Array,
  thresholds: readonly number[],
): OverlapAtThreshold[] {
  const maximum = assertMap(map);
  assertSameLength("mask pixels", mask, map.values.length);
  const marked = mask.reduce((sum, pixel) => sum + pixel, 0);
  if (marked === 0) throw new MetricInputError("empty", "Overlap needs a mark, the mask is empty.");
  return thresholds.map((threshold) => {
    if (!(threshold > 0 && threshold <= 1)) {
      throw new MetricInputError("out-of-range", `A threshold must lie in (0, 1], got ${threshold}.`);
    }
    let hot = 0;
    let both = 0;
    for (let index = 0; index < mask.length; index++) {
      if (map.values[index]! < threshold * maximum) continue;
      hot++;
      both += mask[index]!;
    }
    return {
      threshold,
      iou: both / (hot + marked - both),
      dice: (2 * both) / (hot + marked),
      hotShare: hot / mask.length,
    };
  });
}
