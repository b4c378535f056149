import { type DifferenceTable, type HuffmanTable, lookedAheadBits, signedOf } from "./jpeg-huffman-table.ts";
import { brokenJpeg, truncatedJpeg, wordAt } from "./jpeg-segments.ts";

/** As long as a row of a JPEG may be; arrays in one place for the loop, as in `presentation.ts`. */
const keptDifferences = new Int32Array(65_536);
const keptShort = new Int32Array(1 << lookedAheadBits);
const lookedAheadMask = 2 ** lookedAheadBits - 1;
let tableOfKept: DifferenceTable | undefined;

/** Bits of an entropy-coded segment, without its stuffed zeros (T.81 F.2.2.5). */
export class EntropyReader {
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
    if (this.#paddingBits > 0) throw truncatedJpeg(this.#fileName);
    throw brokenJpeg(this.#fileName, "holds a code that its Huffman table does not have");
  }

  /** Value of a category (F.2.2.1). */
  signed(category: number): number {
    if (category === 0) return 0;
    this.#fill(category);
    const bits = (this.#bits >>> (this.#bitCount - category)) & ((1 << category) - 1);
    this.#skip(category);
    return signedOf(bits, category);
  }

  /** Difference of a DCT block's mean or of a lossless sample: its category, then its bits (F.1.2.1, H.1.2.2). */
  difference({ codes, short }: DifferenceTable): number {
    this.#fill(16);
    const found = short[(this.#bits >>> (this.#bitCount - lookedAheadBits)) & lookedAheadMask]!;
    if (found !== 0) {
      this.#skip(found & 31);
      return found >> 5;
    }
    const category = this.symbol(codes);
    if (category < 16) return this.signed(category);
    if (category === 16) return 32768; // table H.2: no bits follow
    throw brokenJpeg(this.#fileName, "holds a difference of more than 16 bits");
  }

  /** As many differences as are asked for, in an array that the next call writes again. */
  differences(table: DifferenceTable, count: number): Int32Array {
    if (table !== tableOfKept) {
      keptShort.set(table.short);
      tableOfKept = table;
    }
    const bytes = this.#bytes;
    const end = bytes.length;
    let offset = this.#offset;
    let bits = this.#bits;
    let bitCount = this.#bitCount;
    let isPadded = this.#paddingBits > 0;
    for (let index = 0; index < count; index++) {
      while (bitCount < 16 && offset < end) {
        const byte = bytes[offset]!;
        if (byte === 0xff) break;
        bits = (bits << 8) | byte;
        bitCount += 8;
        offset += 1;
      }
      const found =
        bitCount < 16 || isPadded ? 0 : keptShort[(bits >>> (bitCount - lookedAheadBits)) & lookedAheadMask]!;
      if (found !== 0) {
        bitCount -= found & 31;
        keptDifferences[index] = found >> 5;
        continue;
      }
      // Stuffed bytes, markers, long codes and the end of the segment.
      this.#offset = offset;
      this.#bits = bits;
      this.#bitCount = bitCount;
      keptDifferences[index] = this.difference(table);
      offset = this.#offset;
      bits = this.#bits;
      bitCount = this.#bitCount;
      isPadded = this.#paddingBits > 0;
    }
    this.#offset = offset;
    this.#bits = bits;
    this.#bitCount = bitCount;
    return keptDifferences;
  }

  restart(): void {
    this.#bits = 0;
    this.#bitCount = 0;
    this.#paddingBits = 0;
    const marker = wordAt(this.#bytes, this.#offset, this.#fileName);
    if (marker < 0xffd0 || marker > 0xffd7) throw brokenJpeg(this.#fileName, "lacks a restart marker");
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
    if (this.#bitCount < this.#paddingBits) throw truncatedJpeg(this.#fileName);
  }
}
