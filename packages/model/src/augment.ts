import type { Random } from "@crossread/metrics/random";

/** What one draw of the augmentation does to an image; the affine part acts about the image's centre. */
export interface Augmentation {
  readonly rotationDegrees: number;
  readonly translationXPx: number;
  readonly translationYPx: number;
  readonly scale: number;
  readonly isFlipped: boolean;
  readonly isContrastShifted: boolean;
}

const maxRotationDegrees = 10;
/** At 224 px; shrinks and grows with the input size. */
const maxTranslationPx = 11;
const referenceSizePx = 224;
const scales = [0.9, 1, 1.1] as const;
const flipProbability = 0.5;
const contrastShiftProbability = 0.5;
/** 1.1 · I + 10 in 8-bit units (eq. 3). */
const contrast = 1.1;
const brightness = 10 / 255;

/**
 * Parameters of one augmentation.
 *
 * @remarks The paper gives ranges and no probabilities. Rotation, translation (whole pixels) and scale are drawn for
 *   every image, uniformly over ranges that contain the identity; flip and contrast shift happen to every second image.
 * @source paper, sections 2.1.2, 2.1.3 and 3.2.1
 */
export function drawAugmentation(sizePx: number, random: Random): Augmentation {
  const reachPx = Math.round((maxTranslationPx * sizePx) / referenceSizePx);
  return {
    rotationDegrees: maxRotationDegrees * (2 * random.next() - 1),
    translationXPx: random.nextInt(2 * reachPx + 1) - reachPx,
    translationYPx: random.nextInt(2 * reachPx + 1) - reachPx,
    scale: scales[random.nextInt(scales.length)]!,
    isFlipped: random.next() < flipProbability,
    isContrastShifted: random.next() < contrastShiftProbability,
  };
}

/**
 * Applies one augmentation with a single bilinear resampling; what comes from outside the frame is 0.
 *
 * @param pixels - shape [sizePx, sizePx], values in [0, 1]
 * @returns a new array, values in [0, 1]: the contrast shift saturates at 1 as 8-bit arithmetic does
 */
export function applyAugmentation(
  pixels: Float32Array,
  sizePx: number,
  augmentation: Augmentation,
): Float32Array {
  const result = new Float32Array(pixels.length);
  const angle = (augmentation.rotationDegrees * Math.PI) / 180;
  const centre = (sizePx - 1) / 2;
  const mirror = augmentation.isFlipped ? -1 : 1;
  // inverse map: target → source
  const cosine = Math.cos(angle) / augmentation.scale;
  const sine = Math.sin(angle) / augmentation.scale;
  for (let y = 0; y < sizePx; y++) {
    const dy = y - centre - augmentation.translationYPx;
    for (let x = 0; x < sizePx; x++) {
      const dx = x - centre - augmentation.translationXPx;
      const sourceX = centre + mirror * (cosine * dx + sine * dy);
      const sourceY = centre - sine * dx + cosine * dy;
      const left = Math.floor(sourceX);
      const top = Math.floor(sourceY);
      const fx = sourceX - left;
      const fy = sourceY - top;
      const start = top * sizePx + left;
      const isInside = left >= 0 && top >= 0 && left + 1 < sizePx && top + 1 < sizePx;
      const value = isInside
        ? (1 - fy) * ((1 - fx) * pixels[start]! + fx * pixels[start + 1]!) +
          fy * ((1 - fx) * pixels[start + sizePx]! + fx * pixels[start + sizePx + 1]!)
        : sampleAtEdge(pixels, sizePx, { left, top, fx, fy });
      result[y * sizePx + x] = augmentation.isContrastShifted
        ? Math.min(1, contrast * value + brightness)
        : value;
    }
  }
  return result;
}

export const augment = (pixels: Float32Array, sizePx: number, random: Random): Float32Array =>
  applyAugmentation(pixels, sizePx, drawAugmentation(sizePx, random));

/** Bilinear among the four neighbours, of which those outside the frame are 0. */
function sampleAtEdge(
  pixels: Float32Array,
  sizePx: number,
  place: { readonly left: number; readonly top: number; readonly fx: number; readonly fy: number },
): number {
  const { fx, fy, left, top } = place;
  if (left < -1 || top < -1 || left >= sizePx || top >= sizePx) return 0;
  const at = (column: number, row: number) =>
    column < 0 || row < 0 || column >= sizePx || row >= sizePx ? 0 : pixels[row * sizePx + column]!;
  return (
    (1 - fy) * ((1 - fx) * at(left, top) + fx * at(left + 1, top)) +
    fy * ((1 - fx) * at(left, top + 1) + fx * at(left + 1, top + 1))
  );
}
