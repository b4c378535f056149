import { randomUUID } from "node:crypto";
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
import { receiveInstances, type ReceivedInstance } from "./receive-instances.ts";
import { storeResponse } from "./store-response.ts";
import { verdictOf, type StoreVerdict } from "./store-verdict.ts";

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
  const instances = receiveInstances(request, { limits: services.storeLimits, buffers: services.buffers });
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
  instances: AsyncIterable<ReceivedInstance>,
  destination: Destination,
  services: DicomWebServices,
): Promise<Staged> {
  const { siteId, studyInstanceUid, uploadId } = destination;
  // Requests share uploads: what one of them takes back must not be what another one has brought.
  const requestName = randomUUID().slice(0, 8);
  const verdicts: StoreVerdict[] = [];
  const files = new Map<string, ArrivedFile>();
  let keeping: Promise<void> = Promise.resolve();

  async function keep({ bytes, release, sha256 }: ReceivedInstance, isWanted: boolean): Promise<void> {
    try {
      if (!isWanted || files.has(sha256)) return;
      const isKnown = await isKnownFile(services.db, { siteId, sha256 });
      const stagedKey = isKnown ? undefined : `uploads/${siteId}/${uploadId}/${requestName}-${sha256}.dcm`;
      files.set(sha256, { sha256, sizeBytes: bytes.length, stagedKey });
      if (stagedKey !== undefined) await services.store.put(stagedKey, bytes);
    } finally {
      release();
    }
  }

  try {
    for await (const instance of instances) {
      const verdict = verdictOf(instance.bytes, studyInstanceUid);
      verdicts.push(verdict);
      const before = keeping;
      keeping = before.then(
        () => keep(instance, verdict.ok || verdict.isListed),
        (error: unknown) => {
          instance.release();
          throw error;
        },
      );
      // Awaited with the next instance; until then nobody else would hear of a failure.
      keeping.catch(() => undefined);
      await before;
    }
    await keeping;
    return { verdicts, files: [...files.values()] };
  } catch (error) {
    await keeping.catch(() => undefined);
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
