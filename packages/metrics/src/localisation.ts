/** Saliency maps against marks; x to the right, y downwards, (0, 0) the top-left corner, pixel centres at +½. */
import { assertSameLength, type Numbers } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";

export interface SaliencyMap {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Row-major, finite, ≥ 0; larger = more relevant. */
  readonly values: Numbers;
}

export type Mark =
  | { readonly shape: "circle"; readonly xPx: number; readonly yPx: number; readonly radiusPx: number }
  | { readonly shape: "polygon"; readonly points: readonly { readonly xPx: number; readonly yPx: number }[] };

export interface OverlapAtThreshold {
  /** Share of the map's maximum from which a pixel is hot. */
  readonly threshold: number;
  readonly iou: number;
  readonly dice: number;
  /** Share of the map that is hot. */
  readonly hotShare: number;
}

/**
 * Pixels covered by the union of the marks: those whose centre lies inside one; a mark smaller than a pixel covers the
 * pixel that holds its centre.
 *
 * @returns mask, row-major, 1 inside
 * @throws {MetricInputError} "mark-outside-map" if a mark covers no pixel; "out-of-range" for a radius ≤ 0 or a polygon
 *   with fewer than 3 points
 */
export function rasteriseMarks(
  frame: { readonly widthPx: number; readonly heightPx: number },
  marks: readonly Mark[],
): Uint8Array {
  const mask = new Uint8Array(frame.widthPx * frame.heightPx);
  for (const mark of marks) {
    const bounds = markBounds(mark);
    const inside = mark.shape === "circle" ? insideCircle(mark) : insidePolygon(mark.points);
    let covered = 0;
    const firstRow = Math.max(0, Math.floor(bounds.top));
    const lastRow = Math.min(frame.heightPx - 1, Math.floor(bounds.bottom));
    const firstColumn = Math.max(0, Math.floor(bounds.left));
    const lastColumn = Math.min(frame.widthPx - 1, Math.floor(bounds.right));
    for (let row = firstRow; row <= lastRow; row++) {
      for (let column = firstColumn; column <= lastColumn; column++) {
        if (!inside(column + 0.5, row + 0.5)) continue;
        mask[row * frame.widthPx + column] = 1;
        covered++;
      }
    }
    if (covered > 0) continue;
    const column = Math.floor((bounds.left + bounds.right) / 2);
    const row = Math.floor((bounds.top + bounds.bottom) / 2);
    if (column < 0 || row < 0 || column >= frame.widthPx || row >= frame.heightPx) {
      throw new MetricInputError(
        "mark-outside-map",
        `A ${mark.shape} about (${column}, ${row}) covers no pixel of the ${frame.widthPx}×${frame.heightPx} map.`,
      );
    }
    mask[row * frame.widthPx + column] = 1;
  }
  return mask;
}

function markBounds(mark: Mark) {
  if (mark.shape === "circle") {
    if (!(mark.radiusPx > 0)) {
      throw new MetricInputError("out-of-range", `A circle needs a radius above 0, got ${mark.radiusPx}.`);
    }
    return {
      left: mark.xPx - mark.radiusPx,
      right: mark.xPx + mark.radiusPx,
      top: mark.yPx - mark.radiusPx,
      bottom: mark.yPx + mark.radiusPx,
    };
  }
  if (mark.points.length < 3) {
    throw new MetricInputError("out-of-range", `A polygon needs three points, got ${mark.points.length}.`);
  }
  const xs = mark.points.map((point) => point.xPx);
  const ys = mark.points.map((point) => point.yPx);
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

function insideCircle(circle: { readonly xPx: number; readonly yPx: number; readonly radiusPx: number }) {
  return (x: number, y: number) => (x - circle.xPx) ** 2 + (y - circle.yPx) ** 2 <= circle.radiusPx ** 2;
}

/** Even–odd rule. */
function insidePolygon(points: readonly { readonly xPx: number; readonly yPx: number }[]) {
  return (x: number, y: number) => {
    let isInside = false;
    for (let index = 0; index < points.length; index++) {
      const a = points[index]!;
      const b = points[(index + 1) % points.length]!;
      if (a.yPx > y !== b.yPx > y && x < a.xPx + ((y - a.yPx) / (b.yPx - a.yPx)) * (b.xPx - a.xPx)) {
        isInside = !isInside;
      }
    }
    return isInside;
  };
}

function assertMap(map: SaliencyMap): number {
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
