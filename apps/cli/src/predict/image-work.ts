import type { GrayImage } from "@crossread/dicom/gray-image";
import type { MapPlane } from "@crossread/model/saliency-frame";
import type { ReadyImage } from "./image-messages.ts";
import {
  keptImage,
  prepareImage,
  writeMaps,
  type InputFrame,
  type KeptImage,
  type MapTargets,
} from "./image-stage.ts";
import { ReusableArrays } from "./reusable-arrays.ts";

/** Prepares images and, when the network has seen them, writes their maps. */
export interface ImageWork {
  prepare(id: number, file: string, targets: MapTargets): Promise<ReadyImage>;
  /** Once for each prepared image with a target. */
  writeMaps(id: number, map: MapPlane): Promise<void>;
}

/** On the calling thread. */
export function createImageWork(frame: InputFrame): ImageWork {
  const kept = new Map<number, { readonly image: KeptImage; readonly targets: MapTargets }>();
  const arrays = new ReusableArrays();
  const giveBack = ({ gray }: { readonly gray?: GrayImage }) => {
    if (gray !== undefined) arrays.give(gray.values);
  };
  return {
    prepare: async (id, file, targets) => {
      const prepared = await prepareImage(file, frame, (length) => arrays.take(length));
      const image = keptImage(prepared, targets);
      if (image.gray === undefined) giveBack(prepared);
      if (Object.keys(targets).length > 0) kept.set(id, { image, targets });
      return { pixels: prepared.pixels, keptPixels: image.gray?.values.length ?? 0, ms: prepared.ms };
    },
    writeMaps: async (id, map) => {
      const waiting = kept.get(id);
      if (waiting === undefined) throw new Error(`No image ${id} waits for a map.`);
      kept.delete(id);
      await writeMaps(waiting.image, map, waiting.targets);
      giveBack(waiting.image);
    },
  };
}
