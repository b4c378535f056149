import { isDomainError } from "@crossread/contracts/errors";
import { toGrayImage } from "@crossread/dicom/presentation";
import { readInstance } from "@crossread/dicom/read-instance";
import { locateWasm } from "../viewer/codec-files.ts";
import type { Picture } from "./file-worker-protocol.ts";

const longestSidePx = 480;

/** The image as it would be read, made small; undefined where it cannot be decoded. */
export async function pictureOf(bytes: Uint8Array): Promise<Picture | undefined> {
  try {
    const image = await toGrayImage(readInstance(bytes, "this file"), { locateWasm });
    const reduction = Math.max(1, Math.max(image.widthPx, image.heightPx) / longestSidePx);
    const widthPx = Math.max(1, Math.floor(image.widthPx / reduction));
    const heightPx = Math.max(1, Math.floor(image.heightPx / reduction));
    const samples = new Uint8ClampedArray(widthPx * heightPx);
    for (let y = 0; y < heightPx; y++) {
      const row = Math.floor((y + 0.5) * reduction) * image.widthPx;
      for (let x = 0; x < widthPx; x++) {
        samples[y * widthPx + x] = 255 * image.values[row + Math.floor((x + 0.5) * reduction)]!;
      }
    }
    return { widthPx, heightPx, reduction, samples };
  } catch (error) {
    if (isDomainError(error)) return undefined;
    throw error;
  }
}
