import { createHash, randomUUID } from "node:crypto";
import { appendAudit } from "@crossread/db/audit";
import {
  isKnownFile,
  recordArrivedFiles,
  sumStagedFiles,
  type ArrivedFile,
} from "@crossread/db/network-uploads";
import { dataSetAnswer, dataSetType } from "./dataset-answer.ts";
import type { DicomWebCaller } from "./dicomweb-caller.ts";
import { DicomWebRefusal, retryAfter } from "./dicomweb-refusal.ts";
import type { DicomWebServices } from "./dicomweb-services.ts";
import { parseMediaType } from "./media-type.ts";
import { readMultipart } from "./multipart-reader.ts";
import { storeResponse } from "./store-response.ts";
import { verdictOf, type StoreVerdict } from "./store-verdict.ts";

const multipartLimits = { maxHeaderBytes: 16_384 };

/**
 * STOW-RS (PS3.18 10.5): each file is judged by its header, put down in the blob store and handed to the worker. The
 * answer comes when all of them are on disk; what only decoding shows is found later in the list of refused files.
 */
export async function storeInstances(
  request: Request,
  asked: { caller: DicomWebCaller; studyInstanceUid: string | undefined },
  services: DicomWebServices,
): Promise<Response> {
  const { token } = asked.caller;
  if (token === undefined) throw new DicomWebRefusal(403, "Only a token of a site may store.");
  const { siteId, tokenId } = token;
  const type = dataSetType(request);
  const instances = instancesOf(request, services);
  await assertRoom(siteId, services);
  const entered = services.storeGate.enter();
  if (entered === undefined) throw busy();
  await entered;
  try {
    const upload = { siteId, uploadId: services.uploadWindow.join(tokenId) };
    const { files, verdicts } = await stage(
      instances,
      { ...upload, studyInstanceUid: asked.studyInstanceUid },
      services,
    );
    if (verdicts.length === 0) throw new DicomWebRefusal(400, "The request holds no instance.");
    await recordArrivedFiles(services.db, { ...upload, source: "stow", now: services.now() }, files);
    if (files.some(({ stagedKey }) => stagedKey !== undefined)) {
      const enqueue = async () => (await services.queue()).enqueue("ingest-upload", upload);
      await enqueue();
      // A job that was just ending would not have seen these files, and adding it again would have added nothing.
      services.uploadWindow.settle(upload.uploadId, enqueue);
    }
    const storedCount = verdicts.filter(({ ok }) => ok).length;
    await appendAudit(services.db, {
      actorId: null,
      siteId,
      action: "dicomweb.store",
      entityKind: "upload",
      entityId: upload.uploadId,
      details: {
        tokenId,
        stored: storedCount,
        failed: verdicts.length - storedCount,
      },
    });
    // PS3.18 10.5.3.1: all, some or none of them.
    const status = storedCount === verdicts.length ? 200 : storedCount > 0 ? 202 : 409;
    return dataSetAnswer(storeResponse(verdicts), { type, status });
  } finally {
    services.storeGate.leave();
  }
}

/** Bytes of one instance after the other. */
function instancesOf(request: Request, services: DicomWebServices): AsyncGenerator<Uint8Array> {
  const { maxInstanceBytes, maxInstances, maxRequestBytes } = services.storeLimits;
  const declared = Number(request.headers.get("content-length") ?? "0");
  if (declared > maxRequestBytes) {
    throw new DicomWebRefusal(
      413,
      `A request may have at most ${maxRequestBytes} bytes, this one has ${declared}.`,
    );
  }
  const contentType = parseMediaType(request.headers.get("content-type") ?? "");
  const body = request.body ?? new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
  const counted = withLimit(body, maxRequestBytes);
  if (contentType?.type === "application/dicom") return wholeBody(counted, maxInstanceBytes);
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
  return partsOf(
    readMultipart(counted, boundary, { ...multipartLimits, maxParts: maxInstances }),
    maxInstanceBytes,
  );
}

async function* partsOf(
  events: ReturnType<typeof readMultipart>,
  maxInstanceBytes: number,
): AsyncGenerator<Uint8Array> {
  let chunks: Uint8Array[] = [];
  let size = 0;
  for await (const event of events) {
    switch (event.kind) {
      case "part": {
        const type = parseMediaType(event.headers.get("content-type") ?? "application/dicom")?.type;
        if (type !== "application/dicom") {
          throw new DicomWebRefusal(415, "Every part must be application/dicom.");
        }
        break;
      }
      case "data":
        size += event.bytes.length;
        if (size > maxInstanceBytes) throw tooLarge(maxInstanceBytes);
        chunks.push(event.bytes);
        break;
      case "part-end":
        yield Buffer.concat(chunks, size);
        chunks = [];
        size = 0;
    }
  }
}

async function* wholeBody(
  body: AsyncIterable<Uint8Array>,
  maxInstanceBytes: number,
): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxInstanceBytes) throw tooLarge(maxInstanceBytes);
    chunks.push(chunk);
  }
  if (size > 0) yield Buffer.concat(chunks, size);
}

async function* withLimit(
  body: ReadableStream<Uint8Array>,
  maxRequestBytes: number,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxRequestBytes) {
      throw new DicomWebRefusal(413, `A request may have at most ${maxRequestBytes} bytes.`);
    }
    yield chunk;
  }
}

interface Destination {
  readonly siteId: string;
  readonly uploadId: string;
  readonly studyInstanceUid: string | undefined;
}

interface Staged {
  readonly verdicts: readonly StoreVerdict[];
  readonly files: readonly ArrivedFile[];
}

/** While one file is written, the next one is read; a request that breaks off leaves nothing behind. */
async function stage(
  instances: AsyncIterable<Uint8Array>,
  destination: Destination,
  services: DicomWebServices,
): Promise<Staged> {
  const { siteId, studyInstanceUid, uploadId } = destination;
  // Requests share uploads: what one of them takes back must not be what another one has brought.
  const requestName = randomUUID().slice(0, 8);
  const verdicts: StoreVerdict[] = [];
  const files = new Map<string, ArrivedFile>();
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const bytes of instances) {
      const verdict = verdictOf(bytes, studyInstanceUid);
      verdicts.push(verdict);
      await writing;
      if (!verdict.ok && !verdict.isListed) continue;
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      if (files.has(sha256)) continue;
      const isKnown = await isKnownFile(services.db, { siteId, sha256 });
      const stagedKey = isKnown ? undefined : `uploads/${siteId}/${uploadId}/${requestName}-${sha256}.dcm`;
      files.set(sha256, { sha256, sizeBytes: bytes.length, stagedKey });
      if (stagedKey === undefined) continue;
      writing = services.store.put(stagedKey, bytes);
      // Awaited before the next write; until then nobody else would hear of a failure.
      writing.catch(() => undefined);
    }
    await writing;
    return { verdicts, files: [...files.values()] };
  } catch (error) {
    await writing.catch(() => undefined);
    for (const { stagedKey } of files.values()) {
      if (stagedKey !== undefined) await services.store.delete(stagedKey);
    }
    if (error instanceof DicomWebRefusal) throw error;
    if (isBrokenBody(error)) {
      throw new DicomWebRefusal(400, "The request ended before its body was complete.");
    }
    throw error;
  }
}

/** What Node says of a body whose sender has gone. */
const isBrokenBody = (error: unknown): boolean =>
  error instanceof Error && /aborted|terminated|ECONNRESET|premature/i.test(`${error.name} ${error.message}`);

async function assertRoom(siteId: string, services: DicomWebServices): Promise<void> {
  const { maxStagedBytes, maxStagedFiles } = services.storeLimits;
  const staged = await sumStagedFiles(services.db, siteId);
  if (staged.fileCount >= maxStagedFiles || staged.sizeBytes >= maxStagedBytes) throw busy();
}

const busy = () =>
  new DicomWebRefusal(503, "Too much waits to be ingested already. Send again later.", retryAfter(30));

const tooLarge = (maxInstanceBytes: number) =>
  new DicomWebRefusal(413, `An instance may have at most ${maxInstanceBytes} bytes.`);
