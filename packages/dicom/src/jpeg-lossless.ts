import { Decoder } from "@cornerstonejs/jpeg-lossless-decoder-js";
import { readCodestreamHeader } from "./codestream-header.ts";

/** JPEG Lossless, process 14 (ITU-T T.81 H); all predictors. */
export function decodeJpegLossless(bytes: Uint8Array): Uint8Array | Uint16Array {
  const { bitsPerSample } = readCodestreamHeader(bytes, "JPEG Lossless pixels");
  // The decoder works on a whole ArrayBuffer and reads past a view's end, so it gets a copy of its own.
  const copy = Uint8Array.from(bytes);
  const decoded = new Decoder().decode(copy.buffer, 0, copy.length, bitsPerSample <= 8 ? 1 : 2);
  return bitsPerSample <= 8 ? new Uint8Array(decoded.buffer) : new Uint16Array(decoded.buffer);
}
