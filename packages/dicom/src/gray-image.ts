import { DomainError } from "@crossread/contracts/errors";

/** Image after presentation (PS3.4 N.2): row-major, values in [0, 1], bright = dense. */
export interface GrayImage {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Length widthPx · heightPx. */
  readonly values: Float32Array;
}

/** Where a reader puts the values of an image: every one of them is written. */
export type AllocateValues = (length: number) => Float32Array;

export const allocateValues: AllocateValues = (length) => new Float32Array(length);

/** Largest plane that any reader allocates; a full-field mammogram at 50 µm has 29 Mpx. */
export const maxPixelCount = 64 * 1024 * 1024;

/** Refuses sizes that are not positive integers or that would exhaust memory, before anything is allocated. */
export function assertImageSize(widthPx: number, heightPx: number, fileName: string): void {
  const isPositive =
    Number.isSafeInteger(widthPx) && Number.isSafeInteger(heightPx) && widthPx > 0 && heightPx > 0;
  if (!isPositive) {
    throw new DomainError(
      "image-unreadable",
      `Image width and height must be positive integers, but ${fileName} declares ${widthPx} × ${heightPx}.`,
    );
  }
  if (widthPx * heightPx > maxPixelCount) {
    throw new DomainError(
      "image-unreadable",
      `An image may have at most ${maxPixelCount} pixels, but ${fileName} declares ${widthPx} × ${heightPx}.`,
    );
  }
}

export function assertGrayImage(image: GrayImage, fileName: string): void {
  assertImageSize(image.widthPx, image.heightPx, fileName);
  const expected = image.widthPx * image.heightPx;
  if (image.values.length !== expected) {
    throw new DomainError(
      "image-unreadable",
      `An image of ${image.widthPx} × ${image.heightPx} needs ${expected} values, but ${fileName} has ${image.values.length}.`,
    );
  }
  const { values } = image;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (value >= 0 && value <= 1) continue;
    throw new DomainError(
      "image-unreadable",
      `Image values must lie in [0, 1], but ${fileName} has ${value} at index ${index}.`,
    );
  }
}

/** Rounds to integers in [0, maxValue]; the inverse of dividing by maxValue. */
export function toIntegers(image: GrayImage, maxValue: number): Uint16Array<ArrayBuffer> {
  const { values } = image;
  const integers = new Uint16Array(values.length);
  for (let index = 0; index < integers.length; index++) {
    integers[index] = values[index]! * maxValue + 0.5; // storing cuts off the fraction
  }
  return integers;
}
