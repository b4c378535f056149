/** RLE Lossless (PS3.5 G): PackBits segments, one for each byte of a pixel, most significant first. */
import { DomainError } from "@crossread/contracts/errors";

export interface RleFrame {
  readonly pixelCount: number;
  readonly bytesPerPixel: number;
  readonly fileName: string;
}

export function decodeRleFrame(bytes: Uint8Array, frame: RleFrame): Uint8Array | Uint16Array {
  const { pixelCount, bytesPerPixel, fileName } = frame;
  if (bytes.length < 64) throw truncated(fileName);
  const header = new DataView(bytes.buffer, bytes.byteOffset, 64);
  const segmentCount = header.getUint32(0, true);
  if (segmentCount !== bytesPerPixel) {
    throw new DomainError(
      "image-unreadable",
      `RLE pixels of ${bytesPerPixel} bytes need as many segments, but ${fileName} has ${segmentCount}.`,
    );
  }
  const segments = Array.from({ length: segmentCount }, (_, index) => {
    const start = header.getUint32(4 * (index + 1), true);
    const end = index + 1 < segmentCount ? header.getUint32(4 * (index + 2), true) : bytes.length;
    if (start < 64 || end < start || end > bytes.length) {
      throw new DomainError(
        "image-unreadable",
        `The RLE segment offsets of ${fileName} lie outside its frame.`,
      );
    }
    return unpackBits(bytes.subarray(start, end), pixelCount, fileName);
  });
  const [high, low] = segments;
  if (high === undefined || low === undefined) return high ?? new Uint8Array();
  const words = new Uint16Array(pixelCount);
  for (let start = 0; start < pixelCount; start += keptCount) {
    const count = Math.min(keptCount, pixelCount - start);
    keptHigh.set(high.subarray(start, start + count));
    keptLow.set(low.subarray(start, start + count));
    joinBytes(count);
    words.set(keptWords.subarray(0, count), start);
  }
  return words;
}

/** Pixels are joined in pieces, in arrays in one place for the loop, as in `presentation.ts`. */
const keptCount = 16_384;
const keptHigh = new Uint8Array(keptCount);
const keptLow = new Uint8Array(keptCount);
const keptWords = new Uint16Array(keptCount);

function joinBytes(count: number): void {
  for (let index = 0; index < count; index++) keptWords[index] = (keptHigh[index]! << 8) | keptLow[index]!;
}

/** Calling out for a copy of fewer bytes costs more than the copy. */
const shortRun = 24;

/** G.3.2: n ≥ 0 copies n + 1 bytes, −127…−1 repeats one byte 1 − n times, −128 does nothing. */
function unpackBits(source: Uint8Array, length: number, fileName: string): Uint8Array {
  // Two bytes give 128 pixels at most: what cannot suffice is refused before its pixels are allocated.
  if (source.length * 64 < length) throw truncated(fileName);
  const target = new Uint8Array(length);
  let read = 0;
  let written = 0;
  while (written < length) {
    const control = source[read++];
    if (control === undefined) throw truncated(fileName);
    if (control < 128) {
      const end = read + control + 1;
      if (end > source.length) throw truncated(fileName);
      if (control < shortRun) {
        for (let at = written; read < end && at < length; at++) target[at] = source[read++]!;
        read = end;
      } else {
        target.set(source.subarray(read, Math.min(end, read + length - written)), written);
        read = end;
      }
      written += control + 1;
    } else if (control > 128) {
      const value = source[read++];
      if (value === undefined) throw truncated(fileName);
      const end = Math.min(written + 257 - control, length);
      if (control > 257 - shortRun) for (let at = written; at < end; at++) target[at] = value;
      else target.fill(value, written, end);
      written += 257 - control;
    }
  }
  return target;
}

function truncated(fileName: string): DomainError {
  return new DomainError("image-truncated", `The RLE pixels of ${fileName} end too early.`);
}
