/** Looks for burned-in text in the decoded pixels of a file. */
import { DomainError, isDomainError } from "@crossread/contracts/errors";
import { boxFactor, createBoxMeans, type Frame } from "../box-means.ts";
import type { GrayImage } from "../gray-image.ts";
import { type CodecOptions, decodePixelData, type StoredValues } from "../pixel-data.ts";
import { readInstance } from "../read-instance.ts";
import { findBurnedInText } from "./burned-in-text.ts";
import type { PixelFinding } from "./deidentified-file.ts";

/** Text on a larger image is large too, and is found as well on a smaller one. */
const longestSidePx = 1536;

export interface PixelCheck {
  readonly fileName: string;
  readonly codecs: CodecOptions | undefined;
  /** Burned In Annotation (0028,0301) is YES: such a file is never called clean. */
  readonly saysBurnedIn: boolean;
}

/**
 * @throws {DomainError} "burned-in-text" where the file says that something is burned in and its pixels cannot be decoded
 */
export async function checkPixels(bytes: Uint8Array, check: PixelCheck): Promise<PixelFinding> {
  try {
    const instance = readInstance(bytes, check.fileName);
    const { columns, rows } = instance.pixel;
    const values = await decodePixelData(instance, check.codecs);
    const finding = checkPlane({ widthPx: columns, heightPx: rows, values });
    return check.saysBurnedIn ? { ...finding, status: "suspected-text" } : finding;
  } catch (error) {
    if (!isDomainError(error)) throw error;
    if (!check.saysBurnedIn) return { status: "unchecked", regions: [] };
    throw new DomainError(
      "burned-in-text",
      `${check.fileName} says that something is burned into its pixels, which cannot be decoded and checked.`,
      { cause: error },
    );
  }
}

/** Values of any scale, row-major: stored values as well as presented ones. */
export interface Plane extends Frame {
  readonly values: StoredValues | Float32Array;
}

/** An image of the size at which text is looked for, and by how much it was made smaller. */
export interface CheckedImage {
  readonly means: GrayImage;
  readonly factor: number;
  /** Of the whole image, in whose pixels regions are told. */
  readonly frame: Frame;
}

/** By how much an image is made smaller before text is looked for. */
export const checkFactor = (frame: Frame): number => boxFactor(frame, longestSidePx);

export function checkPlane({ heightPx, values, widthPx }: Plane): PixelFinding {
  const frame = { widthPx, heightPx };
  const factor = checkFactor(frame);
  const means = createBoxMeans(frame, factor);
  const row = new Float32Array(widthPx);
  for (let y = 0; y < heightPx; y++) {
    row.set(values.subarray(y * widthPx, (y + 1) * widthPx));
    means.addRow(row, y);
  }
  return checkMeans({ means: means.finish(), factor, frame });
}

export function checkMeans({ factor, frame, means }: CheckedImage): PixelFinding {
  const regions = findBurnedInText(means, rangeOf(means)).map((region) => ({
    xPx: region.xPx * factor,
    yPx: region.yPx * factor,
    widthPx: Math.min(region.widthPx * factor, frame.widthPx - region.xPx * factor),
    heightPx: Math.min(region.heightPx * factor, frame.heightPx - region.yPx * factor),
  }));
  return { status: regions.length > 0 ? "suspected-text" : "clean", regions };
}

/** From the darkest to the brightest mean. */
function rangeOf({ values }: GrayImage): number {
  let least = Infinity;
  let most = -Infinity;
  const { length } = values;
  for (let index = 0; index < length; index++) {
    const value = values[index]!;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return most - least;
}
