/** Connected hot regions of a saliency map and how they meet the marks one by one. */
import { assertSameLength, type Numbers } from "./input-assertions.ts";
import { assertMap, type SaliencyMap } from "./localisation.ts";
import { rasteriseMarks, type Mark } from "./mark-mask.ts";
import { MetricInputError } from "./metric-input-error.ts";

export interface LabelledRegions {
  /** Row-major; 0 = background, 1 … count in the order of each region's first pixel. */
  readonly labels: Int32Array;
  readonly count: number;
}

/**
 * Connected components of a mask, 8-connected: pixels that touch at a corner belong together.
 *
 * @param mask - row-major, 1 inside
 * @throws {MetricInputError} "length-mismatch"
 * @complexity O(pixels) time and memory
 * @golden golden/map-regions/cases.json (scipy.ndimage.label)
 */
export function labelRegions(
  mask: Numbers,
  frame: { readonly widthPx: number; readonly heightPx: number },
): LabelledRegions {
  const { widthPx, heightPx } = frame;
  assertSameLength("mask pixels", mask, widthPx * heightPx);
  const labels = new Int32Array(mask.length);
  const stack = new Int32Array(mask.length);
  let count = 0;
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] !== 1 || labels[start] !== 0) continue;
    labels[start] = ++count;
    let depth = 0;
    stack[depth++] = start;
    while (depth > 0) {
      const pixel = stack[--depth]!;
      const column = pixel % widthPx;
      const row = (pixel - column) / widthPx;
      for (let y = Math.max(0, row - 1); y <= Math.min(heightPx - 1, row + 1); y++) {
        for (let x = Math.max(0, column - 1); x <= Math.min(widthPx - 1, column + 1); x++) {
          const neighbour = y * widthPx + x;
          if (mask[neighbour] !== 1 || labels[neighbour] !== 0) continue;
          labels[neighbour] = count;
          stack[depth++] = neighbour;
        }
      }
    }
  }
  return { labels, count };
}

export interface HotRegion {
  readonly areaPx: number;
  /** Largest value in it. */
  readonly peak: number;
  /** Mean position of its pixels' centres. */
  readonly xPx: number;
  readonly yPx: number;
  /** Indices of the marks that it touches; none = spurious. */
  readonly markIndices: readonly number[];
}

export interface MarkedLesion {
  /** Share of the mark's pixels that are hot. */
  readonly hotShare: number;
  readonly isFound: boolean;
}

export interface RegionMatch {
  readonly regions: readonly HotRegion[];
  /** One a mark, in the order of the marks. */
  readonly marks: readonly MarkedLesion[];
  readonly missedMarkCount: number;
  readonly spuriousRegionCount: number;
}

export interface RegionRule {
  /** Share of the map's maximum from which a pixel is hot, in (0, 1]. */
  readonly threshold: number;
  /** Smaller regions do not count, neither as found nor as spurious; default 1. */
  readonly minimumAreaPx?: number;
  /** A mark is found if more than this share of it is hot, in [0, 1); default 0: one pixel is enough. */
  readonly minimumHotShare?: number;
}

/**
 * Hot regions against single marks: which lesions the map misses and which regions point at none.
 *
 * @param map - values ≥ 0
 * @param marks - in pixels of the map; none where the image shows no lesion, then every region is spurious
 * @throws {MetricInputError} "flat-map" if the map is 0 everywhere; "mark-outside-map"; "out-of-range", "length-mismatch"
 * @complexity O(pixels · (1 + marks)) time
 * @golden golden/map-regions/cases.json (scipy.ndimage)
 */
export function matchRegions(map: SaliencyMap, marks: readonly Mark[], rule: RegionRule): RegionMatch {
  const maximum = assertMap(map);
  const { threshold, minimumAreaPx = 1, minimumHotShare = 0 } = rule;
  if (!(threshold > 0 && threshold <= 1 && minimumHotShare >= 0 && minimumHotShare < 1)) {
    throw new MetricInputError(
      "out-of-range",
      `A threshold must lie in (0, 1] and the least hot share in [0, 1), got ${threshold} and ${minimumHotShare}.`,
    );
  }
  const hot = Uint8Array.from(map.values, (value) => (value >= threshold * maximum ? 1 : 0));
  const { labels, count } = labelRegions(hot, map);
  const masks = marks.map((mark) => rasteriseMarks(map, [mark]));
  const regions = Array.from({ length: count }, () => ({
    areaPx: 0,
    peak: 0,
    xSum: 0,
    ySum: 0,
    markIndices: new Set<number>(),
  }));
  for (let pixel = 0; pixel < labels.length; pixel++) {
    if (labels[pixel] === 0) continue;
    const region = regions[labels[pixel]! - 1]!;
    const column = pixel % map.widthPx;
    region.areaPx++;
    region.peak = Math.max(region.peak, map.values[pixel]!);
    region.xSum += column + 0.5;
    region.ySum += (pixel - column) / map.widthPx + 0.5;
    masks.forEach((mask, index) => mask[pixel] === 1 && region.markIndices.add(index));
  }
  const counted = regions.map((region) => region.areaPx >= minimumAreaPx);
  const lesions = masks.map((mask) => {
    let area = 0;
    let hotArea = 0;
    for (let pixel = 0; pixel < mask.length; pixel++) {
      if (mask[pixel] === 0) continue;
      area++;
      if (labels[pixel] !== 0 && counted[labels[pixel]! - 1]!) hotArea++;
    }
    return { hotShare: hotArea / area, isFound: hotArea / area > minimumHotShare };
  });
  const kept = regions.filter((_, index) => counted[index]);
  return {
    regions: kept.map(({ areaPx, peak, xSum, ySum, markIndices }) => ({
      areaPx,
      peak,
      xPx: xSum / areaPx,
      yPx: ySum / areaPx,
      markIndices: [...markIndices].sort((left, right) => left - right),
    })),
    marks: lesions,
    missedMarkCount: lesions.filter((lesion) => !lesion.isFound).length,
    spuriousRegionCount: kept.filter((region) => region.markIndices.size === 0).length,
  };
}
