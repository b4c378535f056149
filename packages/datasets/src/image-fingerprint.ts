/**
 * What is kept of an image to recognise its copies: up to 128 points of its texture with their place, scale, direction
 * and a 128-bit code each. Nothing of the image can be seen in it.
 */
import { DomainError } from "@crossread/contracts/errors";
import type { GrayImage } from "@crossread/dicom/gray-image";
import { gaussianBlur } from "./gaussian-blur.ts";
import { codeOf, codeWords, gradientOf, mirrorCode, orientationsOf, type Gradient } from "./keypoint-code.ts";
import { buildScaleSpace, findExtrema, type Extremum } from "./scale-space.ts";
import { orderStatistics } from "./order-statistics.ts";
import { shrinkByArea } from "./shrink-by-area.ts";

/** Raised when the same image would give another fingerprint: stored ones of other versions are made again. */
export const fingerprintVersion = 1;
export const frameSidePx = 256;
const maxPoints = 128;
const cellsPerSide = 8;
const maxPointsPerCell = 8;
const leastResponse = 0.02;
const bytesPerPoint = 4 + 4 * codeWords;
const headerBytes = 4;

/** Points in order of falling response; coordinates in the working frame, whose longest side has 256 px. */
export interface Fingerprint {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly count: number;
  readonly xPx: Float32Array;
  readonly yPx: Float32Array;
  /** log2 of the characteristic scale in pixels of the working frame. */
  readonly logScale: Float32Array;
  /** Radians. */
  readonly angle: Float32Array;
  /** [count, 4] words. */
  readonly codes: Uint32Array;
}

/**
 * Fingerprint of an image of any size.
 *
 * @param image - values in [0, 1]
 * @returns bytes to store, 4 + 20 · points; a blank image has no point and resembles nothing
 * @complexity O(pixels), some 70 ms for 1024²
 */
export function fingerprintImage(image: GrayImage): Uint8Array {
  const scale = frameSidePx / Math.max(image.widthPx, image.heightPx);
  const widthPx = Math.max(1, Math.round(image.widthPx * scale));
  const heightPx = Math.max(1, Math.round(image.heightPx * scale));
  const frame = evenOutContrast(
    scale <= 1 ? shrinkByArea(image, widthPx, heightPx) : enlarge(image, widthPx, heightPx),
  );
  const octaves = buildScaleSpace(frame);
  const gradients = new Map<string, Gradient>();
  const extrema = choosePoints(findExtrema(octaves, leastResponse), octaves, frame);
  const bytes = new Uint8Array(headerBytes + maxPoints * bytesPerPoint);
  const view = new DataView(bytes.buffer);
  let count = 0;
  for (const point of extrema) {
    const octave = octaves[point.octaveIndex]!;
    const key = `${point.octaveIndex}/${point.levelIndex}`;
    const gradient = gradients.get(key) ?? gradientOf(octave, point.levelIndex);
    gradients.set(key, gradient);
    for (const angle of orientationsOf(point, octave, gradient)) {
      if (count === maxPoints) break;
      const at = headerBytes + count * bytesPerPoint;
      bytes[at] = toByte(point.xPx * octave.stepPx);
      bytes[at + 1] = toByte(point.yPx * octave.stepPx);
      bytes[at + 2] = toByte(scaleSteps * Math.log2(point.sigmaPx * octave.stepPx));
      bytes[at + 3] = Math.round((angle / (2 * Math.PI)) * 256) & 255;
      codeOf(point, octave, { gradient, angle }).forEach((word, index) => {
        view.setUint32(at + 4 + 4 * index, word, true);
      });
      count += 1;
    }
  }
  bytes[0] = fingerprintVersion;
  bytes[1] = widthPx - 1;
  bytes[2] = heightPx - 1;
  bytes[3] = count;
  return bytes.slice(0, headerBytes + count * bytesPerPoint);
}

/** Of an image without texture: resembles nothing. */
export const emptyFingerprint = Uint8Array.of(fingerprintVersion, 0, 0, 0);

const scaleSteps = 48;
const toByte = (value: number) => Math.max(0, Math.min(255, Math.round(value)));

export function decodeFingerprint(bytes: Uint8Array): Fingerprint {
  const count = bytes[3] ?? 0;
  if (bytes[0] !== fingerprintVersion || bytes.length !== headerBytes + count * bytesPerPoint) {
    throw new DomainError(
      "fingerprint-invalid",
      `A fingerprint has version ${fingerprintVersion} and ${headerBytes} + ${bytesPerPoint} bytes a point, got version ${bytes[0]} and ${bytes.length} bytes for ${count} points.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const pointAt = (index: number) => headerBytes + index * bytesPerPoint;
  const take = (offset: number, convert: (byte: number) => number) =>
    Float32Array.from({ length: count }, (_, index) => convert(bytes[pointAt(index) + offset]!));
  return {
    widthPx: bytes[1]! + 1,
    heightPx: bytes[2]! + 1,
    count,
    xPx: take(0, Number),
    yPx: take(1, Number),
    logScale: take(2, (byte) => byte / scaleSteps),
    angle: take(3, (byte) => (byte / 256) * 2 * Math.PI),
    codes: Uint32Array.from({ length: count * codeWords }, (_, at) =>
      view.getUint32(pointAt(Math.floor(at / codeWords)) + 4 + 4 * (at % codeWords), true),
    ),
  };
}

/** Fingerprint of the mirror image, left and right exchanged. */
export function mirrorFingerprint(fingerprint: Fingerprint): Fingerprint {
  const codes = new Uint32Array(fingerprint.codes.length);
  for (let index = 0; index < fingerprint.count; index++) {
    mirrorCode(fingerprint.codes, index * codeWords, codes, index * codeWords);
  }
  return {
    ...fingerprint,
    xPx: fingerprint.xPx.map((x) => fingerprint.widthPx - 1 - x),
    angle: fingerprint.angle.map((angle) => Math.PI - angle),
    codes,
  };
}

/** Strongest points first, with a limit per cell of a grid, so that one bright region cannot take them all. */
function choosePoints(
  extrema: readonly Extremum[],
  octaves: ReturnType<typeof buildScaleSpace>,
  frame: GrayImage,
): Extremum[] {
  const used = new Uint8Array(cellsPerSide * cellsPerSide);
  const cellPx = Math.max(frame.widthPx, frame.heightPx) / cellsPerSide;
  return [...extrema]
    .sort((a, b) => b.response - a.response)
    .filter((point) => {
      const { stepPx } = octaves[point.octaveIndex]!;
      const column = Math.min(cellsPerSide - 1, Math.floor((point.xPx * stepPx) / cellPx));
      const row = Math.min(cellsPerSide - 1, Math.floor((point.yPx * stepPx) / cellPx));
      return used[row * cellsPerSide + column]!++ < maxPointsPerCell;
    });
}

/** Divides by the local standard deviation: a change of tone and of exposure leaves nearly the same texture. */
function evenOutContrast(image: GrayImage): GrayImage {
  const { heightPx, values, widthPx } = image;
  const neighbourhoodPx = 10;
  const last = values.length - 1;
  const [low, high] = orderStatistics(values, [Math.floor(0.005 * last), Math.floor(0.995 * last)]);
  const range = high - low;
  const even = new Float32Array(values.length);
  if (range <= 0) return { widthPx, heightPx, values: even };
  const mean = gaussianBlur(image, neighbourhoodPx);
  const squares = new Float32Array(values.length);
  for (let at = 0; at < values.length; at++) {
    even[at] = values[at]! - mean[at]!;
    squares[at] = even[at]! * even[at]!;
  }
  const variance = gaussianBlur({ widthPx, heightPx, values: squares }, neighbourhoodPx);
  const floor = 0.02 * range;
  for (let at = 0; at < values.length; at++) {
    even[at] = even[at]! / (Math.sqrt(Math.max(0, variance[at]!)) + floor);
  }
  return { widthPx, heightPx, values: even };
}

function enlarge(image: GrayImage, widthPx: number, heightPx: number): GrayImage {
  const values = new Float32Array(widthPx * heightPx);
  for (let y = 0; y < heightPx; y++) {
    const sourceY = Math.max(0, Math.min(image.heightPx - 1, ((y + 0.5) * image.heightPx) / heightPx - 0.5));
    const top = Math.min(image.heightPx - 1, Math.floor(sourceY));
    const bottom = Math.min(image.heightPx - 1, top + 1);
    const fy = sourceY - top;
    for (let x = 0; x < widthPx; x++) {
      const sourceX = Math.max(0, Math.min(image.widthPx - 1, ((x + 0.5) * image.widthPx) / widthPx - 0.5));
      const left = Math.floor(sourceX);
      const right = Math.min(image.widthPx - 1, left + 1);
      const fx = sourceX - left;
      const at = (row: number, column: number) => image.values[row * image.widthPx + column]!;
      values[y * widthPx + x] =
        (1 - fy) * ((1 - fx) * at(top, left) + fx * at(top, right)) +
        fy * ((1 - fx) * at(bottom, left) + fx * at(bottom, right));
    }
  }
  return { widthPx, heightPx, values };
}
