/** Huffman tables of JPEG (ITU-T T.81 C, F.2.2.3): code lengths → a decoder that looks eight bits ahead. */

export interface HuffmanTable {
  /** For each eight bits: length of the code that they begin with in the upper byte, its value below; 0 for a longer one. */
  readonly short: Uint16Array;
  /** Largest code of each length, −1 where there is none. */
  readonly largest: Int32Array;
  /** What to add to a code of each length to get the index of its value. */
  readonly offsets: Int32Array;
  readonly values: Uint8Array;
}

/** Undefined where more codes are declared than fit into their lengths. */
export function createHuffmanTable(counts: Uint8Array, values: Uint8Array): HuffmanTable | undefined {
  const short = new Uint16Array(256);
  const largest = new Int32Array(17).fill(-1);
  const offsets = new Int32Array(17);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length++) {
    offsets[length] = index - code;
    const end = code + counts[length - 1]!;
    if (end > 1 << length) return undefined;
    for (; code < end; code++, index++) {
      largest[length] = code;
      if (length <= 8) {
        const first = code << (8 - length);
        short.fill((length << 8) | values[index]!, first, first + (1 << (8 - length)));
      }
    }
    code <<= 1;
  }
  return { short, largest, offsets, values };
}

export const lookedAheadBits = 12;

/** Short codes together with the difference that follows them: one look instead of two. */
export interface DifferenceTable {
  readonly codes: HuffmanTable;
  /** For each twelve bits: the difference times 32, plus the bits that code and difference take; 0 for longer ones. */
  readonly short: Int32Array;
}

/** @param codes - whose values are categories: that many bits follow (ITU-T T.81 F.1.2.1, H.1.2.2) */
export function createDifferenceTable(codes: HuffmanTable): DifferenceTable {
  const short = new Int32Array(1 << lookedAheadBits);
  for (let window = 0; window < short.length; window++) {
    const found = codes.short[window >> (lookedAheadBits - 8)]!;
    const category = found & 255;
    const length = (found >> 8) + category;
    if (found === 0 || length > lookedAheadBits) continue;
    const bits = (window >> (lookedAheadBits - length)) & ((1 << category) - 1);
    short[window] = signedOf(bits, category) * 32 + length;
  }
  return { codes, short };
}

/** Value of a category's bits (F.2.2.1): half of them stand for negative numbers. */
export function signedOf(bits: number, category: number): number {
  return category === 0 || bits >= 1 << (category - 1) ? bits : bits - (1 << category) + 1;
}
