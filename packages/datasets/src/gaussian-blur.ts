export interface Raster {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly values: Float32Array;
}

/** Separable Gaussian, borders replicated; sigma below 0.2 px returns a copy, from 2 px it is three box passes. */
export function gaussianBlur(raster: Raster, sigmaPx: number): Float32Array {
  if (sigmaPx < 0.2) return raster.values.slice();
  return sigmaPx < 2 ? kernelBlur(raster, sigmaPx) : tripleBoxBlur(raster, sigmaPx);
}

/** Sampled kernel out to 2.2 sigma: exact scale, at a cost that grows with sigma. */
export function kernelBlur(raster: Raster, sigmaPx: number): Float32Array {
  const { widthPx, heightPx, values } = raster;
  const radius = Math.max(1, Math.ceil(2.2 * sigmaPx));
  const kernel = new Float32Array(2 * radius + 1);
  for (let at = -radius; at <= radius; at++) {
    kernel[at + radius] = Math.exp((-0.5 * at * at) / (sigmaPx * sigmaPx));
  }
  const total = kernel.reduce((sum, weight) => sum + weight, 0);
  for (let at = 0; at < kernel.length; at++) kernel[at]! /= total;

  const across = scratch(values.length);
  const padded = new Float32Array(widthPx + 2 * radius);
  for (let y = 0; y < heightPx; y++) {
    const row = y * widthPx;
    padded.fill(values[row]!, 0, radius);
    padded.set(values.subarray(row, row + widthPx), radius);
    padded.fill(values[row + widthPx - 1]!, radius + widthPx);
    convolve(padded, kernel, { target: across, start: row, count: widthPx });
  }
  const blurred = new Float32Array(values.length);
  const lastRow = heightPx - 1;
  for (let y = 0; y < heightPx; y++) {
    const target = y * widthPx;
    const middle = kernel[radius]!;
    for (let x = 0; x < widthPx; x++) blurred[target + x] = middle * across[target + x]!;
    // The kernel is symmetric, and a pass over a row costs more than what is done in it: two pairs a pass.
    let distance = 1;
    for (; distance + 1 <= radius; distance += 2) {
      const near = kernel[radius + distance]!;
      const far = kernel[radius + distance + 1]!;
      const nearAbove = Math.max(0, y - distance) * widthPx;
      const nearBelow = Math.min(lastRow, y + distance) * widthPx;
      const farAbove = Math.max(0, y - distance - 1) * widthPx;
      const farBelow = Math.min(lastRow, y + distance + 1) * widthPx;
      for (let x = 0; x < widthPx; x++) {
        blurred[target + x]! +=
          near * (across[nearAbove + x]! + across[nearBelow + x]!) +
          far * (across[farAbove + x]! + across[farBelow + x]!);
      }
    }
    if (distance > radius) continue;
    const weight = kernel[radius + distance]!;
    const above = Math.max(0, y - distance) * widthPx;
    const below = Math.min(lastRow, y + distance) * widthPx;
    for (let x = 0; x < widthPx; x++)
      blurred[target + x]! += weight * (across[above + x]! + across[below + x]!);
  }
  return blurred;
}

let kept = new Float32Array(0);

/** Lives within one call, which writes every value before it reads it. */
function scratch(length: number): Float32Array {
  if (kept.length < length) kept = new Float32Array(length);
  return kept;
}

interface Stretch {
  readonly target: Float32Array;
  readonly start: number;
  readonly count: number;
}

/** Symmetric kernel; the source has as many values more at either end as the kernel reaches. */
function convolve(source: Float32Array, kernel: Float32Array, { count, start, target }: Stretch): void {
  const radius = (kernel.length - 1) / 2;
  const middle = kernel[radius]!;
  for (let x = 0; x < count; x++) {
    const centre = x + radius;
    let sum = middle * source[centre]!;
    for (let distance = 1; distance <= radius; distance++) {
      sum += kernel[radius + distance]! * (source[centre - distance]! + source[centre + distance]!);
    }
    target[start + x] = sum;
  }
}

/** Running sums, so that the cost does not grow with sigma; variance of three boxes of width w: (w² − 1)/4. */
function tripleBoxBlur(raster: Raster, sigmaPx: number): Float32Array {
  const { widthPx, heightPx } = raster;
  const radius = Math.max(1, Math.round((Math.sqrt(4 * sigmaPx * sigmaPx + 1) - 1) / 2));
  const source = raster.values.slice();
  const target = new Float32Array(source.length);
  for (let pass = 0; pass < 3; pass++) {
    boxAcross({ source, target, widthPx, heightPx, radius });
    boxDown({ source: target, target: source, widthPx, heightPx, radius });
  }
  return source;
}

interface BoxPass {
  readonly source: Float32Array;
  readonly target: Float32Array;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly radius: number;
}

function boxAcross(pass: BoxPass): void {
  const { source, target, widthPx, heightPx, radius } = pass;
  const scale = 1 / (2 * radius + 1);
  const lastColumn = widthPx - 1;
  for (let y = 0; y < heightPx; y++) {
    const row = y * widthPx;
    let sum = (radius + 1) * source[row]!;
    for (let at = 1; at <= radius; at++) sum += source[row + Math.min(at, lastColumn)]!;
    for (let x = 0; x < widthPx; x++) {
      target[row + x] = sum * scale;
      sum += source[row + Math.min(x + radius + 1, lastColumn)]! - source[row + Math.max(x - radius, 0)]!;
    }
  }
}

function boxDown(pass: BoxPass): void {
  const { source, target, widthPx, heightPx, radius } = pass;
  const scale = 1 / (2 * radius + 1);
  const lastRow = heightPx - 1;
  const sums = new Float64Array(widthPx);
  for (let x = 0; x < widthPx; x++) sums[x] = (radius + 1) * source[x]!;
  for (let at = 1; at <= radius; at++) {
    const row = Math.min(at, lastRow) * widthPx;
    for (let x = 0; x < widthPx; x++) sums[x]! += source[row + x]!;
  }
  for (let y = 0; y < heightPx; y++) {
    const entering = Math.min(y + radius + 1, lastRow) * widthPx;
    const leaving = Math.max(y - radius, 0) * widthPx;
    for (let x = 0; x < widthPx; x++) {
      target[y * widthPx + x] = sums[x]! * scale;
      sums[x]! += source[entering + x]! - source[leaving + x]!;
    }
  }
}
