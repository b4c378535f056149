/**
 * Orientation and binary code of a scale-space extremum: SIFT's 4 × 4 × 8 gradient histogram, each bin compared with the
 * median of all. Mirroring the image permutes the bits, so one code serves both sides of a film.
 *
 * @source Lowe, IJCV 60:91 (2004), sections 5 and 6
 */
import type { Extremum, Octave } from "./scale-space.ts";

export const codeWords = 4;
const gridCells = 4;
const angleBins = 8;
const binCount = gridCells * gridCells * angleBins;
/** Width of a grid cell in units of the keypoint's scale. */
const cellSigmas = 3;
const samplesPerSide = 20;
const histogramBins = 36;

/** Gradient of one blurred level: magnitude and direction. */
export interface Gradient {
  readonly magnitude: Float32Array;
  readonly angle: Float32Array;
}

export function gradientOf(octave: Octave, levelIndex: number): Gradient {
  const { heightPx, widthPx } = octave;
  const values = octave.levels[levelIndex]!;
  const magnitude = new Float32Array(values.length);
  const angle = new Float32Array(values.length);
  for (let y = 1; y < heightPx - 1; y++) {
    for (let x = 1; x < widthPx - 1; x++) {
      const at = y * widthPx + x;
      const dx = values[at + 1]! - values[at - 1]!;
      const dy = values[at + widthPx]! - values[at - widthPx]!;
      magnitude[at] = Math.sqrt(dx * dx + dy * dy);
      angle[at] = Math.atan2(dy, dx);
    }
  }
  return { magnitude, angle };
}

/** Dominant gradient directions (section 5), at most two, in radians. */
export function orientationsOf(point: Extremum, octave: Octave, gradient: Gradient): number[] {
  const histogram = new Float64Array(histogramBins);
  const sigma = 1.5 * point.sigmaPx;
  const radius = Math.round(3 * sigma);
  const centreX = Math.round(point.xPx);
  const centreY = Math.round(point.yPx);
  for (let y = Math.max(1, centreY - radius); y <= Math.min(octave.heightPx - 2, centreY + radius); y++) {
    for (let x = Math.max(1, centreX - radius); x <= Math.min(octave.widthPx - 2, centreX + radius); x++) {
      const squared = (x - point.xPx) ** 2 + (y - point.yPx) ** 2;
      if (squared > radius * radius) continue;
      const at = y * octave.widthPx + x;
      const bin = Math.floor(((gradient.angle[at]! / (2 * Math.PI) + 1) % 1) * histogramBins);
      histogram[bin]! += gradient.magnitude[at]! * Math.exp(-squared / (2 * sigma * sigma));
    }
  }
  const smooth = smoothCircularly(smoothCircularly(histogram));
  const highest = Math.max(...smooth);
  if (highest <= 0) return [];
  const peaks: { angle: number; height: number }[] = [];
  for (let bin = 0; bin < histogramBins; bin++) {
    const before = smooth[(bin + histogramBins - 1) % histogramBins]!;
    const after = smooth[(bin + 1) % histogramBins]!;
    const height = smooth[bin]!;
    if (height < 0.8 * highest || height <= before || height < after) continue;
    const shift = (before - after) / (2 * (before - 2 * height + after));
    peaks.push({ angle: ((bin + 0.5 + shift) / histogramBins) * 2 * Math.PI, height });
  }
  return peaks
    .sort((a, b) => b.height - a.height)
    .slice(0, 2)
    .map(({ angle }) => angle);
}

function smoothCircularly(histogram: Float64Array): Float64Array {
  return histogram.map(
    (value, bin) =>
      (histogram[(bin + histogramBins - 1) % histogramBins]! +
        2 * value +
        histogram[(bin + 1) % histogramBins]!) /
      4,
  );
}

/** 128 bits in four words: bit = histogram bin above the median of all bins (section 6.1 without normalisation). */
export function codeOf(
  point: Extremum,
  octave: Octave,
  from: { readonly gradient: Gradient; readonly angle: number },
): Uint32Array {
  const histogram = gradientHistogram(point, octave, from);
  const sorted = histogram.slice().sort();
  const median = (sorted[binCount / 2 - 1]! + sorted[binCount / 2]!) / 2;
  const code = new Uint32Array(codeWords);
  for (let bin = 0; bin < binCount; bin++) {
    if (histogram[bin]! > median) code[bin >>> 5]! |= 1 << (bin & 31);
  }
  return code;
}

function gradientHistogram(
  point: Extremum,
  octave: Octave,
  { angle, gradient }: { readonly gradient: Gradient; readonly angle: number },
): Float32Array {
  const histogram = new Float32Array(binCount);
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  const cellPx = cellSigmas * point.sigmaPx;
  const { heightPx, widthPx } = octave;
  const { angle: angles, magnitude } = gradient;
  for (let row = 0; row < samplesPerSide; row++) {
    const v = sampleCells[row]!;
    for (let column = 0; column < samplesPerSide; column++) {
      const u = sampleCells[column]!;
      const x = Math.round(point.xPx + cellPx * (cosine * u - sine * v));
      const y = Math.round(point.yPx + cellPx * (sine * u + cosine * v));
      if (x < 1 || y < 1 || x > widthPx - 2 || y > heightPx - 2) continue;
      const at = y * widthPx + x;
      const weight = magnitude[at]! * sampleWeights[row * samplesPerSide + column]!;
      const turn = ((angles[at]! - angle) / (2 * Math.PI) + 2) % 1;
      spread(histogram, {
        cellX: u + gridCells / 2 - 0.5,
        cellY: v + gridCells / 2 - 0.5,
        bin: turn * angleBins,
        weight,
      });
    }
  }
  return histogram;
}

/** One cell more than the grid, so that samples outside still feed its outer cells by interpolation. */
const stepCells = (gridCells + 1) / samplesPerSide;
const sampleCells = Float64Array.from(
  { length: samplesPerSide },
  (_, at) => (at + 0.5) * stepCells - (gridCells + 1) / 2,
);
const sampleWeights = Float64Array.from({ length: samplesPerSide ** 2 }, (_, at) => {
  const u = sampleCells[at % samplesPerSide]!;
  const v = sampleCells[Math.floor(at / samplesPerSide)]!;
  return Math.exp(-(u * u + v * v) / 8);
});

/** Trilinear shares for the neighbouring cells and angle bins. */
function spread(
  histogram: Float32Array,
  sample: { readonly cellX: number; readonly cellY: number; readonly bin: number; readonly weight: number },
): void {
  const left = Math.floor(sample.cellX);
  const top = Math.floor(sample.cellY);
  const low = Math.floor(sample.bin);
  const fx = sample.cellX - left;
  const fy = sample.cellY - top;
  const fa = sample.bin - low;
  for (let j = 0; j < 2; j++) {
    const cellY = top + j;
    if (cellY < 0 || cellY >= gridCells) continue;
    for (let i = 0; i < 2; i++) {
      const cellX = left + i;
      if (cellX < 0 || cellX >= gridCells) continue;
      const share = sample.weight * (j === 0 ? 1 - fy : fy) * (i === 0 ? 1 - fx : fx);
      const cell = (cellY * gridCells + cellX) * angleBins;
      histogram[cell + (low % angleBins)]! += share * (1 - fa);
      histogram[cell + ((low + 1) % angleBins)]! += share * fa;
    }
  }
}

/** Where each bit goes when the image is mirrored: rows of cells and the sense of angles turn round. */
const mirroredBit = Uint8Array.from({ length: binCount }, (_, bit) => {
  const angleBin = bit % angleBins;
  const cellX = Math.floor(bit / angleBins) % gridCells;
  const cellY = Math.floor(bit / (angleBins * gridCells));
  return ((gridCells - 1 - cellY) * gridCells + cellX) * angleBins + ((angleBins - angleBin) % angleBins);
});

export function mirrorCode(
  source: Uint32Array,
  sourceAt: number,
  target: Uint32Array,
  targetAt: number,
): void {
  for (let word = 0; word < codeWords; word++) target[targetAt + word] = 0;
  for (let bit = 0; bit < binCount; bit++) {
    if (((source[sourceAt + (bit >>> 5)]! >>> (bit & 31)) & 1) === 0) continue;
    const to = mirroredBit[bit]!;
    target[targetAt + (to >>> 5)]! |= 1 << (to & 31);
  }
}
