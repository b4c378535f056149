/** Grayscale transformations from stored values to [0, 1] (PS3.4 N.2): modality, VOI, presentation. */
import { DomainError } from "@crossread/contracts/errors";
import { type AllocateValues, type GrayImage, allocateValues } from "./gray-image.ts";
import { type LookupTable, lookUp } from "./lookup-table.ts";
import type { MammogramInstance, Presentation } from "./mammogram-instance.ts";
import { type CodecOptions, decodePixelData, type StoredValues } from "./pixel-data.ts";
import type { VoiLutFunction, VoiWindow } from "./write-mammogram.ts";

/** Decodes and presents an instance; the caller has asked `refusalOf` whether it is a mammogram. */
export async function toGrayImage(
  instance: MammogramInstance,
  options: CodecOptions & { readonly allocate?: AllocateValues } = {},
): Promise<GrayImage> {
  return presentStoredValues(instance, await decodePixelData(instance, options), options.allocate);
}

/**
 * Stored values → presentation values.
 *
 * modality LUT or slope·x + intercept → first VOI LUT | first window | min–max → one inversion at most
 *
 * @param stored - stored values, shape [rows · columns], row-major, integers of the instance's bits and sign
 * @returns values in [0, 1], bright = dense; padding is 0
 * @throws {DomainError} "image-unreadable" for a window width that its function does not allow; "image-kind-refused" for colour
 * @complexity O(rows · columns + 2^bitsStored)
 * @source PS3.3 C.11.1, C.11.2, C.11.6, C.7.6.3.1.2; PS3.4 N.2
 */
export function presentStoredValues(
  instance: MammogramInstance,
  stored: StoredValues,
  allocate: AllocateValues = allocateValues,
): GrayImage {
  const { columns, rows } = instance.pixel;
  const patterns = toPatterns(instance, stored);
  const values = allocate(stored.length);
  for (let start = 0; start < values.length; start += keptPx) {
    const piece = presentPiece(patterns.subarray(start, start + keptPx));
    values.set(piece, start);
  }
  return { widthPx: columns, heightPx: rows, values };
}

/**
 * The same values row by row: what makes the image smaller at once needs no plane of its full size.
 *
 * @param visit - sees shape [columns]; the array is the same for every row
 */
export function presentRows(
  instance: MammogramInstance,
  stored: StoredValues,
  visit: (row: Float32Array, y: number) => void,
): void {
  const { columns, rows } = instance.pixel;
  const patterns = toPatterns(instance, stored);
  for (let y = 0; y < rows; y++) {
    visit(presentPiece(patterns.subarray(y * columns, (y + 1) * columns)), y);
  }
}

/**
 * As long as a row of DICOM may be. Arrays that never change places: V8 compiles a loop over them to twice the speed of one
 * over arrays that it is handed, above all once a codec's memory has grown, after which it trusts no array's length.
 */
const keptPx = 65_536;
const keptPatterns = new Uint16Array(keptPx);
const keptTable = new Float32Array(keptPx);
const keptValues = new Float32Array(keptPx);

/** Stored values by their 16 bits, signed or not; the table of the image is laid out by these, for `presentPiece`. */
function toPatterns(instance: MammogramInstance, stored: StoredValues): Uint8Array | Uint16Array {
  const { lowest, table } = presentationTable(instance, stored);
  const negativeCount = -lowest;
  keptTable.set(table.subarray(negativeCount));
  if (negativeCount > 0) keptTable.set(table.subarray(0, negativeCount), keptPx - negativeCount);
  if (stored instanceof Uint8Array) return stored;
  return new Uint16Array(stored.buffer, stored.byteOffset, stored.length);
}

function presentPiece(patterns: Uint8Array | Uint16Array): Float32Array {
  const { length } = patterns;
  keptPatterns.set(patterns);
  for (let index = 0; index < length; index++) keptValues[index] = keptTable[keptPatterns[index]!]!;
  return keptValues.subarray(0, length);
}

/**
 * The same values on 16 bits, for a screen: the table is rounded once instead of every pixel.
 *
 * @returns shape [rows · columns], row-major, 0…65535, bright = dense; ⌊65535·value + ½⌋
 * @complexity O(rows · columns + 2^bitsStored)
 */
export function presentOn16Bits(instance: MammogramInstance, stored: StoredValues): Uint16Array<ArrayBuffer> {
  const { lowest, table } = presentationTable(instance, stored);
  const words = Uint16Array.from(table, (value) => value * 65_535 + 0.5);
  const { length } = stored;
  const values = new Uint16Array(length);
  for (let index = 0; index < length; index++) values[index] = words[stored[index]! - lowest]!;
  return values;
}

/** Presentation value of every stored value, from the lowest that the image's bits allow. */
function presentationTable(
  instance: MammogramInstance,
  stored: StoredValues,
): { readonly table: Float32Array; readonly lowest: number } {
  const { pixel, presentation, fileName } = instance;
  const isGray = /^MONOCHROME[12]$/.test(pixel.photometricInterpretation);
  if (!isGray || pixel.samplesPerPixel !== 1) {
    throw new DomainError(
      "image-kind-refused",
      `A mammogram is MONOCHROME1 or MONOCHROME2, but ${fileName} is ${pixel.photometricInterpretation}.`,
    );
  }
  const lowest = pixel.isSigned ? -(2 ** (pixel.bitsStored - 1)) : 0;
  const toModality = modalityTransform(presentation);
  const isPadding = (value: number) =>
    pixel.padding !== undefined && value >= pixel.padding.first && value <= pixel.padding.last;
  const toVoi = voiTransform(instance, () => modalityRange({ stored, lowest, toModality, isPadding }));
  // C.7.6.3.1.2 and C.11.6: MONOCHROME1 and INVERSE say the same thing; together they still invert once, after VOI.
  const isInverted =
    pixel.photometricInterpretation === "MONOCHROME1" || presentation.presentationLutShape === "INVERSE";
  const table = Float32Array.from({ length: 2 ** pixel.bitsStored }, (_, index) => {
    const value = lowest + index;
    if (isPadding(value)) return 0;
    const presented = toVoi(toModality(value));
    return isInverted ? 1 - presented : presented;
  });
  return { table, lowest };
}

type Transform = (value: number) => number;

function modalityTransform(presentation: Presentation): Transform {
  const { modality } = presentation;
  if ("lut" in modality) return (value) => lookUp(modality.lut, value); // C.11.1.1
  return (value) => value * modality.slope + modality.intercept; // C.11.1.1.2
}

/** C.11.2: "one or more" VOI LUTs or windows are alternatives; the first is taken, a LUT before a window. */
function voiTransform(instance: MammogramInstance, range: () => readonly [number, number]): Transform {
  const { voiLuts, windows, voiLutFunction } = instance.presentation;
  const [lut] = voiLuts;
  if (lut !== undefined) return lutTransform(lut);
  const [window] = windows;
  if (window !== undefined) {
    assertWidth(window, voiLutFunction, instance.fileName);
    return windowTransform(window, voiLutFunction);
  }
  const [low, high] = range();
  return (value) => (high > low ? clamp((value - low) / (high - low)) : 0);
}

/** C.11.2.1.1: the output spans 0…2^bits − 1. */
function lutTransform(lut: LookupTable): Transform {
  const top = 2 ** lut.bitsPerEntry - 1;
  return (value) => clamp(lookUp(lut, value) / top);
}

export function windowTransform(window: VoiWindow, voiLutFunction: VoiLutFunction): Transform {
  const { center, width } = window;
  switch (voiLutFunction) {
    case "LINEAR": // C.11.2.1.2.1
      return (value) => {
        if (value <= center - 0.5 - (width - 1) / 2) return 0;
        if (value > center - 0.5 + (width - 1) / 2) return 1;
        return (value - (center - 0.5)) / (width - 1) + 0.5;
      };
    case "LINEAR_EXACT": // C.11.2.1.3.2
      return (value) => {
        if (value <= center - width / 2) return 0;
        if (value > center + width / 2) return 1;
        return (value - center) / width + 0.5;
      };
    case "SIGMOID": // C.11.2.1.3.1
      return (value) => 1 / (1 + Math.exp((-4 * (value - center)) / width));
  }
}

/** C.11.2.1.2: LINEAR needs a width of at least 1, the other functions one above 0. */
function assertWidth(window: VoiWindow, voiLutFunction: VoiLutFunction, fileName: string): void {
  const isAllowed = voiLutFunction === "LINEAR" ? window.width >= 1 : window.width > 0;
  if (!isAllowed) {
    throw new DomainError(
      "image-unreadable",
      `A ${voiLutFunction} window needs a width of ${voiLutFunction === "LINEAR" ? "at least 1" : "more than 0"}, but ${fileName} has ${window.width}.`,
    );
  }
}

interface RangeInput {
  readonly stored: StoredValues;
  readonly lowest: number;
  readonly toModality: Transform;
  readonly isPadding: (value: number) => boolean;
}

/** Smallest and largest modality value of the image without its padding. */
function modalityRange(input: RangeInput): readonly [low: number, high: number] {
  const { stored, lowest, toModality, isPadding } = input;
  const isSeen = new Uint8Array(65536);
  const { length } = stored;
  for (let index = 0; index < length; index++) isSeen[stored[index]! - lowest] = 1;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < isSeen.length; index++) {
    const value = lowest + index;
    if (isSeen[index] === 0 || isPadding(value)) continue;
    const output = toModality(value);
    low = Math.min(low, output);
    high = Math.max(high, output);
  }
  return [low, high];
}

function clamp(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
