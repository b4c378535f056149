/** Upper-layer PDUs (PS3.8 9.3): type, reserved, four bytes of length. The library would gather any length there is. */
export interface PduLengthGuard {
  /** Looks at bytes in the order in which they come; false once a PDU is longer than allowed, or is none. */
  accept(bytes: Uint8Array): boolean;
}

const headerBytes = 6;
const largestType = 0x07;

export function createPduLengthGuard(maxPduBytes: number): PduLengthGuard {
  let header: number[] = [];
  let remaining = 0;
  return {
    accept(bytes) {
      let offset = 0;
      while (offset < bytes.length) {
        if (remaining > 0) {
          const skipped = Math.min(remaining, bytes.length - offset);
          remaining -= skipped;
          offset += skipped;
          continue;
        }
        header.push(bytes[offset]!);
        offset += 1;
        if (header.length < headerBytes) continue;
        const [type = 0, , a = 0, b = 0, c = 0, d = 0] = header;
        header = [];
        remaining = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
        if (type < 1 || type > largestType || remaining > maxPduBytes) return false;
      }
      return true;
    },
  };
}
