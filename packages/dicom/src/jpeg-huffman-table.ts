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
