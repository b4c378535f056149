import { createHash } from "node:crypto";
import { DomainError, isDomainError } from "@crossread/contracts/errors";
import {
  partKey,
  partPrefix,
  sha256Schema,
  stagedKey,
  uploadLimits,
  type FileReceipt,
} from "@crossread/contracts/upload";
import { assertInScope } from "@crossread/db/site-scope";
import {
  advanceFile,
  announceFile,
  stageFile,
  touchUpload,
  type ReceivedFileRow,
  type UploadFileKey,
} from "@crossread/db/uploads";
import type { ObjectStore } from "@crossread/storage/object-store";
import { z } from "zod";
import { admit, type RouteContext } from "../../server/route-answer.ts";

const placeSchema = z.strictObject({ siteId: z.uuid(), uploadId: z.uuid(), sha256: sha256Schema });
const sizeSchema = z.coerce.number().int().min(1);
const offsetSchema = z.coerce.number().int().min(0);

export interface FileRequest {
  readonly place: { readonly siteId: string; readonly uploadId: string; readonly sha256: string };
  readonly query: URLSearchParams;
  readonly stagedBytesLimit: number;
  readonly now: Date;
}

/** What the server has of a file: the sender begins there. The file's row is made by this question. */
export async function answerFileState(given: RouteContext, request: FileRequest): Promise<Response> {
  const { row } = await announced(given, request);
  return receipt(row);
}

/**
 * Takes the next chunk of a file. Chunks lie as parts of their own until the last one is there; then the whole is
 * read piece by piece, and only what has the digest that it is named by is staged.
 */
export async function receiveChunk(
  given: RouteContext,
  request: FileRequest & { readonly body: ReadableStream<Uint8Array> | null },
): Promise<Response> {
  const { context, file, row } = await announced(given, request);
  if (row.state !== "receiving") {
    await request.body?.cancel();
    return receipt(row);
  }
  const offset = offsetSchema.safeParse(request.query.get("offset") ?? "");
  if (!offset.success || offset.data !== row.receivedBytes) {
    await request.body?.cancel();
    return misplaced(row);
  }
  const chunk = await collect(request.body, row.sizeBytes - row.receivedBytes);
  const end = row.receivedBytes + chunk.length;
  const isWhole = row.receivedBytes === 0 && end === row.sizeBytes;
  if (isWhole) return stageWhole(context, { file, row, chunk });
  await context.store.put(partKey(file, row.receivedBytes), chunk);
  if (!(await advanceFile(context.db, { fileId: row.fileId, from: row.receivedBytes, to: end }))) {
    return misplaced(row);
  }
  await touchUpload(context.db, file.uploadId, request.now);
  if (end < row.sizeBytes) return receipt({ state: "receiving", receivedBytes: end });
  return stageParts(context, { file, row: { ...row, receivedBytes: end } });
}

async function announced(
  given: RouteContext,
  request: FileRequest,
): Promise<{ context: RouteContext; file: UploadFileKey; row: ReceivedFileRow }> {
  const { context, scope } = admit(given, "uploads.open");
  const place = placeSchema.safeParse(request.place);
  const size = sizeSchema.safeParse(request.query.get("size") ?? "");
  if (!place.success || !size.success) {
    throw new DomainError(
      "usage",
      "A file is sent to /api/uploads/SITE/UPLOAD/files/SHA256?size=BYTES, with two ids and a digest.",
    );
  }
  assertInScope(scope, place.data.siteId);
  if (size.data > uploadLimits.fileBytes) throw tooLarge();
  const row = await announceFile(context.db, {
    ...place.data,
    sizeBytes: size.data,
    stagedBytesLimit: request.stagedBytesLimit,
    now: request.now,
  });
  return { context, file: place.data, row };
}

interface Receiving {
  readonly file: UploadFileKey;
  readonly row: ReceivedFileRow;
}

async function stageWhole(
  { db, store }: RouteContext,
  { chunk, file, row }: Receiving & { readonly chunk: Uint8Array },
): Promise<Response> {
  if (createHash("sha256").update(chunk).digest("hex") !== file.sha256) throw notTheSame(file);
  await store.put(stagedKey(file), chunk);
  return staged(db, file, row);
}

async function stageParts({ db, store }: RouteContext, { file, row }: Receiving): Promise<Response> {
  const keys = await store.list(partPrefix(file));
  try {
    await store.putStream(stagedKey(file), verified(store, keys, file), row.sizeBytes);
  } catch (error) {
    if (!isDomainError(error) || !areWrongBytes.has(error.code)) throw error;
    // Nothing of it can be trusted: it begins again.
    for (const key of keys) await store.delete(key);
    await advanceFile(db, { fileId: row.fileId, from: row.receivedBytes, to: 0 });
    throw notTheSame(file);
  }
  const answer = await staged(db, file, row);
  for (const key of keys) await store.delete(key);
  return answer;
}

/** Another digest, or parts that are more or fewer bytes than the file. */
const areWrongBytes: ReadonlySet<string> = new Set(["blob-digest-mismatch", "usage"]);

async function staged(db: RouteContext["db"], file: UploadFileKey, row: ReceivedFileRow): Promise<Response> {
  await stageFile(db, { fileId: row.fileId, stagedKey: stagedKey(file), sizeBytes: row.sizeBytes });
  return receipt({ state: "staged", receivedBytes: row.sizeBytes });
}

/** The parts one after the other; fails behind the last one where they are not what they are named, so that nothing is stored. */
async function* verified(
  store: ObjectStore,
  keys: readonly string[],
  file: UploadFileKey,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for (const key of keys) {
    const piece = await store.get(key);
    hash.update(piece);
    yield piece;
  }
  if (hash.digest("hex") !== file.sha256) throw notTheSame(file);
}

/** Stops reading at the limit, whatever length the sender declared. */
async function collect(body: ReadableStream<Uint8Array> | null, missingBytes: number): Promise<Uint8Array> {
  const limit = Math.min(uploadLimits.chunkBytes, missingBytes);
  // Written into at once: pieces that are kept until the end would cost as much memory again.
  const bytes = Buffer.allocUnsafeSlow(limit);
  let size = 0;
  const reader = body?.getReader();
  for (let read = await reader?.read(); read !== undefined && !read.done; read = await reader?.read()) {
    if (size + read.value.length > limit) {
      await reader?.cancel();
      throw new DomainError(
        "usage",
        `A chunk has at most ${uploadLimits.chunkBytes} bytes and ends with its file; this one goes on.`,
      );
    }
    bytes.set(read.value, size);
    size += read.value.length;
  }
  if (size === 0) throw new DomainError("usage", "A chunk has at least one byte; this one is empty.");
  return bytes.subarray(0, size);
}

const receipt = ({ receivedBytes, state }: FileReceipt): Response =>
  Response.json({ state, receivedBytes } satisfies FileReceipt, { headers: { "cache-control": "no-store" } });

const misplaced = ({ receivedBytes }: FileReceipt): Response =>
  Response.json(
    {
      code: "chunk-misplaced",
      message: `The next chunk begins at byte ${receivedBytes}.`,
      receivedBytes,
    },
    { status: 409, headers: { "cache-control": "no-store" } },
  );

const tooLarge = () =>
  new DomainError("usage", `A file has at most ${uploadLimits.fileBytes / 2 ** 20} MiB; this one is larger.`);

const notTheSame = (file: UploadFileKey) =>
  new DomainError(
    "blob-digest-mismatch",
    `What came as file ${file.sha256.slice(0, 12)} has another digest; it is sent again from the beginning.`,
  );
