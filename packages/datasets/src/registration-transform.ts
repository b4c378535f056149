import type { CopyTransform } from "@crossread/contracts/copy-transform";
import type { Registration } from "./fingerprint-registration.ts";
import { frameSidePx } from "./image-fingerprint.ts";

/** From pixel indices of the working frame, whose centres lie at + ½, to shares of the longest side. */
export function toCopyTransform({ a, b, isMirrored, txPx, tyPx }: Registration): CopyTransform {
  return {
    isMirrored,
    a,
    b,
    tx: (txPx + 0.5 * (1 - a + b)) / frameSidePx,
    ty: (tyPx + 0.5 * (1 - b - a)) / frameSidePx,
  };
}
