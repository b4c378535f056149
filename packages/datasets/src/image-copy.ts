/** Altered copies of an image, as they turn up in data sets: planted to measure how many the leak check finds. */
import type { GrayImage } from "@crossread/dicom/gray-image";
import type { Random } from "@crossread/metrics/random";
import { shrinkByArea } from "./shrink-by-area.ts";

export interface CopyChange {
  /** Quarter turns, clockwise on the screen. */
  readonly quarterTurns?: 0 | 1 | 2 | 3;
  readonly isMirrored?: boolean;
  /** Clockwise on the screen, about the centre. */
  readonly rotationDegrees?: number;
  readonly scale?: number;
  /** Shares of the frame. */
  readonly shift?: readonly [number, number];
  /** Part of the frame that is kept and enlarged to the whole: left, top and side as shares. */
  readonly crop?: { readonly left: number; readonly top: number; readonly side: number };
  /** Longest side of the copy; the original's where left out. */
  readonly longestSidePx?: number;
  readonly gamma?: number;
  /** 8-bit units. */
  readonly gainAndOffset?: readonly [number, number];
}

/** Crop to 80 %, quarter turn, mirror, the paper's ranges of rotation, scale, shift and contrast, gamma, 224 px: all at once. */
export function drawHardChange(random: Random): CopyChange {
  const reach = 11 / 224;
  const pick = <TItem>(items: readonly TItem[]): TItem => items[random.nextInt(items.length)]!;
  return {
    crop: { left: 0.2 * random.next(), top: 0.2 * random.next(), side: 0.8 },
    quarterTurns: pick([0, 1, 2, 3] as const),
    isMirrored: pick([true, false]),
    rotationDegrees: 20 * random.next() - 10,
    scale: pick([0.9, 1, 1.1]),
    shift: [reach * (2 * random.next() - 1), reach * (2 * random.next() - 1)],
    gamma: 0.7 + 0.7 * random.next(),
    gainAndOffset: pick([
      [1, 0],
      [1.1, 10],
    ] as const),
    longestSidePx: 224,
  };
}

/**
 * Resamples once, bilinearly from an image shrunk to the size of the copy, then changes the tone and rounds to 8 bits.
 *
 * @returns values in [0, 1], multiples of 1/255; what comes from outside the frame is black
 */
export function copyImage(image: GrayImage, change: CopyChange): GrayImage {
  const { crop = { left: 0, top: 0, side: 1 }, quarterTurns = 0 } = change;
  const longest = Math.max(image.widthPx, image.heightPx);
  const targetLongest = change.longestSidePx ?? longest;
  const shrink = Math.min(1, targetLongest / (longest * crop.side));
  const source = shrinkByArea(
    image,
    Math.max(1, Math.round(image.widthPx * shrink)),
    Math.max(1, Math.round(image.heightPx * shrink)),
  );
  const isOnSide = quarterTurns % 2 === 1;
  const uprightWidthPx = Math.max(1, Math.round((image.widthPx / longest) * targetLongest));
  const uprightHeightPx = Math.max(1, Math.round((image.heightPx / longest) * targetLongest));
  const widthPx = isOnSide ? uprightHeightPx : uprightWidthPx;
  const heightPx = isOnSide ? uprightWidthPx : uprightHeightPx;
  const toSource = inverseMap(change, { uprightWidthPx, uprightHeightPx, widthPx, heightPx });
  const values = new Float32Array(widthPx * heightPx);
  const [gain, offset] = change.gainAndOffset ?? [1, 0];
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const [u, v] = toSource(x + 0.5, y + 0.5);
      const value = sample(
        source,
        (crop.left + u * crop.side) * source.widthPx - 0.5,
        (crop.top + v * crop.side) * source.heightPx - 0.5,
      );
      const toned = gain * value ** (change.gamma ?? 1) + offset / 255;
      values[y * widthPx + x] = Math.round(255 * Math.max(0, Math.min(1, toned))) / 255;
    }
  }
  return { widthPx, heightPx, values };
}

/** From pixels of the copy to shares of the (cropped) original. */
function inverseMap(
  change: CopyChange,
  size: { uprightWidthPx: number; uprightHeightPx: number; widthPx: number; heightPx: number },
): (xPx: number, yPx: number) => readonly [number, number] {
  const { quarterTurns = 0, rotationDegrees = 0, scale = 1, shift = [0, 0] } = change;
  const angle = ((rotationDegrees + 90 * quarterTurns) * Math.PI) / 180;
  const cosine = Math.cos(angle) / scale;
  const sine = Math.sin(angle) / scale;
  const mirror = change.isMirrored === true ? -1 : 1;
  return (xPx, yPx) => {
    const dx = xPx - size.widthPx * (0.5 + shift[0]);
    const dy = yPx - size.heightPx * (0.5 + shift[1]);
    return [
      0.5 + (mirror * (cosine * dx + sine * dy)) / size.uprightWidthPx,
      0.5 + (-sine * dx + cosine * dy) / size.uprightHeightPx,
    ];
  };
}

function sample(image: GrayImage, x: number, y: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  if (left < -1 || top < -1 || left >= image.widthPx || top >= image.heightPx) return 0;
  const at = (column: number, row: number) =>
    column < 0 || row < 0 || column >= image.widthPx || row >= image.heightPx
      ? 0
      : image.values[row * image.widthPx + column]!;
  const fx = x - left;
  const fy = y - top;
  return (
    (1 - fy) * ((1 - fx) * at(left, top) + fx * at(left + 1, top)) +
    fy * ((1 - fx) * at(left, top + 1) + fx * at(left + 1, top + 1))
  );
}
