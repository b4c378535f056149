/** What the ingest works through: files that lie whole in the blob store, one row each. */
import type { DecidedFile } from "@crossread/contracts/held-file";
import type { Database } from "./database.ts";
import { toDecidedFile } from "./held-files.ts";

export interface StagedFile {
  readonly fileId: string;
  readonly stagedKey: string;
  readonly sha256: string | null;
  readonly attempts: number;
  /** Of a file that was held and about which a person has decided since; it lies where it was kept. */
  readonly decided?: DecidedFile | undefined;
}

/** In the order in which they came; a second worker that looks gets the same ones. */
export async function listStagedFiles(
  db: Database,
  filter: { readonly uploadId: string; readonly limit: number },
): Promise<StagedFile[]> {
  const rows = await db.uploadFile.findMany({
    where: { uploadId: filter.uploadId, state: "staged" },
    orderBy: { id: "asc" },
    take: filter.limit,
    select: { id: true, stagedKey: true, sha256: true, attempts: true, held: true },
  });
  return rows.flatMap(({ attempts, held, id, sha256, stagedKey }) => {
    if (held !== null && held.answer !== null) {
      const decided = toDecidedFile(held);
      return [{ fileId: id, stagedKey: held.blobKey, sha256: held.blobSha256, attempts, decided }];
    }
    return stagedKey === null ? [] : [{ fileId: id, stagedKey, sha256, attempts }];
  });
}

const keysPerStatement = 500;

/**
 * Gives every staged blob a row: those that came without being announced, as over the network, get one here.
 * Returns keys whose files were settled before, so that their blobs are left over.
 */
export async function adoptStagedKeys(
  db: Database,
  upload: { readonly siteId: string; readonly uploadId: string; readonly keys: readonly string[] },
): Promise<{ adoptedCount: number; settledKeys: string[] }> {
  const { keys, siteId, uploadId } = upload;
  await db.upload.createMany({
    data: [{ id: uploadId, siteId, source: "stow", state: "ingesting" }],
    skipDuplicates: true,
  });
  let adoptedCount = 0;
  const settledKeys: string[] = [];
  for (let start = 0; start < keys.length; start += keysPerStatement) {
    const some = keys.slice(start, start + keysPerStatement);
    const known = await db.uploadFile.findMany({
      where: { uploadId, stagedKey: { in: some } },
      select: { stagedKey: true, state: true },
    });
    const states = new Map(known.map(({ stagedKey, state }) => [stagedKey, state]));
    // A blob whose row still says "receiving" is about to be staged by the request that wrote it.
    const unknown = some.filter((key) => !states.has(key));
    const sent = await db.uploadFile.findMany({
      where: { uploadId, sha256: { in: unknown.map(digestOfKey) }, stagedKey: null },
      select: { sha256: true },
    });
    const announced = new Set(sent.map(({ sha256 }) => sha256));
    const created = await db.uploadFile.createMany({
      data: unknown
        .filter((key) => !announced.has(digestOfKey(key)))
        .map((stagedKey) => ({ uploadId, siteId, stagedKey, state: "staged" as const })),
      skipDuplicates: true,
    });
    adoptedCount += created.count;
    settledKeys.push(
      ...some.filter((key) => {
        const state = states.get(key);
        return state !== undefined && state !== "staged" && state !== "receiving";
      }),
    );
  }
  return { adoptedCount, settledKeys };
}

const digestOfKey = (key: string): string => /([0-9a-f]{64})\.dcm$/.exec(key)?.[1] ?? "";

/** Another process died over this file; tells how many have. */
export async function countFailedAttempt(db: Database, fileId: string): Promise<number> {
  const { attempts } = await db.uploadFile.update({
    where: { id: fileId },
    data: { attempts: { increment: 1 } },
    select: { attempts: true },
  });
  return attempts;
}

/** An upload whose sender is through and of which nothing waits is finished; true where this call finished it. */
export async function finishIngest(db: Database, uploadId: string, now: Date): Promise<boolean> {
  const { count } = await db.upload.updateMany({
    where: { id: uploadId, state: "ingesting", files: { none: { state: "staged" } } },
    data: { state: "finished", finishedAt: now },
  });
  return count === 1;
}

/** Uploads that have files to read, or that only wait to be called finished. */
export async function listWaitingUploads(db: Database): Promise<{ siteId: string; uploadId: string }[]> {
  const uploads = await db.upload.findMany({
    where: { OR: [{ state: "ingesting" }, { files: { some: { state: "staged" } } }] },
    orderBy: { createdAt: "asc" },
    select: { id: true, siteId: true },
  });
  return uploads.map(({ id, siteId }) => ({ uploadId: id, siteId }));
}

/** Forgets files of which only a part came and nothing more since; gives what their parts are stored under. */
export async function forgetUnfinishedFiles(
  db: Database,
  filter: { readonly untouchedSince: Date; readonly limit: number },
): Promise<{ siteId: string; uploadId: string; sha256: string }[]> {
  const rows = await db.uploadFile.findMany({
    where: { state: "receiving", updatedAt: { lt: filter.untouchedSince } },
    take: filter.limit,
    select: { id: true, siteId: true, uploadId: true, sha256: true },
  });
  await db.uploadFile.deleteMany({ where: { id: { in: rows.map(({ id }) => id) }, state: "receiving" } });
  await db.upload.updateMany({
    where: { state: "open", lastActivityAt: { lt: filter.untouchedSince } },
    data: { state: "ingesting" },
  });
  return rows.flatMap(({ sha256, siteId, uploadId }) =>
    sha256 === null ? [] : [{ siteId, uploadId, sha256 }],
  );
}
