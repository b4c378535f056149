import { brotliDecompressSync, constants, gunzipSync } from "node:zlib";
import type { RecordedAnswer } from "./recording-proxy.ts";

/** Status line, headers and body, decoded, one byte a character. */
export function textOf({ body, headers, url }: RecordedAnswer): string {
  const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === "content-encoding");
  const encoding = at === -1 ? "identity" : headers[at + 1];
  const options = { finishFlush: constants.Z_SYNC_FLUSH };
  const decoded =
    encoding === "gzip"
      ? gunzipSync(body, options)
      : encoding === "br"
        ? brotliDecompressSync(body, { finishFlush: constants.BROTLI_OPERATION_FLUSH })
        : body;
  return `${url}\n${headers.join("\n")}\n${decoded.toString("latin1")}`;
}

/** Where each word of the answers occurs first and last; a name, an id, a UID or a number is a word. */
export function indexWords(texts: readonly string[]): Map<string, { readonly first: number; last: number }> {
  const places = new Map<string, { readonly first: number; last: number }>();
  for (const [index, text] of texts.entries()) {
    for (const [word] of [...text.matchAll(/[\w-]+/g), ...text.matchAll(/[\d.]+/g)]) {
      const place = places.get(word);
      if (place === undefined) places.set(word, { first: index, last: index });
      else place.last = index;
    }
  }
  return places;
}
