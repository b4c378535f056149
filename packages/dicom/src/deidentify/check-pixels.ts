/** Looks for burned-in text in the decoded pixels of a file. */
import { DomainError, isDomainError } from "@crossread/contracts/errors";
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
export interface Plane {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly values: StoredValues | Float32Array;
}

export function checkPlane(plane: Plane): PixelFinding {
  const factor = Math.max(1, Math.ceil(Math.max(plane.widthPx, plane.heightPx) / longestSidePx));
  const regions = findBurnedInText(shrunk(plane, factor)).map((region) => ({
    xPx: region.xPx * factor,
    yPx: region.yPx * factor,
    widthPx: region.widthPx * factor,
    heightPx: region.heightPx * factor,
  }));
  return { status: regions.length > 0 ? "suspected-text" : "clean", regions };
}

/** Means over squares of pixels, from the darkest to the brightest value of the image. */
function shrunk({ heightPx, values, widthPx }: Plane, factor: number): GrayImage {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const scale = 1 / (most > least ? most - least : 1) / factor ** 2;
  const width = Math.floor(widthPx / factor);
  const height = Math.floor(heightPx / factor);
  const means = new Float32Array(width * height);
  for (let row = 0; row < height * factor; row++) {
    const target = Math.floor(row / factor) * width;
    for (let column = 0; column < width * factor; column++) {
      means[target + Math.floor(column / factor)]! += (values[row * widthPx + column]! - least) * scale;
    }
  }
  return { widthPx: width, heightPx: height, values: means };
}
