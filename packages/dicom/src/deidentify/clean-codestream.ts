/**
 * Comments and application segments of compressed frames, overwritten with zeros where they lie:
 * lengths, offsets and entropy-coded data stay as they are, so that every pixel stays what it was.
 */

const jpegStart = 0xffd8;
const jpeg2000Start = 0xff4f;

/** Zeroes in place what is not image in one or more JPEG, JPEG-LS or JPEG 2000 codestreams; returns how many bytes held something. */
export function zeroCodestreamComments(bytes: Uint8Array): number {
  const cleaner = new Cleaner(bytes);
  let position = 0;
  while (position + 1 < bytes.length) {
    const marker = cleaner.uint16(position);
    if (marker === jpegStart) position = cleanJpeg(cleaner, position);
    else if (marker === jpeg2000Start) position = cleanJpeg2000(cleaner, position);
    else position = cleaner.zero(position, position + 1);
  }
  cleaner.zero(position, bytes.length);
  if (cleaner.imageCount === 0) throw new TypeError("no codestream in the encapsulated pixels");
  return cleaner.zeroedCount;
}

class Cleaner {
  zeroedCount = 0;
  imageCount = 0;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  uint16(position: number): number {
    if (position + 1 >= this.bytes.length) throw new TypeError("a codestream ends too early");
    return this.bytes[position]! * 256 + this.bytes[position + 1]!;
  }

  uint32(position: number): number {
    return this.uint16(position) * 65_536 + this.uint16(position + 2);
  }

  zero(from: number, to: number): number {
    for (let index = from; index < to; index++) {
      if (this.bytes[index] !== 0) this.zeroedCount++;
      this.bytes[index] = 0;
    }
    return to;
  }

  /** Position after a marker segment whose length is stated. */
  segmentEnd(position: number): number {
    const end = position + 2 + this.uint16(position + 2);
    if (end < position + 4 || end > this.bytes.length)
      throw new TypeError("a segment is longer than its frame");
    return end;
  }
}

/** ITU-T T.81 B.1 and T.87 C.1: segments to the scan, the scan to the next marker, to the end of the image. */
function cleanJpeg(cleaner: Cleaner, start: number): number {
  let position = start + 2;
  for (;;) {
    const marker = cleaner.uint16(position);
    if (marker < 0xff01) throw new TypeError("a marker is missing in a JPEG frame");
    if (marker === 0xffff) position += 1;
    else if (marker === 0xffd9) break;
    else if (isStandalone(marker)) position += 2;
    else {
      const end = cleaner.segmentEnd(position);
      const isApplication = marker >= 0xffe0 && marker <= 0xffef;
      if (marker === 0xfffe || (isApplication && !isColourTransform(cleaner, position, end))) {
        cleaner.zero(position + 4, end);
      }
      position = marker === 0xffda ? scanEnd(cleaner, end) : end;
    }
  }
  cleaner.imageCount++;
  return position + 2;
}

const isStandalone = (marker: number) => marker === 0xff01 || (marker >= 0xffd0 && marker <= 0xffd7);

/** Adobe's and HP's segments say how samples became colours; of fixed length, they have room for nothing else. */
function isColourTransform(cleaner: Cleaner, position: number, end: number): boolean {
  const name = (length: number) =>
    String.fromCharCode(...cleaner.bytes.subarray(position + 4, position + 4 + length));
  const contentLength = end - position - 4;
  return (
    (cleaner.uint16(position) === 0xffee && contentLength === 12 && name(5) === "Adobe") ||
    (cleaner.uint16(position) === 0xffe8 && contentLength === 5 && name(4) === "mrfx")
  );
}

/** Inside a scan 0xFF is followed by a stuffed byte below 0x80 or a restart marker; anything else ends it. */
function scanEnd(cleaner: Cleaner, start: number): number {
  const { bytes } = cleaner;
  for (let position = start; position + 1 < bytes.length; position++) {
    if (bytes[position] !== 0xff) continue;
    const next = bytes[position + 1]!;
    if (next >= 0x80 && !(next >= 0xd0 && next <= 0xd7) && next !== 0xff) return position;
  }
  throw new TypeError("a scan without end");
}

/** ITU-T T.800 A: main header, tile-parts by their stated length, end of codestream. */
function cleanJpeg2000(cleaner: Cleaner, start: number): number {
  let position = cleanMarkerSegments(cleaner, start + 2, 0xff90);
  while (cleaner.uint16(position) === 0xff90) {
    const tilePartLength = cleaner.uint32(position + 6);
    const dataStart = cleanMarkerSegments(cleaner, position, 0xff93) + 2;
    const end = tilePartLength === 0 ? lastEnd(cleaner, dataStart) : position + tilePartLength;
    if (end < dataStart || end > cleaner.bytes.length)
      throw new TypeError("a tile-part is longer than its frame");
    position = end;
  }
  cleaner.imageCount++;
  return cleaner.uint16(position) === 0xffd9 ? position + 2 : position;
}

/** Zeroes the comments up to, and not including, a marker. */
function cleanMarkerSegments(cleaner: Cleaner, start: number, last: number): number {
  let position = start;
  for (;;) {
    const marker = cleaner.uint16(position);
    if (marker === last) return position;
    if (marker < 0xff30) throw new TypeError("a marker is missing in a JPEG 2000 frame");
    const end = cleaner.segmentEnd(position);
    // COM: two bytes of length, two of registration, then the text.
    if (marker === 0xff64) cleaner.zero(position + 6, end);
    position = end;
  }
}

/** A tile-part of length 0 reaches to the last end-of-codestream marker. */
function lastEnd(cleaner: Cleaner, from: number): number {
  for (let position = cleaner.bytes.length - 2; position >= from; position--) {
    if (cleaner.uint16(position) === 0xffd9) return position;
  }
  throw new TypeError("a codestream without end");
}
