/** How alike two saliency maps over one grid are; 1 = the same order, structure or hot area. */
import { assertFinite, assertSameLength, type Numbers } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";
import { midranks } from "./midranks.ts";
import { mean } from "./summary.ts";

/**
 * Spearman's rank correlation, ties by midranks.
 *
 * ρ = Σ(rᵢ − r̄)(sᵢ − s̄) / √(Σ(rᵢ − r̄)² · Σ(sᵢ − s̄)²),  r, s the midranks
 *
 * @param first - shape [N], finite
 * @param second - shape [N], finite
 * @returns in [−1, 1]
 * @throws {MetricInputError} "zero-variance" if one of them is constant; "length-mismatch", "not-finite", "empty"
 * @complexity O(N log N) time, O(N) memory
 * @source Spearman (1904)
 * @golden golden/map-similarity/cases.json (scipy.stats.spearmanr)
 */
export function spearmanCorrelation(first: Numbers, second: Numbers): number {
  assertPair(first, second);
  const r = midranks(first);
  const s = midranks(second);
  const centre = mean(r);
  let [product, squareR, squareS] = [0, 0, 0];
  for (let index = 0; index < r.length; index++) {
    const dr = r[index]! - centre;
    const ds = s[index]! - centre;
    product += dr * ds;
    squareR += dr * dr;
    squareS += ds * ds;
  }
  if (squareR === 0 || squareS === 0) {
    throw new MetricInputError("zero-variance", "A rank correlation needs two maps that are not constant.");
  }
  return product / Math.sqrt(squareR * squareS);
}

export interface Grid {
  readonly widthPx: number;
  readonly heightPx: number;
}

const windowRadius = 5;
const windowDeviation = 1.5;
const luminanceConstant = 0.01 ** 2;
const contrastConstant = 0.03 ** 2;

/**
 * Mean structural similarity of two maps with values in [0, 1].
 *
 * SSIM = (2μₓμᵧ + C₁)(2σₓᵧ + C₂) / ((μₓ² + μᵧ² + C₁)(σₓ² + σᵧ² + C₂)),  C₁ = 0.01², C₂ = 0.03²
 *
 * @param first - row-major over the grid, values in [0, 1]
 * @param second - row-major over the grid, values in [0, 1]
 * @param grid - at least 11 × 11
 * @returns in [−1, 1], the mean over pixels whose 11 × 11 Gaussian window (σ 1.5) fits into the grid
 * @throws {MetricInputError} "out-of-range" for a smaller grid; "length-mismatch", "not-finite", "empty"
 * @complexity O(N) time and memory: the window is separable
 * @source Wang et al., IEEE TIP 13:600 (2004)
 * @golden golden/map-similarity/cases.json (scipy.ndimage, as skimage.metrics.structural_similarity defines it)
 */
export function structuralSimilarity(first: Numbers, second: Numbers, grid: Grid): number {
  assertPair(first, second);
  assertSameLength("map values", first, grid.widthPx * grid.heightPx);
  if (Math.min(grid.widthPx, grid.heightPx) < 2 * windowRadius + 1) {
    throw new MetricInputError(
      "out-of-range",
      `Structural similarity needs a grid of at least 11 × 11, got ${grid.widthPx} × ${grid.heightPx}.`,
    );
  }
  const product = (a: Numbers, b: Numbers) =>
    Float64Array.from({ length: a.length }, (_, index) => a[index]! * b[index]!);
  const smooth = (values: Numbers) => smoothInside(values, grid);
  const meanX = smooth(first);
  const meanY = smooth(second);
  const meanXX = smooth(product(first, first));
  const meanYY = smooth(product(second, second));
  const meanXY = smooth(product(first, second));
  let sum = 0;
  for (let index = 0; index < meanX.length; index++) {
    const x = meanX[index]!;
    const y = meanY[index]!;
    const varianceX = meanXX[index]! - x * x;
    const varianceY = meanYY[index]! - y * y;
    const covariance = meanXY[index]! - x * y;
    sum +=
      ((2 * x * y + luminanceConstant) * (2 * covariance + contrastConstant)) /
      ((x * x + y * y + luminanceConstant) * (varianceX + varianceY + contrastConstant));
  }
  return sum / meanX.length;
}

const gaussianWindow = (() => {
  const weights = Array.from({ length: 2 * windowRadius + 1 }, (_, index) =>
    Math.exp(-((index - windowRadius) ** 2) / (2 * windowDeviation ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
})();

/** Gaussian mean at every pixel whose window fits, [H, W] → [H − 10, W − 10]. */
function smoothInside(values: Numbers, { heightPx, widthPx }: Grid): Float64Array {
  const width = widthPx - 2 * windowRadius;
  const height = heightPx - 2 * windowRadius;
  const rows = new Float64Array(width * heightPx);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let tap = 0; tap < gaussianWindow.length; tap++) {
        sum += gaussianWindow[tap]! * values[y * widthPx + x + tap]!;
      }
      rows[y * width + x] = sum;
    }
  }
  const result = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let tap = 0; tap < gaussianWindow.length; tap++) {
        sum += gaussianWindow[tap]! * rows[(y + tap) * width + x]!;
      }
      result[y * width + x] = sum;
    }
  }
  return result;
}

/**
 * Overlap of the hottest shares of two maps.
 *
 * hot = {i : vᵢ ≥ the ⌈share·N⌉-th largest value, vᵢ > min v},  IoU = |A ∩ B| / |A ∪ B|
 *
 * @param share - in (0, 1]
 * @returns in [0, 1]; ties at the limit all count as hot
 * @throws {MetricInputError} "flat-map" if one of them is constant; "out-of-range", "length-mismatch", "not-finite", "empty"
 * @complexity O(N log N) time, O(N) memory
 * @golden golden/map-similarity/cases.json (NumPy)
 */
export function topShareIou(first: Numbers, second: Numbers, share: number): number {
  assertPair(first, second);
  if (!(share > 0 && share <= 1)) {
    throw new MetricInputError("out-of-range", `The hot share must lie in (0, 1], got ${share}.`);
  }
  const isHotFirst = hotTest(first, share);
  const isHotSecond = hotTest(second, share);
  let both = 0;
  let either = 0;
  for (let index = 0; index < first.length; index++) {
    const a = isHotFirst(first[index]!);
    const b = isHotSecond(second[index]!);
    if (a && b) both++;
    if (a || b) either++;
  }
  return both / either;
}

function hotTest(values: Numbers, share: number): (value: number) => boolean {
  const sorted = Float64Array.from(values).sort();
  const lowest = sorted[0]!;
  const limit = sorted[sorted.length - Math.ceil(share * sorted.length)]!;
  if (lowest === sorted[sorted.length - 1]) {
    throw new MetricInputError("flat-map", "The map is constant: it has no hottest part.");
  }
  return (value) => value >= limit && value > lowest;
}

function assertPair(first: Numbers, second: Numbers): void {
  if (first.length === 0) throw new MetricInputError("empty", "A map needs at least one value, got none.");
  assertSameLength("map values", second, first.length);
  assertFinite("map values", first);
  assertFinite("map values", second);
}
