import type { Random } from "@crossread/metrics/random";
import FFT from "fft.js";

/** Square periodic field: values[y · sizePx + x], zero mean, unit variance. */
export interface PeriodicField {
  readonly sizePx: number;
  readonly values: Float32Array;
}

export type PowerLawSynthesizer = (random: Random) => readonly [PeriodicField, PeriodicField];

/**
 * Prepares synthesis of isotropic Gaussian fields whose power spectrum falls as 1/f^β.
 *
 * field = F⁻¹[ W(k) · |k|^(−β/2) ], W complex white; real and imaginary parts are two independent fields
 *
 * @param sizePx - edge of the square field, a power of two ≥ 8
 * @param exponent - β of the two-dimensional power spectrum, ≥ 0
 * @param lowestCycles - components with fewer cycles per field are left out, ≥ 1
 * @returns function of a random stream to two fields, shape [sizePx, sizePx], row-major, mean 0, variance 1
 * @throws {RangeError} if sizePx is not a power of two or lowestCycles < 1
 * @complexity O(n² log n) per pair, n = sizePx
 * @source Burgess, Med. Phys. 28:419 (2001): mammographic parenchyma follows 1/f^β with β ≈ 3
 */
export function createPowerLawSynthesizer(
  sizePx: number,
  exponent: number,
  lowestCycles = 1,
): PowerLawSynthesizer {
  if (sizePx < 8 || (sizePx & (sizePx - 1)) !== 0) {
    throw new RangeError(`A power-law field needs a power-of-two edge of at least 8, got ${sizePx}`);
  }
  if (lowestCycles < 1) throw new RangeError(`lowestCycles must be at least 1, got ${lowestCycles}`);
  const amplitude = amplitudeTable(sizePx, exponent, lowestCycles);
  const transform = new FFT(sizePx);
  const spectrum = new Float64Array(2 * sizePx * sizePx);
  const rows = new Float64Array(spectrum.length);
  const line = new Float64Array(2 * sizePx);
  const result = new Float64Array(2 * sizePx);

  return (random) => {
    fillSpectrum({ spectrum, amplitude, sizePx, random });
    for (let y = 0; y < sizePx; y++) {
      const start = 2 * y * sizePx;
      const end = start + 2 * sizePx;
      transform.transform(rows.subarray(start, end), spectrum.subarray(start, end));
    }
    const real = new Float32Array(sizePx * sizePx);
    const imaginary = new Float32Array(sizePx * sizePx);
    for (let x = 0; x < sizePx; x++) {
      for (let y = 0; y < sizePx; y++) {
        line[2 * y] = rows[2 * (y * sizePx + x)]!;
        line[2 * y + 1] = rows[2 * (y * sizePx + x) + 1]!;
      }
      transform.transform(result, line);
      // The spectrum is isotropic, so the transposed field serves as well as the field.
      for (let y = 0; y < sizePx; y++) {
        real[x * sizePx + y] = result[2 * y]!;
        imaginary[x * sizePx + y] = result[2 * y + 1]!;
      }
    }
    return [
      { sizePx, values: standardize(real) },
      { sizePx, values: standardize(imaginary) },
    ];
  };
}

function amplitudeTable(sizePx: number, exponent: number, lowestCycles: number): Float64Array {
  const half = sizePx / 2;
  const table = new Float64Array((half + 1) * (half + 1));
  for (let ky = 0; ky <= half; ky++) {
    for (let kx = 0; kx <= half; kx++) {
      const squared = kx * kx + ky * ky;
      table[ky * (half + 1) + kx] = squared < lowestCycles * lowestCycles ? 0 : squared ** (-exponent / 4);
    }
  }
  return table;
}

interface SpectrumFill {
  readonly spectrum: Float64Array;
  readonly amplitude: Float64Array;
  readonly sizePx: number;
  readonly random: Random;
}

function fillSpectrum(fill: SpectrumFill): void {
  const { spectrum, amplitude, sizePx, random } = fill;
  const half = sizePx / 2;
  for (let y = 0; y < sizePx; y++) {
    const ky = y <= half ? y : sizePx - y;
    for (let x = 0; x < sizePx; x++) {
      const kx = x <= half ? x : sizePx - x;
      const gain = amplitude[ky * (half + 1) + kx]!;
      const at = 2 * (y * sizePx + x);
      // Uniform coefficients are enough: the transform sums thousands of them, so the field is Gaussian.
      spectrum[at] = gain * (random.next() - 0.5);
      spectrum[at + 1] = gain * (random.next() - 0.5);
    }
  }
}

function standardize(values: Float32Array): Float32Array {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const scale = 1 / Math.sqrt(squares / values.length);
  for (let index = 0; index < values.length; index++) values[index] = (values[index]! - mean) * scale;
  return values;
}

/** Bilinear sample with wrap-around; x and y in pixels, any sign. */
export function sampleField(field: PeriodicField, x: number, y: number): number {
  const { sizePx, values } = field;
  const mask = sizePx - 1;
  const floorX = Math.floor(x);
  const floorY = Math.floor(y);
  const fractionX = x - floorX;
  const fractionY = y - floorY;
  const left = floorX & mask;
  const right = (left + 1) & mask;
  const top = (floorY & mask) * sizePx;
  const bottom = ((floorY + 1) & mask) * sizePx;
  const upper = values[top + left]! + fractionX * (values[top + right]! - values[top + left]!);
  const lower = values[bottom + left]! + fractionX * (values[bottom + right]! - values[bottom + left]!);
  return upper + fractionY * (lower - upper);
}
