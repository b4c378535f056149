import { createHash } from "node:crypto";
import { DomainError } from "@crossread/contracts/errors";
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
import { authorise } from "../../server/access.ts";
import { assertSignedIn, type RouteContext } from "../../server/route-answer.ts";

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
export async function answerFileState(context: RouteContext, request: FileRequest): Promise<Response> {
  const { row } = await announced(context, request);
  return receipt(row);
}

/**
 * Takes the next chunk of a file. Chunks lie as parts of their own until the last one is there; then the whole is
 * read piece by piece, and only what has the digest that it is named by is staged.
 */
export async function receiveChunk(
  context: RouteContext,
  request: FileRequest & { readonly body: ReadableStream<Uint8Array> | null },
): Promise<Response> {
  const { file, row } = await announced(context, request);
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
  context: RouteContext,
  request: FileRequest,
): Promise<{ file: UploadFileKey; row: ReceivedFileRow }> {
  const actor = assertSignedIn(context);
  const scope = authorise("uploads.open", actor.memberships);
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
  return { file: place.data, row };
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
  if ((await digestOf(store, keys)) !== file.sha256) {
    // Nothing of it can be trusted: it begins again.
    for (const key of keys) await store.delete(key);
    await advanceFile(db, { fileId: row.fileId, from: row.receivedBytes, to: 0 });
    throw notTheSame(file);
  }
  await store.putStream(stagedKey(file), pieces(store, keys), row.sizeBytes);
  const answer = await staged(db, file, row);
  for (const key of keys) await store.delete(key);
  return answer;
}

async function staged(db: RouteContext["db"], file: UploadFileKey, row: ReceivedFileRow): Promise<Response> {
  await stageFile(db, { fileId: row.fileId, stagedKey: stagedKey(file), sizeBytes: row.sizeBytes });
  return receipt({ state: "staged", receivedBytes: row.sizeBytes });
}

async function digestOf(store: ObjectStore, keys: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of pieces(store, keys)) hash.update(piece);
  return hash.digest("hex");
}

async function* pieces(store: ObjectStore, keys: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const key of keys) yield await store.get(key);
}

/** Stops reading at the limit, whatever length the sender declared. */
async function collect(body: ReadableStream<Uint8Array> | null, missingBytes: number): Promise<Uint8Array> {
  const limit = Math.min(uploadLimits.chunkBytes, missingBytes);
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = body?.getReader();
  for (let read = await reader?.read(); read !== undefined && !read.done; read = await reader?.read()) {
    size += read.value.length;
    if (size > limit) {
      await reader?.cancel();
      throw new DomainError(
        "usage",
        `A chunk has at most ${uploadLimits.chunkBytes} bytes and ends with its file; this one goes on.`,
      );
    }
    parts.push(read.value);
  }
  if (size === 0) throw new DomainError("usage", "A chunk has at least one byte; this one is empty.");
  return Buffer.concat(parts);
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
