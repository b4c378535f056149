import { createHash } from "node:crypto";
import type { BufferPool } from "./buffer-pool.ts";
import { collectChunks } from "./collect-chunks.ts";
import { DicomWebRefusal } from "./dicomweb-refusal.ts";
import type { StoreLimits } from "./dicomweb-services.ts";
import { parseMediaType } from "./media-type.ts";
import { createMultipartReader, type MultipartReader } from "./multipart-reader.ts";

export interface ReceivedInstance {
  /** Valid until the release. */
  readonly bytes: Uint8Array;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** To be called once: the bytes make room for another instance. */
  readonly release: () => void;
}

interface Receiving {
  readonly limits: StoreLimits;
  readonly buffers: BufferPool;
}

const maxPartHeaderBytes = 16_384;
const collectedAtOnceBytes = 16 * 1024 * 1024;

/**
 * Instances of a request as they become whole. Nothing of the body is read before the first one is asked for, and one
 * instance is held at a time, besides those that are not released.
 *
 * @throws {DicomWebRefusal} at once where the request's own header is wrong
 */
export function receiveInstances(request: Request, receiving: Receiving): AsyncGenerator<ReceivedInstance> {
  const { maxInstances, maxRequestBytes } = receiving.limits;
  const declared = Number(request.headers.get("content-length") ?? "0");
  if (declared > maxRequestBytes) {
    throw new DicomWebRefusal(
      413,
      `A request may have at most ${maxRequestBytes} bytes, this one has ${declared}.`,
    );
  }
  const contentType = parseMediaType(request.headers.get("content-type") ?? "");
  if (contentType?.type === "application/dicom") return read(request, undefined, receiving);
  const boundary = contentType?.parameters.get("boundary");
  const partType = contentType?.parameters.get("type") ?? "application/dicom";
  if (
    contentType?.type !== "multipart/related" ||
    boundary === undefined ||
    partType !== "application/dicom"
  ) {
    throw new DicomWebRefusal(
      415,
      'Instances are sent as multipart/related; type="application/dicom"; boundary=…, or one as application/dicom.',
    );
  }
  // RFC 2046 5.1.1 allows 70, Orthanc sends 73.
  if (boundary.length === 0 || boundary.length > 200) {
    throw new DicomWebRefusal(400, "A boundary has 1 to 70 characters.");
  }
  const limits = { maxHeaderBytes: maxPartHeaderBytes, maxParts: maxInstances };
  return read(request, createMultipartReader(boundary, limits), receiving);
}

/** @param multipart - absent where the whole body is one instance */
async function* read(
  request: Request,
  multipart: MultipartReader | undefined,
  { buffers, limits }: Receiving,
): AsyncGenerator<ReceivedInstance> {
  const instance = createCollector(buffers, limits.maxInstanceBytes);
  let bodyBytes = 0;
  let uncollectedBytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      bodyBytes += chunk.length;
      if (bodyBytes > limits.maxRequestBytes) {
        throw new DicomWebRefusal(413, `A request may have at most ${limits.maxRequestBytes} bytes.`);
      }
      uncollectedBytes += chunk.length;
      if (uncollectedBytes > collectedAtOnceBytes) {
        collectChunks();
        uncollectedBytes = 0;
      }
      if (multipart === undefined) instance.add(chunk);
      else {
        for (const event of multipart.read(chunk)) {
          if (event.kind === "part") assertPartType(event.headers);
          else if (event.kind === "data") instance.add(event.bytes);
          else yield instance.finish();
        }
      }
    }
    if (multipart !== undefined) multipart.end();
    else if (bodyBytes > 0) yield instance.finish();
  } finally {
    instance.discard();
  }
}

function assertPartType(headers: ReadonlyMap<string, string>): void {
  const type = parseMediaType(headers.get("content-type") ?? "application/dicom")?.type;
  if (type !== "application/dicom") throw new DicomWebRefusal(415, "Every part must be application/dicom.");
}

const firstBytes = 4 * 1024 * 1024;

/** Puts the pieces of one instance behind each other, and takes their digest while they are at hand. */
function createCollector(buffers: BufferPool, maxInstanceBytes: number) {
  let buffer: Buffer | undefined;
  let size = 0;
  let hash = createHash("sha256");

  function withRoom(sizeBytes: number): Buffer {
    if (buffer !== undefined && buffer.length >= sizeBytes) return buffer;
    const wanted = Math.max(firstBytes, sizeBytes, 2 * (buffer?.length ?? 0));
    const larger = buffers.take(Math.max(sizeBytes, Math.min(wanted, maxInstanceBytes)));
    if (buffer !== undefined) {
      larger.set(buffer.subarray(0, size));
      buffers.giveBack(buffer);
    }
    return (buffer = larger);
  }

  return {
    add(piece: Uint8Array): void {
      if (size + piece.length > maxInstanceBytes) {
        throw new DicomWebRefusal(413, `An instance may have at most ${maxInstanceBytes} bytes.`);
      }
      withRoom(size + piece.length).set(piece, size);
      size += piece.length;
      hash.update(piece);
    },
    finish(): ReceivedInstance {
      const whole = buffer;
      const bytes = whole?.subarray(0, size) ?? new Uint8Array();
      const sha256 = hash.digest("hex");
      buffer = undefined;
      size = 0;
      hash = createHash("sha256");
      return { bytes, sha256, release: () => whole !== undefined && buffers.giveBack(whole) };
    },
    /** What has come of an instance that will not be whole. */
    discard(): void {
      if (buffer !== undefined) buffers.giveBack(buffer);
      buffer = undefined;
    },
  };
}
