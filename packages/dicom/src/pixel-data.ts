/** Pixel Data (PS3.5 8, A) → stored values: high bit shifted down, sign extended, overlay bits dropped. */
import { DomainError, isDomainError } from "@crossread/contracts/errors";
import { unionOfBytes } from "./byte-union.ts";
import { type CodestreamHeader, readCodestreamHeader, withoutSign } from "./codestream-header.ts";
import { assertWholeCodestream } from "./codestream-completeness.ts";
import { decodeJpegExtended } from "./jpeg-extended.ts";
import { decodeJpegLossless } from "./jpeg-lossless.ts";
import type { ImagePixel, MammogramInstance } from "./mammogram-instance.ts";
import { decodeRleFrame } from "./rle-lossless.ts";
import { type CodecName, type CodecOptions, decodeWithCodec } from "./wasm-codecs.ts";

export type { CodecOptions };

/** Values of one plane, row-major; uncompressed ones may lie in the bytes of their file. */
export type StoredValues = Int16Array | Uint16Array | Uint8Array;

type Coding = "native" | "rle" | "jpeg-lossless" | CodecName;

/** PS3.6 A, transfer syntaxes of still images; names in PS3.5 10. */
const codings: Readonly<Record<string, Coding>> = {
  "1.2.840.10008.1.2": "native",
  "1.2.840.10008.1.2.1": "native",
  "1.2.840.10008.1.2.1.99": "native",
  "1.2.840.10008.1.2.2": "native",
  "1.2.840.10008.1.2.5": "rle",
  "1.2.840.10008.1.2.4.50": "jpeg",
  "1.2.840.10008.1.2.4.51": "jpeg",
  "1.2.840.10008.1.2.4.57": "jpeg-lossless",
  "1.2.840.10008.1.2.4.70": "jpeg-lossless",
  "1.2.840.10008.1.2.4.80": "jpeg-ls",
  "1.2.840.10008.1.2.4.81": "jpeg-ls",
  "1.2.840.10008.1.2.4.90": "jpeg-2000",
  "1.2.840.10008.1.2.4.91": "jpeg-2000",
  "1.2.840.10008.1.2.4.201": "htj2k",
  "1.2.840.10008.1.2.4.202": "htj2k",
  "1.2.840.10008.1.2.4.203": "htj2k",
};

/** Decodes a single-frame, single-sample image of 8 or 16 allocated bits; everything else is refused with a code. */
export async function decodePixelData(
  instance: MammogramInstance,
  options: CodecOptions = {},
): Promise<StoredValues> {
  const { pixel, fileName } = instance;
  assertPlane(pixel, fileName);
  const coding = codings[instance.transferSyntaxUid];
  if (coding === undefined) {
    throw new DomainError(
      "transfer-syntax-unsupported",
      `${fileName} has the transfer syntax ${instance.transferSyntaxUid || "(none)"}, which is not supported.`,
    );
  }
  if ((coding === "native") !== (pixel.encoded.kind === "native")) {
    throw new DomainError(
      "image-unreadable",
      `The Pixel Data of ${fileName} does not match its transfer syntax ${instance.transferSyntaxUid}.`,
    );
  }
  try {
    return toStoredValues(pixel, await decodeWords(instance, coding, options));
  } catch (error) {
    if (isDomainError(error)) throw error;
    throw new DomainError("image-unreadable", `The ${coding} pixels of ${fileName} cannot be decoded.`, {
      cause: error,
    });
  }
}

/** One allocated word a pixel. */
async function decodeWords(
  instance: MammogramInstance,
  coding: Coding,
  options: CodecOptions,
): Promise<Uint8Array | Uint16Array> {
  const { pixel, fileName } = instance;
  const { bytes } = pixel.encoded;
  const count = pixel.rows * pixel.columns;
  if (coding === "native") return nativeWords(pixel, fileName);
  if (coding === "rle") {
    return decodeRleFrame(bytes, { pixelCount: count, bytesPerPixel: pixel.bitsAllocated / 8, fileName });
  }
  const header = assertCodestream(instance);
  const words = await decodeCodestream({ bytes, header, coding, options, fileName });
  if (words.length !== count) {
    throw new DomainError(
      "image-unreadable",
      `Decoding ${fileName} gave ${words.length} pixels instead of ${count}.`,
    );
  }
  return words;
}

interface Codestream {
  readonly bytes: Uint8Array;
  readonly header: CodestreamHeader;
  readonly coding: Exclude<Coding, "native" | "rle">;
  readonly options: CodecOptions;
  readonly fileName: string;
}

async function decodeCodestream(codestream: Codestream): Promise<Uint8Array | Uint16Array> {
  const { bytes, header, coding, options, fileName } = codestream;
  assertFrameKind(coding, header, fileName);
  assertWholeCodestream(bytes, header, fileName);
  if (coding === "jpeg-lossless") return decodeJpegLossless(bytes, fileName);
  if (coding === "jpeg" && header.bitsPerSample > 8) return decodeJpegExtended(bytes, fileName);
  if (!header.isSigned) return decodeWithCodec(coding, bytes, options);
  // The WASM builds clamp signed samples of 8 bits to 0…255, so they are told that the samples are unsigned.
  const words = await decodeWithCodec(coding, withoutSign(bytes), options);
  const middle = 2 ** (header.bitsPerSample - 1);
  return words.map((word) => word - middle);
}

/** SOF markers and start markers that a coding may have; what else a codec might take is slow or not this syntax. */
const frameMarkers: Readonly<Record<Codestream["coding"], readonly number[]>> = {
  jpeg: [0xffc0, 0xffc1],
  "jpeg-lossless": [0xffc3],
  "jpeg-ls": [0xfff7],
  "jpeg-2000": [0xff51],
  htj2k: [0xff51],
};

function assertFrameKind(coding: Codestream["coding"], header: CodestreamHeader, fileName: string): void {
  if (frameMarkers[coding].includes(header.frameMarker)) return;
  throw new DomainError(
    "transfer-syntax-unsupported",
    `The transfer syntax of ${fileName} names ${coding}, but its codestream is of another process.`,
  );
}

function assertPlane(pixel: ImagePixel, fileName: string): void {
  if (pixel.frameCount !== 1) {
    throw new DomainError(
      "image-kind-refused",
      `A mammogram has one frame, but ${fileName} has ${pixel.frameCount}.`,
    );
  }
  if (pixel.samplesPerPixel !== 1) {
    throw new DomainError(
      "image-kind-refused",
      `A mammogram has one sample per pixel, but ${fileName} has ${pixel.samplesPerPixel}.`,
    );
  }
  if (pixel.bitsAllocated !== 8 && pixel.bitsAllocated !== 16) {
    throw new DomainError(
      "image-kind-refused",
      `A mammogram has 8 or 16 bits allocated, but ${fileName} has ${pixel.bitsAllocated}.`,
    );
  }
}

function nativeWords(pixel: ImagePixel, fileName: string): Uint8Array | Uint16Array {
  const { encoded } = pixel;
  const count = pixel.rows * pixel.columns;
  const expected = count * (pixel.bitsAllocated / 8);
  if (encoded.bytes.length < expected) {
    throw new DomainError(
      "image-truncated",
      `The Pixel Data of ${fileName} needs ${expected} bytes, but ${encoded.bytes.length} are there.`,
    );
  }
  const isLittleEndian = encoded.kind === "encapsulated" || !encoded.isBigEndian;
  if (pixel.bitsAllocated === 8) {
    // Bytes in words of OW change places with the words' byte order (PS3.5 8.1.2, D.3).
    return isLittleEndian ? encoded.bytes.subarray(0, count) : swapped(encoded.bytes).subarray(0, count);
  }
  const isInPlace = isLittleEndian === isLittleEndianMachine && encoded.bytes.byteOffset % 2 === 0;
  if (isInPlace) return new Uint16Array(encoded.bytes.buffer, encoded.bytes.byteOffset, count);
  const words = new Uint16Array(count);
  new Uint8Array(words.buffer).set(encoded.bytes.subarray(0, expected));
  if (isLittleEndian !== isLittleEndianMachine) swapWords(words);
  return words;
}

const isLittleEndianMachine = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function swapWords(words: Uint16Array): void {
  for (let index = 0; index < words.length; index++) {
    words[index] = (words[index]! << 8) | (words[index]! >> 8);
  }
}

function swapped(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (_, index) => bytes[index ^ 1] ?? 0);
}

/** The codestream must describe the image that the header declares, before a codec allocates for it. */
function assertCodestream(instance: MammogramInstance): CodestreamHeader {
  const { pixel, fileName } = instance;
  const header = readCodestreamHeader(pixel.encoded.bytes, fileName);
  const isSame =
    header.widthPx === pixel.columns && header.heightPx === pixel.rows && header.componentCount === 1;
  if (!isSame) {
    throw new DomainError(
      "image-unreadable",
      `${fileName} declares ${pixel.columns} × ${pixel.rows} × 1, but its codestream holds ${header.widthPx} × ${header.heightPx} × ${header.componentCount}.`,
    );
  }
  if (header.bitsPerSample > pixel.bitsAllocated) {
    throw new DomainError(
      "image-unreadable",
      `${fileName} allocates ${pixel.bitsAllocated} bits, but its codestream holds ${header.bitsPerSample}.`,
    );
  }
  return header;
}

/** Most images have no such bits; a look at all of them is quicker than masking each. */
function hasBitsBeside(words: Uint8Array | Uint16Array, mask: number): boolean {
  if (mask === 2 ** (8 * words.BYTES_PER_ELEMENT) - 1) return false;
  const [even, odd] = unionOfBytes(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
  if (words instanceof Uint8Array) return ((even | odd) & ~mask) !== 0;
  const [all] = new Uint16Array(Uint8Array.of(even, odd).buffer);
  return (all! & ~mask) !== 0;
}

/** PS3.5 8.1.1: the stored value is the BitsStored bits below and including High Bit, signed by Pixel Representation. */
function toStoredValues(pixel: ImagePixel, words: Uint8Array | Uint16Array): StoredValues {
  const { bitsStored, highBit, isSigned } = pixel;
  const { length } = words;
  const shift = highBit + 1 - bitsStored;
  const mask = 2 ** bitsStored - 1;
  if (!isSigned) {
    if (shift === 0 && !hasBitsBeside(words, mask)) return words;
    const values = words instanceof Uint8Array ? new Uint8Array(length) : new Uint16Array(length);
    // A call a pixel would take several times as long.
    for (let index = 0; index < length; index++) values[index] = (words[index]! >> shift) & mask;
    return values;
  }
  const values = new Int16Array(length);
  const unused = 32 - bitsStored;
  for (let index = 0; index < length; index++) {
    values[index] = ((words[index]! >> shift) << unused) >> unused;
  }
  return values;
}
