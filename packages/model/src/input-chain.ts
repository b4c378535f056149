import type { TransformChain } from "@crossread/contracts/saliency-map";
import type { GrayImage } from "@crossread/dicom/gray-image";
import { applyAugmentation, type Augmentation } from "./augment.ts";
import { preprocess, toImageFrame, toInputFrame, type Point } from "./preprocess.ts";
import type { MapPlane } from "./saliency-frame.ts";

/** Part of an image, in its pixels. */
export interface Crop {
  readonly leftPx: number;
  readonly topPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Everything that happened to the geometry of an image on its way to the network: crop, fit, augmentation. */
export interface InputChain {
  readonly imageWidthPx: number;
  readonly imageHeightPx: number;
  /** Default: the whole image. */
  readonly crop?: Crop;
  /** Of the crop into the square frame. */
  readonly fit: TransformChain;
  /** Default: none. */
  readonly augmentation?: Augmentation;
}

/** Crops, resizes and augments, and records what it did. */
export function prepareInput(
  image: GrayImage,
  inputSizePx: number,
  steps: { readonly crop?: Crop; readonly augmentation?: Augmentation } = {},
): { readonly pixels: Float32Array; readonly chain: InputChain } {
  const { augmentation, crop } = steps;
  const { chain: fit, pixels } = preprocess(crop === undefined ? image : cropped(image, crop), inputSizePx);
  return {
    pixels: augmentation === undefined ? pixels : applyAugmentation(pixels, inputSizePx, augmentation),
    chain: {
      imageWidthPx: image.widthPx,
      imageHeightPx: image.heightPx,
      fit,
      ...(crop && { crop }),
      ...(augmentation && { augmentation }),
    },
  };
}

function cropped(image: GrayImage, crop: Crop): GrayImage {
  const { heightPx, leftPx, topPx, widthPx } = crop;
  const isInside =
    [heightPx, leftPx, topPx, widthPx].every(Number.isInteger) &&
    Math.min(leftPx, topPx) >= 0 &&
    Math.min(widthPx, heightPx) >= 1 &&
    leftPx + widthPx <= image.widthPx &&
    topPx + heightPx <= image.heightPx;
  if (!isInside) {
    throw new RangeError(
      `A crop must lie inside the image of ${image.widthPx} × ${image.heightPx}, got ${widthPx} × ${heightPx} at (${leftPx}, ${topPx}).`,
    );
  }
  const values = new Float32Array(widthPx * heightPx);
  for (let y = 0; y < heightPx; y++) {
    const start = (topPx + y) * image.widthPx + leftPx;
    values.set(image.values.subarray(start, start + widthPx), y * widthPx);
  }
  return { widthPx, heightPx, values };
}

/** Where a point of the image lies in the network's frame; continuous coordinates, pixel centres at +½. */
export function imageToInput(chain: InputChain, point: Point): Point {
  const { augmentation, crop, fit } = chain;
  const fitted = toInputFrame(fit, {
    x: point.x - (crop?.leftPx ?? 0),
    y: point.y - (crop?.topPx ?? 0),
  });
  return augmentation === undefined ? fitted : augmentPoint(fitted, fit.inputSizePx, augmentation);
}

/** The inverse of `imageToInput`. */
export function inputToImage(chain: InputChain, point: Point): Point {
  const { augmentation, crop, fit } = chain;
  const fitted = augmentation === undefined ? point : unaugmentPoint(point, fit.inputSizePx, augmentation);
  const inCrop = toImageFrame(fit, fitted);
  return { x: inCrop.x + (crop?.leftPx ?? 0), y: inCrop.y + (crop?.topPx ?? 0) };
}

function augmentPoint(point: Point, sizePx: number, augmentation: Augmentation): Point {
  const centre = sizePx / 2;
  const { cosine, sine } = rotationOf(augmentation);
  const u = (augmentation.isFlipped ? -1 : 1) * (point.x - centre);
  const v = point.y - centre;
  return {
    x: centre + augmentation.translationXPx + augmentation.scale * (cosine * u - sine * v),
    y: centre + augmentation.translationYPx + augmentation.scale * (sine * u + cosine * v),
  };
}

function unaugmentPoint(point: Point, sizePx: number, augmentation: Augmentation): Point {
  const centre = sizePx / 2;
  const { cosine, sine } = rotationOf(augmentation);
  const dx = (point.x - centre - augmentation.translationXPx) / augmentation.scale;
  const dy = (point.y - centre - augmentation.translationYPx) / augmentation.scale;
  return {
    x: centre + (augmentation.isFlipped ? -1 : 1) * (cosine * dx + sine * dy),
    y: centre - sine * dx + cosine * dy,
  };
}

const rotationOf = ({ rotationDegrees }: Augmentation) => {
  const angle = (rotationDegrees * Math.PI) / 180;
  return { cosine: Math.cos(angle), sine: Math.sin(angle) };
};

/**
 * Carries a map over the network's frame to the image's pixels, bilinear; 0 where the network did not look.
 *
 * @param map - shape [h, w], spread evenly over the S×S input frame
 * @returns row-major over the image; for chains without crop and augmentation `upsampleMap` is faster
 */
export function carryMapToImage(map: MapPlane, chain: InputChain): MapPlane {
  const { crop, fit, imageHeightPx: heightPx, imageWidthPx: widthPx } = chain;
  const area = crop ?? { leftPx: 0, topPx: 0, widthPx, heightPx };
  const values = new Float32Array(widthPx * heightPx);
  for (let y = area.topPx; y < area.topPx + area.heightPx; y++) {
    for (let x = area.leftPx; x < area.leftPx + area.widthPx; x++) {
      const onInput = imageToInput(chain, { x: x + 0.5, y: y + 0.5 });
      if (!isInFrame(onInput, fit.inputSizePx)) continue;
      values[y * widthPx + x] = sampleHeld(map, {
        x: (onInput.x * map.widthPx) / fit.inputSizePx - 0.5,
        y: (onInput.y * map.heightPx) / fit.inputSizePx - 0.5,
      });
    }
  }
  return { widthPx, heightPx, values };
}

const isInFrame = ({ x, y }: Point, sizePx: number): boolean => x >= 0 && y >= 0 && x < sizePx && y < sizePx;

function sampleHeld(map: MapPlane, index: Point): number {
  const x = Math.min(Math.max(index.x, 0), map.widthPx - 1);
  const y = Math.min(Math.max(index.y, 0), map.heightPx - 1);
  const left = Math.floor(x);
  const top = Math.floor(y);
  const right = Math.min(left + 1, map.widthPx - 1);
  const bottom = Math.min(top + 1, map.heightPx - 1);
  const at = (column: number, row: number) => map.values[row * map.widthPx + column]!;
  const above = at(left, top) + (x - left) * (at(right, top) - at(left, top));
  const below = at(left, bottom) + (x - left) * (at(right, bottom) - at(left, bottom));
  return above + (y - top) * (below - above);
}
