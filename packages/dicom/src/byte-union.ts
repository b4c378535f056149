/**
 * All bits that occur in the bytes at even and in those at odd places, looked for four bytes at a time.
 *
 * @complexity O(bytes)
 */
export function unionOfBytes(bytes: Uint8Array): [even: number, odd: number] {
  const union = [0, 0];
  const headLength = Math.min(bytes.length, (4 - (bytes.byteOffset % 4)) % 4);
  const wordCount = Math.floor((bytes.length - headLength) / 4);
  for (let index = 0; index < headLength; index++) union[index % 2]! |= bytes[index]!;
  const words = new Uint8Array(Uint32Array.of(unionOfWords(bytes, headLength, wordCount)).buffer);
  for (const [place, byte] of words.entries()) union[(headLength + place) % 2]! |= byte;
  for (let index = headLength + 4 * wordCount; index < bytes.length; index++) {
    union[index % 2]! |= bytes[index]!;
  }
  return [union[0]!, union[1]!];
}

/** Looked at in pieces that are copied to one place first: see `presentation.ts`. */
const keptCount = 16_384;
const keptWords = new Uint32Array(keptCount);

function unionOfWords(bytes: Uint8Array, offset: number, count: number): number {
  if (count === 0) return 0;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + offset, count);
  let union = 0;
  for (let start = 0; start < count; start += keptCount) {
    const piece = words.subarray(start, start + keptCount);
    keptWords.fill(0, piece.length);
    keptWords.set(piece);
    union |= unionOfKept();
  }
  return union;
}

function unionOfKept(): number {
  let [first, second, third, fourth] = [0, 0, 0, 0];
  for (let index = 0; index < keptCount; index += 4) {
    first |= keptWords[index]!;
    second |= keptWords[index + 1]!;
    third |= keptWords[index + 2]!;
    fourth |= keptWords[index + 3]!;
  }
  return first | second | third | fourth;
}
