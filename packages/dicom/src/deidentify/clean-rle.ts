/** RLE frames (PS3.5 G): header slots, gaps and tails that no run belongs to, overwritten with zeros where they lie. */

/** Zeroes in place what is not image in one frame; returns how many bytes held something. */
export function zeroRleSlack(bytes: Uint8Array, pixelCount: number): number {
  if (bytes.length < 64) throw new TypeError("an RLE frame is shorter than its header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const segmentCount = view.getUint32(0, true);
  if (segmentCount < 1 || segmentCount > 15) throw new TypeError("an RLE frame has 1 to 15 segments");
  const starts = Array.from({ length: segmentCount }, (_, index) => view.getUint32(4 + index * 4, true));
  let zeroedCount = 0;
  const zero = (from: number, to: number) => {
    for (let index = from; index < to; index++) {
      if (bytes[index] !== 0) zeroedCount++;
      bytes[index] = 0;
    }
  };
  zero(4 + segmentCount * 4, 64);
  let end = 64;
  for (const [index, start] of starts.entries()) {
    const limit = starts[index + 1] ?? bytes.length;
    if (start < end || start > limit || limit > bytes.length) throw new TypeError("RLE segments overlap");
    zero(end, start);
    end = segmentEnd(bytes, { start, limit, pixelCount });
  }
  zero(end, bytes.length);
  return zeroedCount;
}

/** Position after the run that completes the segment. */
function segmentEnd(
  bytes: Uint8Array,
  segment: { start: number; limit: number; pixelCount: number },
): number {
  let position = segment.start;
  let count = 0;
  while (count < segment.pixelCount && position < segment.limit) {
    const control = bytes[position]!;
    if (control < 128) {
      position += 2 + control;
      count += control + 1;
    } else if (control > 128) {
      position += 2;
      count += 257 - control;
    } else {
      position += 1;
    }
  }
  return Math.min(position, segment.limit);
}
