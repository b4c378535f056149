/** multipart/related piece by piece (RFC 2046 5.1): what has come is handed on at once, all but the start of a delimiter. */
import { DicomWebRefusal } from "./dicomweb-refusal.ts";

export type MultipartEvent =
  | { readonly kind: "part"; readonly headers: ReadonlyMap<string, string> }
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "part-end" };

export interface MultipartLimits {
  readonly maxHeaderBytes: number;
  readonly maxParts: number;
}

export interface MultipartReader {
  /** What the next bytes of the body bring, in order; every "part" is followed by its data and one "part-end". */
  read(chunk: Uint8Array): Generator<MultipartEvent, void, undefined>;
  /** The body has ended. */
  end(): void;
}

const lineBreak = Buffer.from("\r\n");
const blankLine = Buffer.from("\r\n\r\n");
const carriageReturn = 0x0d;
const dash = 0x2d;

/** "body" is what stands in a part; the preamble before the first part is read like one and thrown away. */
type State = "preamble" | "after-delimiter" | "headers" | "body" | "epilogue";

/** @throws {DicomWebRefusal} from both functions: 400 where the body ends inside a part, or a header is no header */
export function createMultipartReader(boundary: string, limits: MultipartLimits): MultipartReader {
  const delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
  // The first delimiter may stand at the very start, without a line break before it.
  let pending: Buffer = Buffer.from(lineBreak);
  let state: State = "preamble";
  let partCount = 0;

  function* read(chunk: Uint8Array): Generator<MultipartEvent, void, undefined> {
    if (state === "epilogue") return;
    pending = pending.length === 0 ? asBuffer(chunk) : Buffer.concat([pending, chunk]);
    for (;;) {
      if (state === "preamble" || state === "body") {
        const found = pending.indexOf(delimiter);
        const isBody = state === "body";
        // What may be the start of a delimiter waits for the next chunk.
        const end = found >= 0 ? found : pending.length - startedLength(pending, delimiter);
        if (isBody && end > 0) yield { kind: "data", bytes: pending.subarray(0, end) };
        if (found < 0) {
          pending = pending.subarray(end);
          break;
        }
        if (isBody) yield { kind: "part-end" };
        pending = pending.subarray(found + delimiter.length);
        state = "after-delimiter";
      }
      if (state === "after-delimiter") {
        if (pending.length < 2) break;
        if (pending[0] === dash && pending[1] === dash) {
          state = "epilogue";
          pending = Buffer.alloc(0);
          break;
        }
        // Padding of white space up to the line's end; the line break itself belongs to the headers' blank line.
        const end = pending.indexOf(lineBreak);
        if (end < 0) {
          if (pending.length > limits.maxHeaderBytes) throw malformed("a delimiter line does not end");
          break;
        }
        if (!/^[ \t]*$/.test(pending.toString("latin1", 0, end))) {
          throw malformed("a delimiter is followed by something else than the end of its line");
        }
        pending = pending.subarray(end);
        state = "headers";
      }
      if (state === "headers") {
        const end = pending.indexOf(blankLine);
        if (end < 0 ? pending.length > limits.maxHeaderBytes : end > limits.maxHeaderBytes) {
          throw malformed(`the header of a part has more than ${limits.maxHeaderBytes} bytes`);
        }
        if (end < 0) break;
        partCount += 1;
        if (partCount > limits.maxParts) {
          throw new DicomWebRefusal(413, `A request may have at most ${limits.maxParts} parts.`);
        }
        yield { kind: "part", headers: parseHeaders(pending.toString("latin1", 0, end)) };
        pending = pending.subarray(end + blankLine.length);
        state = "body";
      }
    }
  }

  return {
    read,
    end() {
      if (state !== "epilogue") throw malformed("it ends before its closing delimiter");
    },
  };
}

/** How many bytes at the end are the beginning of the delimiter: nearly always none, so that nothing is copied. */
function startedLength(bytes: Buffer, delimiter: Buffer): number {
  let start = bytes.indexOf(carriageReturn, Math.max(0, bytes.length - delimiter.length + 1));
  while (start >= 0) {
    const length = bytes.length - start;
    if (bytes.compare(delimiter, 0, length, start) === 0) return length;
    start = bytes.indexOf(carriageReturn, start + 1);
  }
  return 0;
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

function parseHeaders(block: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of block.split("\r\n")) {
    if (line === "") continue;
    const colon = line.indexOf(":");
    if (colon <= 0) throw malformed("a line of a part's header has no name");
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

const malformed = (what: string): DicomWebRefusal =>
  new DicomWebRefusal(400, `The multipart body is not well-formed: ${what}.`);
