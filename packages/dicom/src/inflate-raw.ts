import { Inflate } from "fflate";
import { DomainError } from "@crossread/contracts/errors";

/** Raw DEFLATE (RFC 1951) behind a copy of the prefix, stopped as soon as the output would exceed the limit. */
export function inflateRawWithin(
  bytes: Uint8Array,
  maxBytes: number,
  prefix: Uint8Array = new Uint8Array(),
): Uint8Array {
  // fflate takes no input for a finished stream.
  if (bytes.length === 0) throw new RangeError("unexpected EOF");
  const chunks: Uint8Array[] = [];
  let total = 0;
  const inflate = new Inflate((chunk) => {
    total += chunk.length;
    if (total > maxBytes) {
      throw new DomainError(
        "image-unreadable",
        `A deflated data set may inflate to ${maxBytes} bytes at most.`,
      );
    }
    chunks.push(chunk);
  });
  // Small steps, so that a bomb is noticed before its whole output exists.
  const step = 16 * 1024;
  for (let offset = 0; offset < bytes.length; offset += step) {
    inflate.push(bytes.subarray(offset, offset + step), offset + step >= bytes.length);
  }
  const result = new Uint8Array(prefix.length + total);
  result.set(prefix);
  let offset = prefix.length;
  for (const chunk of chunks) {
    result.set(chunk, offset);
    offset += chunk.length;
  }
  return result;
}
