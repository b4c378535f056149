import type { Point } from "./affine.ts";
import type { DisplayImage } from "./display-image.ts";
import { displayMaximum } from "./display-range.ts";

interface Magnification {
  readonly display: DisplayImage;
  /** Middle of the lens, in pixels of the image. */
  readonly at: Point;
  readonly sizePx: number;
  /** Screen pixels for one pixel of the image. */
  readonly factor: number;
  /** In shares of the displayed range. */
  readonly window: { readonly lower: number; readonly upper: number };
  readonly isInverted: boolean;
  /** Mirrored like the viewport. */
  readonly isMirrored: boolean;
}

/** What the lens shows, RGBA, shape [sizePx, sizePx, 4]: bilinear between the image's own pixels, black outside. */
export function magnify(request: Magnification): Uint8ClampedArray<ArrayBuffer> {
  const { display, at, sizePx, factor, window, isInverted, isMirrored } = request;
  const rgba = new Uint8ClampedArray(sizePx * sizePx * 4);
  const range = Math.max(1e-6, window.upper - window.lower);
  for (let y = 0; y < sizePx; y++) {
    const row = at.yPx + (y + 0.5 - sizePx / 2) / factor - 0.5;
    for (let x = 0; x < sizePx; x++) {
      const across = (x + 0.5 - sizePx / 2) / factor;
      const value = valueAt(display, at.xPx + (isMirrored ? -across : across) - 0.5, row);
      const place = (y * sizePx + x) * 4;
      rgba[place + 3] = 255;
      if (value === undefined) continue;
      const share = Math.min(1, Math.max(0, (value / displayMaximum - window.lower) / range));
      const gray = (isInverted ? 1 - share : share) * 255;
      rgba[place] = gray;
      rgba[place + 1] = gray;
      rgba[place + 2] = gray;
    }
  }
  return rgba;
}

function valueAt({ widthPx, heightPx, values }: DisplayImage, x: number, y: number): number | undefined {
  if (x < -0.5 || y < -0.5 || x > widthPx - 0.5 || y > heightPx - 0.5) return undefined;
  const left = Math.min(widthPx - 1, Math.max(0, Math.floor(x)));
  const top = Math.min(heightPx - 1, Math.max(0, Math.floor(y)));
  const right = Math.min(widthPx - 1, left + 1);
  const bottom = Math.min(heightPx - 1, top + 1);
  const across = Math.min(1, Math.max(0, x - left));
  const down = Math.min(1, Math.max(0, y - top));
  const upper = values[top * widthPx + left]! * (1 - across) + values[top * widthPx + right]! * across;
  const lower = values[bottom * widthPx + left]! * (1 - across) + values[bottom * widthPx + right]! * across;
  return upper * (1 - down) + lower * down;
}
