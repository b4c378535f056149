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

  keptKernel.set(kernel.subarray(radius));
  const blurred = new Float32Array(values.length);
  // Strips with the rows above and below that the kernel reaches.
  const stripRows = Math.floor(keptPx / widthPx) - 2 * radius;
  for (let top = 0; top < heightPx; top += stripRows) {
    const bottom = Math.min(heightPx, top + stripRows);
    const first = Math.max(0, top - radius);
    const end = Math.min(heightPx, bottom + radius);
    for (let y = first; y < end; y++) {
      const row = y * widthPx;
      keptRow.fill(values[row]!, 0, radius);
      keptRow.set(values.subarray(row, row + widthPx), radius);
      keptRow.fill(values[row + widthPx - 1]!, radius + widthPx, widthPx + 2 * radius);
      blurAcross((y - first) * widthPx, widthPx, radius);
    }
    for (let y = top; y < bottom; y++) {
      for (let at = -radius; at <= radius; at++) {
        keptOffsets[at + radius] = (Math.max(0, Math.min(heightPx - 1, y + at)) - first) * widthPx;
      }
      blurDown(widthPx, radius);
      blurred.set(keptTarget.subarray(0, widthPx), y * widthPx);
    }
  }
  return blurred;
}

/** Arrays in one place for the loops over pixels, as in the presentation of DICOM's rows. */
const keptPx = 262_144;
const keptRow = new Float32Array(keptPx);
const keptAcross = new Float32Array(keptPx);
const keptTarget = new Float32Array(keptPx);
const keptOffsets = new Int32Array(64);
/** One half of the symmetric kernel, from its middle on. */
const keptKernel = new Float32Array(64);

function blurAcross(target: number, count: number, radius: number): void {
  const middle = keptKernel[0]!;
  let x = 0;
  // Four pixels at a time: each of them needs the same weights.
  for (; x + 3 < count; x += 4) {
    const centre = x + radius;
    let first = middle * keptRow[centre]!;
    let second = middle * keptRow[centre + 1]!;
    let third = middle * keptRow[centre + 2]!;
    let fourth = middle * keptRow[centre + 3]!;
    for (let distance = 1; distance <= radius; distance++) {
      const weight = keptKernel[distance]!;
      const left = centre - distance;
      const right = centre + distance;
      first += weight * (keptRow[left]! + keptRow[right]!);
      second += weight * (keptRow[left + 1]! + keptRow[right + 1]!);
      third += weight * (keptRow[left + 2]! + keptRow[right + 2]!);
      fourth += weight * (keptRow[left + 3]! + keptRow[right + 3]!);
    }
    keptAcross[target + x] = first;
    keptAcross[target + x + 1] = second;
    keptAcross[target + x + 2] = third;
    keptAcross[target + x + 3] = fourth;
  }
  for (; x < count; x++) {
    const centre = x + radius;
    let sum = middle * keptRow[centre]!;
    for (let distance = 1; distance <= radius; distance++) {
      sum += keptKernel[distance]! * (keptRow[centre - distance]! + keptRow[centre + distance]!);
    }
    keptAcross[target + x] = sum;
  }
}

/** One row of the result from the rows that begin at the offsets. */
function blurDown(count: number, radius: number): void {
  const middle = keptKernel[0]!;
  const centre = keptOffsets[radius]!;
  for (let x = 0; x < count; x++) keptTarget[x] = middle * keptAcross[centre + x]!;
  // The kernel is symmetric, and a pass over a row costs more than what is done in it: two pairs a pass.
  let distance = 1;
  for (; distance + 1 <= radius; distance += 2) {
    const near = keptKernel[distance]!;
    const far = keptKernel[distance + 1]!;
    const nearAbove = keptOffsets[radius - distance]!;
    const nearBelow = keptOffsets[radius + distance]!;
    const farAbove = keptOffsets[radius - distance - 1]!;
    const farBelow = keptOffsets[radius + distance + 1]!;
    for (let x = 0; x < count; x++) {
      keptTarget[x]! +=
        near * (keptAcross[nearAbove + x]! + keptAcross[nearBelow + x]!) +
        far * (keptAcross[farAbove + x]! + keptAcross[farBelow + x]!);
    }
  }
  if (distance > radius) return;
  const weight = keptKernel[distance]!;
  const above = keptOffsets[radius - distance]!;
  const below = keptOffsets[radius + distance]!;
  for (let x = 0; x < count; x++) {
    keptTarget[x]! += weight * (keptAcross[above + x]! + keptAcross[below + x]!);
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
