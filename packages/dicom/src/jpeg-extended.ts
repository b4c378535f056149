/** Sequential Huffman-coded JPEG of one component (ITU-T T.81 F): baseline and extended, 8 and 12 bits a sample. */
import { DomainError } from "@crossread/contracts/errors";
import { inverseDct } from "./inverse-dct.ts";
import { type HuffmanTable, createHuffmanTable } from "./jpeg-huffman-table.ts";

/** Zig-zag position → row-major position (T.81 figure A.6). */
const zigzag = Uint8Array.of(
  ...[0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48],
  ...[41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22],
  ...[15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63],
);

interface Frame {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bitsPerSample: number;
  readonly componentId: number;
  readonly quantisationTable: number;
}

interface Tables {
  readonly quantisation: Map<number, Uint16Array>;
  readonly dc: Map<number, HuffmanTable>;
  readonly ac: Map<number, HuffmanTable>;
  restartInterval: number;
}

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
  const tables: Tables = { quantisation: new Map(), dc: new Map(), ac: new Map(), restartInterval: 0 };
  let frame: Frame | undefined;
  let offset = 2;
  for (;;) {
    const marker = word(bytes, offset, fileName);
    if (marker === 0xffff) {
      offset += 1; // fill byte
      continue;
    }
    if (marker < 0xffc0 || marker === 0xffd9) throw broken(fileName, "has no scan where one should begin");
    const end = offset + 2 + word(bytes, offset + 2, fileName);
    if (end > bytes.length) throw truncated(fileName);
    const segment = bytes.subarray(offset + 4, end);
    if (marker === 0xffdb) readQuantisation(segment, tables, fileName);
    else if (marker === 0xffc4) readHuffman(segment, tables, fileName);
    else if (marker === 0xffdd) tables.restartInterval = word(segment, 0, fileName);
    else if (marker === 0xffc0 || marker === 0xffc1) frame = readFrame(segment, fileName);
    else if (marker === 0xffda) return decodeScan({ bytes, offset: end, segment, frame, tables, fileName });
    else if (marker <= 0xffcf) {
      throw new DomainError(
        "transfer-syntax-unsupported",
        `Lossy JPEG of 12 bits is decoded where it is sequential and Huffman-coded, but ${fileName} has process ${marker & 15}.`,
      );
    }
    offset = end;
  }
}

function readFrame(segment: Uint8Array, fileName: string): Frame {
  if (segment.length < 9 || segment[5] !== 1) throw broken(fileName, "has a frame header of another form");
  return {
    bitsPerSample: segment[0]!,
    heightPx: word(segment, 1, fileName),
    widthPx: word(segment, 3, fileName),
    componentId: segment[6]!,
    quantisationTable: segment[8]!,
  };
}

function readQuantisation(segment: Uint8Array, tables: Tables, fileName: string): void {
  for (let offset = 0; offset < segment.length; ) {
    const bytesPerEntry = segment[offset]! >> 4 === 0 ? 1 : 2;
    const table = new Uint16Array(64);
    if (offset + 1 + 64 * bytesPerEntry > segment.length) throw broken(fileName, "cuts a quantisation table");
    for (let index = 0; index < 64; index++) {
      const at = offset + 1 + index * bytesPerEntry;
      table[index] = bytesPerEntry === 1 ? segment[at]! : word(segment, at, fileName);
    }
    tables.quantisation.set(segment[offset]! & 15, table);
    offset += 1 + 64 * bytesPerEntry;
  }
}

function readHuffman(segment: Uint8Array, tables: Tables, fileName: string): void {
  for (let offset = 0; offset < segment.length; ) {
    const counts = segment.subarray(offset + 1, offset + 17);
    const valueCount = counts.reduce((total, count) => total + count, 0);
    const end = offset + 17 + valueCount;
    const table = end > segment.length ? undefined : createHuffmanTable(counts, segment.slice(offset + 17, end));
    if (table === undefined) throw broken(fileName, "has an impossible Huffman table");
    const kind = segment[offset]! >> 4 === 0 ? tables.dc : tables.ac;
    kind.set(segment[offset]! & 15, table);
    offset = end;
  }
}

interface Scan {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly segment: Uint8Array;
  readonly frame: Frame | undefined;
  readonly tables: Tables;
  readonly fileName: string;
}

function decodeScan({ bytes, offset, segment, frame, tables, fileName }: Scan): Uint16Array {
  if (frame === undefined || segment.length < 6 || segment[0] !== 1 || segment[1] !== frame.componentId) {
    throw broken(fileName, "has a scan that does not belong to its frame");
  }
  const quantisation = tables.quantisation.get(frame.quantisationTable);
  const dc = tables.dc.get(segment[2]! >> 4);
  const ac = tables.ac.get(segment[2]! & 15);
  if (quantisation === undefined || dc === undefined || ac === undefined) {
    throw broken(fileName, "uses a table that it does not define");
  }
  const { widthPx, heightPx, bitsPerSample } = frame;
  // A scan of one component has no interleaving: blocks run row by row whatever its sampling factors say (A.2.2).
  const blocksPerRow = Math.ceil(widthPx / 8);
  const blockCount = blocksPerRow * Math.ceil(heightPx / 8);
  const samples = new Uint16Array(widthPx * heightPx);
  const block = new Int32Array(64);
  const level = 2 ** (bitsPerSample - 1);
  const top = 2 ** bitsPerSample - 1;
  const reader = new EntropyReader(bytes, offset, fileName);
  let prediction = 0;
  for (let index = 0; index < blockCount; index++) {
    if (tables.restartInterval > 0 && index > 0 && index % tables.restartInterval === 0) {
      reader.restart();
      prediction = 0;
    }
    block.fill(0);
    prediction = (prediction + reader.signed(reader.symbol(dc) & 15)) | 0;
    block[0] = Math.imul(prediction, quantisation[0]!);
    for (let position = 1; position < 64; position++) {
      const symbol = reader.symbol(ac);
      const size = symbol & 15;
      const run = symbol >> 4;
      if (size === 0 && run < 15) break; // EOB
      position += run;
      if (position > 63) throw broken(fileName, "runs past the end of a block");
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

/** Bits of an entropy-coded segment, without its stuffed zeros (T.81 F.2.2.5). */
class EntropyReader {
  readonly #bytes: Uint8Array;
  readonly #fileName: string;
  #offset: number;
  #bits = 0;
  #bitCount = 0;
  /** Zeros appended behind the last byte, so that a code can be looked up whole; none of them may be consumed. */
  #paddingBits = 0;

  constructor(bytes: Uint8Array, offset: number, fileName: string) {
    this.#bytes = bytes;
    this.#offset = offset;
    this.#fileName = fileName;
  }

  /** Next value of a Huffman code (F.2.2.3). */
  symbol(table: HuffmanTable): number {
    this.#fill(16);
    const window = (this.#bits >>> (this.#bitCount - 16)) & 0xffff;
    const short = table.short[window >> 8]!;
    if (short !== 0) {
      this.#skip(short >> 8);
      return short & 255;
    }
    for (let length = 9; length <= 16; length++) {
      const code = window >> (16 - length);
      if (code <= table.largest[length]!) {
        this.#skip(length);
        return table.values[code + table.offsets[length]!]!;
      }
    }
    if (this.#paddingBits > 0) throw truncated(this.#fileName);
    throw broken(this.#fileName, "holds a code that its Huffman table does not have");
  }

  /** Value of a category (F.2.2.1): half of the codes stand for negative numbers. */
  signed(size: number): number {
    if (size === 0) return 0;
    this.#fill(size);
    const value = (this.#bits >>> (this.#bitCount - size)) & ((1 << size) - 1);
    this.#skip(size);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  restart(): void {
    this.#bits = 0;
    this.#bitCount = 0;
    this.#paddingBits = 0;
    const marker = word(this.#bytes, this.#offset, this.#fileName);
    if (marker < 0xffd0 || marker > 0xffd7) throw broken(this.#fileName, "lacks a restart marker");
    this.#offset += 2;
  }

  #fill(count: number): void {
    while (this.#bitCount < count) {
      const byte = this.#bytes[this.#offset];
      const isStuffed = byte === 0xff && this.#bytes[this.#offset + 1] === 0;
      const isAtEnd = byte === undefined || (byte === 0xff && !isStuffed);
      if (isAtEnd) this.#paddingBits += 8;
      else this.#offset += isStuffed ? 2 : 1;
      this.#bits = (this.#bits << 8) | (isAtEnd ? 0 : byte);
      this.#bitCount += 8;
    }
  }

  #skip(count: number): void {
    this.#bitCount -= count;
    if (this.#bitCount < this.#paddingBits) throw truncated(this.#fileName);
  }
}

function word(bytes: Uint8Array, offset: number, fileName: string): number {
  if (offset + 1 >= bytes.length) throw truncated(fileName);
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}

function broken(fileName: string, what: string): DomainError {
  return new DomainError("image-unreadable", `The JPEG codestream of ${fileName} ${what}.`);
}

function truncated(fileName: string): DomainError {
  return new DomainError("image-truncated", `The JPEG codestream of ${fileName} ends too early.`);
}
