/**
 * Difference-of-Gaussian extrema of an image whose local contrast has been evened out: points that stay at the same
 * tissue under rotation, scaling, cropping and monotone changes of tone.
 *
 * @source Lowe, "Distinctive image features from scale-invariant keypoints", IJCV 60:91 (2004), sections 3 to 5
 */
import { kernelBlur, type Raster } from "./gaussian-blur.ts";

/** Lowe's s: scales sampled per octave. */
const scalesPerOctave = 3;
const baseSigmaPx = 1.6;
/** Blur that a photograph or an area-shrunk image has already. */
const cameraSigmaPx = 0.5;
const octaveCount = 3;
/** Ratio of principal curvatures above which a point lies on an edge (section 4.1). */
const edgeRatio = 10;
const borderPx = 4;

export interface Octave {
  /** Pixels of the working frame per pixel of this octave. */
  readonly stepPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Blurred images, scalesPerOctave + 3 of them. */
  readonly levels: readonly Float32Array[];
}

export interface Extremum {
  readonly octaveIndex: number;
  readonly levelIndex: number;
  /** Position in pixels of the octave. */
  readonly xPx: number;
  readonly yPx: number;
  /** Characteristic scale in pixels of the octave. */
  readonly sigmaPx: number;
  /** |DoG| at the refined position. */
  readonly response: number;
}

export function buildScaleSpace(raster: Raster): Octave[] {
  const octaves: Octave[] = [];
  const factor = 2 ** (1 / scalesPerOctave);
  let first: Raster = {
    ...raster,
    values: kernelBlur(raster, Math.sqrt(baseSigmaPx ** 2 - cameraSigmaPx ** 2)),
  };
  for (let octave = 0; octave < octaveCount; octave++) {
    const { widthPx, heightPx } = first;
    if (Math.min(widthPx, heightPx) < 4 * borderPx) break;
    const levels = [first.values];
    for (let level = 1; level < scalesPerOctave + 3; level++) {
      const before = baseSigmaPx * factor ** (level - 1);
      const step = Math.sqrt((before * factor) ** 2 - before ** 2);
      levels.push(kernelBlur({ widthPx, heightPx, values: levels[level - 1]! }, step));
    }
    octaves.push({ stepPx: 2 ** octave, widthPx, heightPx, levels });
    first = takeEverySecond({ widthPx, heightPx, values: levels[scalesPerOctave]! });
  }
  return octaves;
}

function takeEverySecond(raster: Raster): Raster {
  const widthPx = Math.ceil(raster.widthPx / 2);
  const heightPx = Math.ceil(raster.heightPx / 2);
  const values = new Float32Array(widthPx * heightPx);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++)
      values[y * widthPx + x] = raster.values[2 * y * raster.widthPx + 2 * x]!;
  }
  return { widthPx, heightPx, values };
}

/** Extrema over space and scale, refined to sub-pixels; points on edges fall away. */
export function findExtrema(octaves: readonly Octave[], leastResponse: number): Extremum[] {
  const extrema: Extremum[] = [];
  for (const [octaveIndex, octave] of octaves.entries()) {
    const differences = octave.levels.slice(1).map((level, index) => {
      const before = octave.levels[index]!;
      const difference = new Float32Array(level.length);
      for (let at = 0; at < level.length; at++) difference[at] = level[at]! - before[at]!;
      return difference;
    });
    for (let levelIndex = 1; levelIndex <= scalesPerOctave; levelIndex++) {
      const stack: Stack = {
        below: differences[levelIndex - 1]!,
        here: differences[levelIndex]!,
        above: differences[levelIndex + 1]!,
        widthPx: octave.widthPx,
      };
      for (const at of candidates(stack, octave.heightPx, 0.8 * leastResponse)) {
        if (!isExtremum(stack, at)) continue;
        const refined = refine(stack, at);
        if (refined === undefined || refined.response < leastResponse) continue;
        extrema.push({
          octaveIndex,
          levelIndex,
          xPx: (at % octave.widthPx) + refined.dx,
          yPx: Math.floor(at / octave.widthPx) + refined.dy,
          sigmaPx: baseSigmaPx * 2 ** ((levelIndex + refined.ds) / scalesPerOctave),
          response: refined.response,
        });
      }
    }
  }
  return extrema;
}

/** As long as a row of a working frame may be; arrays in one place for the loops over pixels. */
const keptPx = 4_096;
const keptHere = new Float32Array(keptPx);
const keptBelow = new Float32Array(keptPx);
const keptAbove = new Float32Array(keptPx);
const keptPlaces = new Int32Array(keptPx);

/** Where a row's value is large enough, and larger in size than the four nearest in its row and in scale. */
function candidates({ above, below, here, widthPx }: Stack, heightPx: number, least: number): number[] {
  const found: number[] = [];
  for (let y = borderPx; y < heightPx - borderPx; y++) {
    const row = y * widthPx;
    keptHere.set(here.subarray(row, row + widthPx));
    keptBelow.set(below.subarray(row, row + widthPx));
    keptAbove.set(above.subarray(row, row + widthPx));
    const count = candidatesOfRow(widthPx, least);
    for (let at = 0; at < count; at++) found.push(row + keptPlaces[at]!);
  }
  return found;
}

function candidatesOfRow(widthPx: number, least: number): number {
  let count = 0;
  for (let x = borderPx; x < widthPx - borderPx; x++) {
    const value = keptHere[x]!;
    if (value >= least) {
      if (keptHere[x - 1]! >= value || keptHere[x + 1]! >= value) continue;
      if (keptBelow[x]! >= value || keptAbove[x]! >= value) continue;
    } else if (value <= -least) {
      if (keptHere[x - 1]! <= value || keptHere[x + 1]! <= value) continue;
      if (keptBelow[x]! <= value || keptAbove[x]! <= value) continue;
    } else continue;
    keptPlaces[count++] = x;
  }
  return count;
}

interface Stack {
  readonly below: Float32Array;
  readonly here: Float32Array;
  readonly above: Float32Array;
  readonly widthPx: number;
}

function isExtremum({ above, below, here, widthPx }: Stack, at: number): boolean {
  const value = here[at]!;
  const sign = value > 0 ? 1 : -1;
  const size = sign * value;
  for (let row = at - widthPx; row <= at + widthPx; row += widthPx) {
    for (let near = row - 1; near <= row + 1; near++) {
      if (sign * below[near]! >= size || sign * above[near]! >= size) return false;
      if (near !== at && sign * here[near]! >= size) return false;
    }
  }
  return true;
}

/** One Newton step of the quadratic through the neighbours (eq. 3), limited to half a sample. */
function refine(
  { above, below, here, widthPx }: Stack,
  at: number,
): { dx: number; dy: number; ds: number; response: number } | undefined {
  const gx = (here[at + 1]! - here[at - 1]!) / 2;
  const gy = (here[at + widthPx]! - here[at - widthPx]!) / 2;
  const gs = (above[at]! - below[at]!) / 2;
  const twice = 2 * here[at]!;
  const hxx = here[at + 1]! + here[at - 1]! - twice;
  const hyy = here[at + widthPx]! + here[at - widthPx]! - twice;
  const hss = above[at]! + below[at]! - twice;
  const hxy =
    (here[at + widthPx + 1]! - here[at + widthPx - 1]! - here[at - widthPx + 1]! + here[at - widthPx - 1]!) /
    4;
  const trace = hxx + hyy;
  const determinant = hxx * hyy - hxy * hxy;
  if (determinant <= 0 || trace * trace * edgeRatio >= (edgeRatio + 1) ** 2 * determinant) return undefined;
  // Mixed derivatives of space and scale are small: space and scale are refined apart.
  const clamp = (value: number) => Math.max(-0.5, Math.min(0.5, value));
  const dx = clamp(-(hyy * gx - hxy * gy) / determinant);
  const dy = clamp(-(hxx * gy - hxy * gx) / determinant);
  const ds = hss === 0 ? 0 : clamp(-gs / hss);
  return { dx, dy, ds, response: Math.abs(here[at]! + (gx * dx + gy * dy + gs * ds) / 2) };
}
