/**
 * Netpbm graymaps: P5 (binary) and P2 (plain), maxval 1…65535; 16-bit samples are big-endian.
 * Source: https://netpbm.sourceforge.net/doc/pgm.html. Only the first image of a file is read.
 */
import { DomainError } from "@crossread/contracts/errors";
import {
  type AllocateValues,
  type GrayImage,
  allocateValues,
  assertGrayImage,
  assertImageSize,
  toIntegers,
} from "./gray-image.ts";

export function isPgm(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && (bytes[1] === 0x32 || bytes[1] === 0x35) && isSpace(bytes[2]);
}

export function decodePgm(
  bytes: Uint8Array,
  fileName: string,
  allocate: AllocateValues = allocateValues,
): GrayImage {
  if (!isPgm(bytes)) {
    throw new DomainError(
      "image-unreadable",
      `A PGM file starts with P2 or P5 and white space, but ${fileName} does not.`,
    );
  }
  const scanner = new HeaderScanner(bytes, fileName);
  const widthPx = scanner.nextInteger("width");
  const heightPx = scanner.nextInteger("height");
  const maxValue = scanner.nextInteger("maxval");
  assertImageSize(widthPx, heightPx, fileName);
  if (maxValue < 1 || maxValue > 65535) {
    throw new DomainError(
      "image-unreadable",
      `The maxval of a PGM file lies in 1…65535, but ${fileName} declares ${maxValue}.`,
    );
  }
  const values = allocate(widthPx * heightPx);
  if (bytes[1] === 0x35)
    readBinarySamples({ bytes, offset: scanner.rasterOffset(), maxValue, values, fileName });
  else readPlainSamples(scanner, maxValue, values);
  return { widthPx, heightPx, values };
}

/** P5; samples are 16-bit when maxValue > 255. */
export function encodePgm(image: GrayImage, maxValue: 255 | 65535): Uint8Array<ArrayBuffer> {
  assertGrayImage(image, "the image to encode");
  const header = new TextEncoder().encode(`P5\n${image.widthPx} ${image.heightPx}\n${maxValue}\n`);
  const bytesPerSample = maxValue > 255 ? 2 : 1;
  const bytes = new Uint8Array(header.length + image.values.length * bytesPerSample);
  bytes.set(header);
  const samples = toIntegers(image, maxValue);
  if (bytesPerSample === 1) {
    bytes.set(samples, header.length);
  } else {
    const view = new DataView(bytes.buffer, header.length);
    for (let index = 0; index < samples.length; index++) view.setUint16(index * 2, samples[index]!);
  }
  return bytes;
}

interface BinaryRaster {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly maxValue: number;
  readonly values: Float32Array;
  readonly fileName: string;
}

function readBinarySamples(raster: BinaryRaster): void {
  const { bytes, offset, maxValue, values, fileName } = raster;
  const bytesPerSample = maxValue > 255 ? 2 : 1;
  const expected = values.length * bytesPerSample;
  const available = bytes.length - offset;
  if (available < expected) {
    throw new DomainError(
      "image-truncated",
      `The raster of ${fileName} needs ${expected} bytes, but ${Math.max(available, 0)} are there.`,
    );
  }
  if (bytesPerSample === 1) {
    const samples = bytes.subarray(offset, offset + expected);
    const stray = maxValue === 255 ? undefined : samples.find((sample) => sample > maxValue);
    if (stray !== undefined) throw sampleTooLarge(stray, maxValue, fileName);
    const levels = Float32Array.from({ length: 256 }, (_, sample) => sample / maxValue);
    for (let index = 0; index < samples.length; index++) values[index] = levels[samples[index]!]!;
    return;
  }
  for (let index = 0; index < values.length; index++) {
    const at = offset + 2 * index;
    const sample = (bytes[at]! << 8) | bytes[at + 1]!;
    if (sample > maxValue) throw sampleTooLarge(sample, maxValue, fileName);
    values[index] = sample / maxValue;
  }
}

function readPlainSamples(scanner: HeaderScanner, maxValue: number, values: Float32Array): void {
  for (let index = 0; index < values.length; index++) {
    const sample = scanner.nextInteger(`sample ${index + 1} of ${values.length}`);
    if (sample > maxValue) throw sampleTooLarge(sample, maxValue, scanner.fileName);
    values[index] = sample / maxValue;
  }
}

function sampleTooLarge(sample: number, maxValue: number, fileName: string): DomainError {
  return new DomainError(
    "image-unreadable",
    `PGM samples may not exceed the maxval ${maxValue}, but ${fileName} has ${sample}.`,
  );
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
}

class HeaderScanner {
  readonly fileName: string;
  private readonly bytes: Uint8Array;
  private position = 2;

  constructor(bytes: Uint8Array, fileName: string) {
    this.bytes = bytes;
    this.fileName = fileName;
  }

  nextInteger(what: string): number {
    this.skipSpaceAndComments();
    const start = this.position;
    let value = 0;
    for (;;) {
      const byte = this.bytes[this.position];
      if (byte === undefined || byte < 0x30 || byte > 0x39) break;
      value = value * 10 + (byte - 0x30);
      this.position++;
      if (this.position - start > 9) throw this.unreadable(what);
    }
    if (this.position === start) {
      if (start < this.bytes.length) throw this.unreadable(what);
      throw new DomainError("image-truncated", `${this.fileName} ends before the ${what} of its PGM data.`);
    }
    return value;
  }

  /** Exactly one white-space byte separates maxval from the raster. */
  rasterOffset(): number {
    if (this.position < this.bytes.length && !isSpace(this.bytes[this.position]))
      throw this.unreadable("maxval");
    return this.position + 1;
  }

  private unreadable(what: string): DomainError {
    return new DomainError(
      "image-unreadable",
      `The ${what} in a PGM file is a decimal number, but ${this.fileName} has something else at byte ${this.position}.`,
    );
  }

  private skipSpaceAndComments(): void {
    for (;;) {
      const byte = this.bytes[this.position];
      if (isSpace(byte)) {
        this.position++;
      } else if (byte === 0x23) {
        while (this.position < this.bytes.length && this.bytes[this.position] !== 0x0a) this.position++;
      } else {
        return;
      }
    }
  }
}
