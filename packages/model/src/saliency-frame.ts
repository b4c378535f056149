import type { TransformChain } from "@crossread/contracts/saliency-map";
import { toInputFrame } from "./preprocess.ts";

/** A map over the network's input frame, row-major. */
export interface MapPlane {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly values: Float32Array;
}

/**
 * Carries a map from the input frame to the pixels of the original image, bilinear, edges held.
 *
 * @param map - shape [h, w], spread evenly over the S×S input frame
 * @param chain - recorded by `preprocess`
 * @param size - shape of the result; by default the original image's, else any grid over the same area
 * @returns row-major over the image frame; each pixel's centre is looked up through the chain
 */
export function upsampleMap(
  map: MapPlane,
  chain: TransformChain,
  size: { readonly widthPx: number; readonly heightPx: number } = {
    widthPx: chain.imageWidthPx,
    heightPx: chain.imageHeightPx,
  },
): MapPlane {
  const { heightPx, widthPx } = size;
  const values = new Float32Array(widthPx * heightPx);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const onInput = toInputFrame(chain, {
        x: ((x + 0.5) * chain.imageWidthPx) / widthPx,
        y: ((y + 0.5) * chain.imageHeightPx) / heightPx,
      });
      values[y * widthPx + x] = sampleHeld(
        map,
        (onInput.x * map.widthPx) / chain.inputSizePx - 0.5,
        (onInput.y * map.heightPx) / chain.inputSizePx - 0.5,
      );
    }
  }
  return { widthPx, heightPx, values };
}

/** Divides by the largest value; a map without any positive value stays 0. */
export function scaleToUnit(map: MapPlane): MapPlane {
  const largest = map.values.reduce((a, b) => Math.max(a, b), 0);
  return largest > 0 ? { ...map, values: map.values.map((value) => value / largest) } : map;
}

function sampleHeld(map: MapPlane, x: number, y: number): number {
  const clampedX = Math.min(Math.max(x, 0), map.widthPx - 1);
  const clampedY = Math.min(Math.max(y, 0), map.heightPx - 1);
  const left = Math.floor(clampedX);
  const top = Math.floor(clampedY);
  const right = Math.min(left + 1, map.widthPx - 1);
  const bottom = Math.min(top + 1, map.heightPx - 1);
  const fx = clampedX - left;
  const fy = clampedY - top;
  const at = (column: number, row: number) => map.values[row * map.widthPx + column]!;
  return (
    (1 - fy) * ((1 - fx) * at(left, top) + fx * at(right, top)) +
    fy * ((1 - fx) * at(left, bottom) + fx * at(right, bottom))
  );
}
