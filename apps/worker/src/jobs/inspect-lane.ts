import type { PixelRule } from "@crossread/contracts/pixel-rule";
import { isDomainError } from "@crossread/contracts/errors";
import { countFailedAttempt, type StagedFile } from "@crossread/db/staged-files";
import { sha256Of } from "@crossread/storage/content";
import type { ObjectStore } from "@crossread/storage/object-store";
import type { FileOutcome } from "../tasks/file-outcome.ts";
import { remedyOf } from "../tasks/refusal-remedies.ts";
import type { WorkerContext } from "../worker-context.ts";

/** A process can also die of something else than the file that it was looking at. */
const deathsOfOneFile = 2;

export interface LaneRun {
  readonly signal: AbortSignal;
  readonly siteId: string;
  readonly siteKey: Uint8Array;
  readonly pixelRules: readonly PixelRule[];
  readonly onOutcome: (file: StagedFile, outcome: FileOutcome) => Promise<void>;
}

/**
 * Looks at files one after the other in a process of its own. A file that hangs or kills that process is refused,
 * and a new process goes on with the next one.
 */
export async function inspectLane(
  context: WorkerContext,
  files: readonly StagedFile[],
  run: LaneRun,
): Promise<void> {
  let rest = files;
  while (rest.length > 0) {
    const end = await inspectInOneProcess(context, rest, run);
    rest = rest.slice(end.doneCount);
    if (end.error === undefined) return;
    const suspect = rest[0];
    run.signal.throwIfAborted();
    if (suspect === undefined || isDomainError(end.error)) throw end.error;
    const deaths = await countFailedAttempt(context.db, suspect.fileId);
    context.logger.warn({ fileId: suspect.fileId, deaths, err: end.error }, "a file ended its process");
    if (deaths < deathsOfOneFile) continue;
    await run.onOutcome(suspect, await refusalOf(context.store, suspect, end.hasTimedOut));
    rest = rest.slice(1);
  }
}

interface ProcessEnd {
  readonly doneCount: number;
  readonly hasTimedOut: boolean;
  readonly error: unknown;
}

async function inspectInOneProcess(
  context: WorkerContext,
  files: readonly StagedFile[],
  run: LaneRun,
): Promise<ProcessEnd> {
  const { fileTimeoutMs, memoryLimitBytes, processStartMs } = context.ingest;
  const hung = new AbortController();
  let doneCount = 0;
  let timer = setTimeout(() => hung.abort(), fileTimeoutMs + processStartMs);
  try {
    await context.children.run(
      "inspect-files",
      {
        siteKey: Buffer.from(run.siteKey).toString("base64"),
        files: files.map(({ decided, sha256, stagedKey }) => ({ key: stagedKey, sha256, decided })),
        pixelRules: [...run.pixelRules],
      },
      {
        signal: AbortSignal.any([run.signal, hung.signal]),
        memoryLimitBytes,
        owner: run.siteId,
        onEvent: async ({ index, outcome }) => {
          clearTimeout(timer);
          const file = files[index];
          if (file !== undefined) await run.onOutcome(file, outcome);
          doneCount = index + 1;
          timer = setTimeout(() => hung.abort(), fileTimeoutMs);
        },
      },
    );
    return { doneCount: files.length, hasTimedOut: false, error: undefined };
  } catch (error) {
    return { doneCount, hasTimedOut: hung.signal.aborted, error };
  } finally {
    clearTimeout(timer);
  }
}

async function refusalOf(store: ObjectStore, file: StagedFile, hasTimedOut: boolean): Promise<FileOutcome> {
  const bytes = await store.get(file.stagedKey);
  const sha256 = file.sha256 ?? sha256Of(bytes);
  const name = `file ${sha256.slice(0, 8)}`;
  const code = "image-unreadable";
  return {
    ok: false,
    sha256,
    sizeBytes: bytes.length,
    code,
    message: hasTimedOut
      ? `An image must be readable in reasonable time, but reading ${name} did not end.`
      : `An image must be readable within the memory of one process, but reading ${name} ended it.`,
    remedy: remedyOf(code),
  };
}
