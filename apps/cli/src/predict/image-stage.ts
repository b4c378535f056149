import { readFile, writeFile } from "node:fs/promises";
import { DomainError } from "@crossread/contracts/errors";
import type { TransformChain } from "@crossread/contracts/saliency-map";
import type { AllocateValues, GrayImage } from "@crossread/dicom/gray-image";
import { readImageFile } from "@crossread/dicom/image-file";
import { encodeGrayPng, encodeOpaquePng } from "@crossread/dicom/png";
import { normaliseInto, type Normalisation } from "@crossread/model/normalisation";
import { preprocess } from "@crossread/model/preprocess";
import { scaleToUnit, storedMapSize, upsampleMap, type MapPlane } from "@crossread/model/saliency-frame";
import { paintHeatmap } from "../heatmap.ts";

export interface InputFrame {
  readonly imageSize: number;
  readonly normalisation: Normalisation;
}

export interface PreparedImage {
  readonly gray: GrayImage;
  readonly chain: TransformChain;
  /** Normalised, shape [S, S]: what the network sees. */
  readonly pixels: Float32Array<ArrayBuffer>;
  readonly ms: { readonly decode: number; readonly preprocess: number };
}

/** File → pixels for the network; all that happens to an image before inference. */
export async function prepareImage(
  file: string,
  frame: InputFrame,
  allocate: AllocateValues,
): Promise<PreparedImage> {
  const bytes = await readBytes(file);
  const start = performance.now();
  const { gray } = await readImageFile(bytes, file, allocate);
  const decoded = performance.now();
  const { chain, pixels: resized } = preprocess(gray, frame.imageSize);
  const pixels = new Float32Array(resized.length);
  normaliseInto(pixels, resized, frame.normalisation);
  return {
    gray,
    chain,
    pixels,
    ms: { decode: decoded - start, preprocess: performance.now() - decoded },
  };
}

/** Where an image's map goes. */
export interface MapTargets {
  /** Gray PNG in the image's shape, at most 512 px a side, 255 = the map's maximum. */
  readonly map?: string;
  /** Overlay on the image in its own frame, PNG. */
  readonly heatmap?: string;
}

/** What of an image is needed until its map comes back: the pixels only for an overlay. */
export interface KeptImage {
  readonly chain: TransformChain;
  readonly gray?: GrayImage;
}

export const keptImage = (image: PreparedImage, targets: MapTargets): KeptImage => ({
  chain: image.chain,
  ...(targets.heatmap === undefined ? {} : { gray: image.gray }),
});

export async function writeMaps(
  { chain, gray }: KeptImage,
  map: MapPlane,
  targets: MapTargets,
): Promise<void> {
  if (targets.map !== undefined) {
    const unit = scaleToUnit(upsampleMap(map, chain, storedMapSize(chain)));
    await writeFile(targets.map, await encodeGrayPng(unit, 8));
  }
  if (targets.heatmap !== undefined && gray !== undefined) {
    await writeFile(targets.heatmap, await encodeOpaquePng(paintHeatmap(gray, map, chain)));
  }
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new DomainError("file-missing", `There is no readable file ${file}.`, { cause });
  }
}
