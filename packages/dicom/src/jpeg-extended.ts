/** Sequential Huffman-coded JPEG of one component (ITU-T T.81 F): baseline and extended, 8 and 12 bits a sample. */
import { inverseDct } from "./inverse-dct.ts";
import { EntropyReader } from "./jpeg-entropy-reader.ts";
import { createDifferenceTable } from "./jpeg-huffman-table.ts";
import { brokenJpeg, readJpegScan, truncatedJpeg } from "./jpeg-segments.ts";

/** Zig-zag position → row-major position (T.81 figure A.6). */
const zigzag = Uint8Array.from(
  (
    "0 1 8 16 9 2 3 10 17 24 32 25 18 11 4 5 12 19 26 33 40 48 41 34 27 20 13 6 7 14 21 28 " +
    "35 42 49 56 57 50 43 36 29 22 15 23 30 37 44 51 58 59 52 45 38 31 39 46 53 60 61 54 47 55 62 63"
  ).split(" "),
  Number,
);

/**
 * Samples of a grayscale JPEG, shape [height · width], row-major.
 *
 * @param bytes - codestream whose size the caller has checked against its image
 * @throws {DomainError} "image-truncated" where it ends early; "image-unreadable" where it breaks the syntax;
 *   "transfer-syntax-unsupported" for progressive, arithmetic or hierarchical coding
 * @complexity O(pixels): every coefficient is visited once
 * @golden golden/transfer-syntaxes (dcmtk's decoder, bit for bit)
 */
export function decodeJpegExtended(bytes: Uint8Array, fileName: string): Uint16Array {
  const scan = readJpegScan(bytes, fileName);
  const { ac, dc, quantisation, restartInterval } = scan;
  if (quantisation === undefined || dc === undefined || ac === undefined) {
    throw brokenJpeg(fileName, "uses a table that it does not define");
  }
  const { widthPx, heightPx, bitsPerSample } = scan;
  // A scan of one component has no interleaving: blocks run row by row whatever its sampling factors say (A.2.2).
  const blocksPerRow = Math.ceil(widthPx / 8);
  const blockCount = blocksPerRow * Math.ceil(heightPx / 8);
  // A block takes two bits at least: one code for its mean, one for its end.
  if ((bytes.length - scan.offset) * 4 < blockCount) throw truncatedJpeg(fileName);
  const samples = new Uint16Array(widthPx * heightPx);
  const block = new Int32Array(64);
  const level = 2 ** (bitsPerSample - 1);
  const top = 2 ** bitsPerSample - 1;
  const reader = new EntropyReader(bytes, scan.offset, fileName);
  const differences = createDifferenceTable(dc);
  let prediction = 0;
  for (let index = 0; index < blockCount; index++) {
    if (restartInterval > 0 && index > 0 && index % restartInterval === 0) {
      reader.restart();
      prediction = 0;
    }
    block.fill(0);
    prediction = (prediction + reader.difference(differences)) | 0;
    block[0] = Math.imul(prediction, quantisation[0]!);
    for (let position = 1; position < 64; position++) {
      const symbol = reader.symbol(ac);
      const size = symbol & 15;
      const run = symbol >> 4;
      if (size === 0 && run < 15) break; // EOB
      position += run;
      if (position > 63) throw brokenJpeg(fileName, "runs past the end of a block");
      if (size > 0) block[zigzag[position]!] = Math.imul(reader.signed(size), quantisation[position]!);
    }
    inverseDct(block);
    const left = (index % blocksPerRow) * 8;
    const upper = Math.floor(index / blocksPerRow) * 8;
    const right = Math.min(8, widthPx - left);
    const lower = Math.min(8, heightPx - upper);
    for (let y = 0; y < lower; y++) {
      for (let x = 0; x < right; x++) {
        samples[(upper + y) * widthPx + left + x] = Math.min(Math.max(block[y * 8 + x]! + level, 0), top);
      }
    }
  }
  return samples;
}
