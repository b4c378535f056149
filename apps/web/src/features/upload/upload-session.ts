/** One upload as the page shows it: which files there are, what became of each, and what goes on. */
import type { Chosen } from "./dropped-files.ts";
import { expandArchives } from "./dropped-files.ts";
import type { Deidentifying, TextDecision } from "./file-worker-protocol.ts";
import type { Journal } from "./journal.ts";
import { createRateEstimate } from "./rate-estimate.ts";
import { journalKeyOf, type SourceFile } from "./source-file.ts";
import { countStates, isSettled, type Phase, type UploadItem, type UploadSnapshot } from "./upload-state.ts";
import { FileTaskFailure, type WorkerPool } from "./worker-pool.ts";

/** What an upload needs from elsewhere. */
export interface UploadWorld {
  readonly pool: WorkerPool;
  readonly journal: Journal | undefined;
  readonly nowMs: () => number;
  readonly newUploadId: () => string;
  readonly open: (upload: {
    siteId: string;
    uploadId: string;
    profile: string;
    fileCount: number;
    totalBytes: number;
  }) => Promise<void>;
  /** Tells the server that files wait, so that reading them begins before the last one is sent. */
  readonly nudge: (upload: { siteId: string; uploadId: string }) => Promise<void>;
  readonly finish: (upload: { siteId: string; uploadId: string }) => Promise<void>;
  readonly cancel: (upload: { siteId: string; uploadId: string }) => Promise<void>;
}

export interface UploadSession {
  readonly subscribe: (listener: () => void) => () => void;
  readonly snapshot: () => UploadSnapshot;
  readonly add: (chosen: Chosen) => Promise<void>;
  /** Takes an interrupted upload up again: what it has sent is not sent once more. */
  readonly resume: (uploadId: string) => Promise<void>;
  readonly start: (siteId: string, deidentifying: Deidentifying) => Promise<void>;
  readonly pause: () => void;
  readonly cancel: () => Promise<void>;
  /** What a person decides about text in the pixels; undefined leaves the file out. */
  readonly decide: (itemId: number, decision: TextDecision | undefined) => void;
  readonly retryFailed: () => void;
  readonly clear: () => void;
}

const duplicate = {
  state: "duplicate",
  note: "Another file of this selection has the same content.",
} as const;

const tellEveryMs = 200;
const nudgeEveryFiles = 50;

export function createUploadSession(world: UploadWorld): UploadSession {
  const listeners = new Set<() => void>();
  const rate = createRateEstimate();
  const textDecisions = new Map<number, TextDecision>();
  const digests = new Map<string, number>();
  let sent = new Map<string, string>();
  let handles: readonly FileSystemHandle[] = [];
  let items: UploadItem[] = [];
  let phase: Phase = "empty";
  let uploadId = world.newUploadId();
  let lookedCount = 0;
  let delay: UploadSnapshot["delay"];
  let problem: string | undefined;
  let stop = new AbortController();
  let given: { siteId: string; deidentifying: Deidentifying } | undefined;
  let isOpened = false;
  let isPausedByOwner = false;
  let doneSinceNudge = 0;
  let shown = takeSnapshot();
  let tellTimer: ReturnType<typeof setTimeout> | undefined;

  function takeSnapshot(): UploadSnapshot {
    const counts = countStates(items);
    let doneBytes = 0;
    let totalBytes = 0;
    for (const { sentBytes, sizeBytes, state } of items) {
      if (state === "skipped" || state === "refused" || state === "held") continue;
      totalBytes += sizeBytes;
      doneBytes += isSettled(state) ? sizeBytes : Math.min(sentBytes, sizeBytes);
    }
    rate.note(doneBytes, world.nowMs());
    return {
      phase,
      uploadId,
      items,
      counts,
      lookedCount,
      doneBytes,
      totalBytes,
      bytesPerSecond: phase === "running" ? rate.bytesPerSecond(world.nowMs()) : undefined,
      delay,
      problem,
    };
  }

  /** Thousands of files change often: the page is told a few times a second. */
  function tell(): void {
    tellTimer ??= setTimeout(() => {
      tellTimer = undefined;
      shown = takeSnapshot();
      for (const listener of listeners) listener();
    }, tellEveryMs);
  }

  function change(itemId: number, changed: Partial<UploadItem>): void {
    const item = items[itemId];
    if (item === undefined) return;
    items = items.with(itemId, { ...item, ...changed });
    tell();
  }

  function enter(next: Phase): void {
    phase = next;
    tell();
  }

  const isRunning = (): boolean => phase === "running";

  async function look(itemId: number, source: SourceFile): Promise<void> {
    try {
      const journalKey = await journalKeyOf(source);
      const sha256 = sent.get(journalKey);
      if (sha256 !== undefined) {
        const isTwin = digests.has(sha256);
        if (!isTwin) digests.set(sha256, itemId);
        change(itemId, {
          sha256,
          ...(isTwin ? duplicate : { state: "sent", note: "Sent before the interruption." }),
        });
        return;
      }
      const found = await world.pool.run("look", { source });
      if (found.kind === "other") change(itemId, { state: "skipped", note: found.reason });
      else change(itemId, { header: found.header });
    } catch (error) {
      change(itemId, { state: "failed", note: messageOf(error) });
    } finally {
      lookedCount += 1;
    }
  }

  async function sendOne(itemId: number): Promise<void> {
    const item = items[itemId];
    if (item?.source === undefined || given === undefined) return;
    const { source } = item;
    const { deidentifying, siteId } = given;
    change(itemId, { state: "sending", note: "", sentBytes: 0 });
    try {
      const end = await world.pool.run(
        "send",
        { source, deidentifying, siteId, uploadId, text: textDecisions.get(itemId) ?? { kind: "ask" } },
        {
          signal: stop.signal,
          onProgress: (sentBytes) => change(itemId, { sentBytes }),
          onDelay: (waiting) => {
            delay =
              waiting === undefined
                ? undefined
                : { kind: waiting.kind, untilMs: world.nowMs() + waiting.seconds * 1_000 };
            tell();
          },
        },
      );
      switch (end.kind) {
        case "refused":
          return change(itemId, { state: "refused", note: end.reason });
        case "text-in-pixels":
          return change(itemId, {
            state: "held",
            note: "There may be text in the image. Look at it and decide.",
            text: end,
          });
        case "sent": {
          const twin = digests.get(end.sha256);
          const isTwin = twin !== undefined && twin !== itemId;
          digests.set(end.sha256, twin ?? itemId);
          change(itemId, {
            sha256: end.sha256,
            sentBytes: item.sizeBytes,
            ...(isTwin
              ? duplicate
              : end.state === "known"
                ? { state: "known", note: "Sent and accepted earlier." }
                : { state: "sent", note: "" }),
          });
          await world.journal?.saveSent(uploadId, await journalKeyOf(source), end.sha256);
          await nudgeNowAndThen(siteId);
        }
      }
    } catch (error) {
      if (stop.signal.aborted) return change(itemId, { state: "waiting", sentBytes: 0 });
      if (error instanceof FileTaskFailure && error.isSessionEnded) {
        change(itemId, { state: "waiting", sentBytes: 0 });
        return halt("Your session has ended. Sign in again in another tab, then continue.");
      }
      change(itemId, { state: "failed", note: messageOf(error) });
    }
  }

  async function nudgeNowAndThen(siteId: string): Promise<void> {
    doneSinceNudge += 1;
    if (doneSinceNudge < nudgeEveryFiles) return;
    doneSinceNudge = 0;
    await saveSession();
    // Only an early start: the end of the upload asks again.
    await world.nudge({ siteId, uploadId }).catch(() => undefined);
  }

  function halt(reason: string): void {
    problem = reason;
    stop.abort(new Error("paused"));
  }

  async function saveSession(): Promise<void> {
    if (given === undefined) return;
    const counts = countStates(items);
    await world.journal?.saveSession({
      uploadId,
      siteId: given.siteId,
      profile: given.deidentifying.profile,
      fileCount: items.length - counts.skipped,
      updatedMs: world.nowMs(),
      handles,
    });
  }

  async function run(): Promise<void> {
    // A second click, or a decision that comes while the rest is on its way: this upload is under way already.
    if (given === undefined || isRunning()) return;
    const { deidentifying, siteId } = given;
    stop = new AbortController();
    problem = undefined;
    isPausedByOwner = false;
    rate.clear();
    enter("running");
    try {
      const open = items.filter(({ state }) => !isSettled(state) && state !== "held");
      await world.open({
        siteId,
        uploadId,
        profile: deidentifying.profile,
        fileCount: items.length - countStates(items).skipped,
        totalBytes: open.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      });
      isOpened = true;
      await saveSession();
      // A decision about one file may come when the last of the others is already on its way.
      do await inParallel(world.pool.size, nextWaiting, sendOne);
      while (!stop.signal.aborted && items.some(({ state }) => state === "waiting"));
      delay = undefined;
      if (stop.signal.aborted) {
        if (!isRunning()) return;
        await saveSession();
        return enter("paused");
      }
      const counts = countStates(items);
      if (counts.failed + counts.held > 0) {
        await world.nudge({ siteId, uploadId }).catch(() => undefined);
        return enter("paused");
      }
      await world.finish({ siteId, uploadId });
      await world.journal?.forget(uploadId);
      enter("done");
    } catch (error) {
      problem = messageOf(error);
      enter("paused");
    }
  }

  function nextWaiting(): number | undefined {
    if (stop.signal.aborted) return undefined;
    const item = items.find(({ state }) => state === "waiting");
    if (item === undefined) return undefined;
    // Taken at once, so that no other lane takes it too.
    items = items.with(item.itemId, { ...item, state: "sending" });
    return item.itemId;
  }

  function reset(): void {
    items = [];
    digests.clear();
    textDecisions.clear();
    sent = new Map();
    handles = [];
    lookedCount = 0;
    given = undefined;
    isOpened = false;
    problem = undefined;
    uploadId = world.newUploadId();
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    snapshot: () => shown,
    async add(chosen) {
      if (phase === "done" || phase === "cancelled") reset();
      // What is being sent stays as it was shown before it was sent.
      if (phase === "running" || phase === "paused") return;
      enter("looking");
      handles = [...handles, ...chosen.handles];
      const { files, skipped } = await expandArchives(chosen.files, (archive) =>
        world.pool.run("list-zip", { archive }),
      );
      const known = new Set(items.map(({ path, sizeBytes }) => `${sizeBytes} ${path}`));
      const isNew = ({ path, sizeBytes }: { path: string; sizeBytes: number }) =>
        !known.has(`${sizeBytes} ${path}`);
      const added = [
        ...files.filter(isNew).map((source) => toItem(source, source, "waiting", "")),
        ...skipped.filter(isNew).map((one) => toItem(one, undefined, "skipped", one.reason)),
      ].toSorted((a, b) => byName.compare(a.path, b.path));
      const first = items.length;
      items = [...items, ...added.map((item, index) => ({ ...item, itemId: first + index }))];
      lookedCount += added.filter(({ source }) => source === undefined).length;
      const unseen = items.slice(first).filter(({ source }) => source !== undefined);
      tell();
      await inParallel(
        world.pool.size,
        () => unseen.shift(),
        async ({ itemId, source }) => {
          if (source !== undefined) await look(itemId, source);
        },
      );
      if (phase === "looking") enter(items.length === 0 ? "empty" : "ready");
    },
    async resume(earlierId) {
      reset();
      uploadId = earlierId;
      sent = (await world.journal?.sentFiles(earlierId)) ?? new Map();
      tell();
    },
    async start(siteId, deidentifying) {
      given = { siteId, deidentifying };
      await run();
    },
    pause() {
      isPausedByOwner = true;
      stop.abort(new Error("paused"));
    },
    async cancel() {
      const upload = given === undefined ? undefined : { siteId: given.siteId, uploadId };
      enter("cancelled");
      stop.abort(new Error("paused"));
      await world.journal?.forget(uploadId);
      if (upload !== undefined && isOpened) await world.cancel(upload);
    },
    decide(itemId, decision) {
      if (decision !== undefined) textDecisions.set(itemId, decision);
      change(itemId, {
        text: undefined,
        ...(decision === undefined
          ? { state: "skipped", note: "Left out: there was text in the image." }
          : { state: "waiting", note: "" }),
      });
      if (phase === "paused" && !isPausedByOwner) void run();
    },
    retryFailed() {
      items = items.map((item) => (item.state === "failed" ? { ...item, state: "waiting", note: "" } : item));
      void run();
    },
    clear() {
      reset();
      enter("empty");
    },
  };
}

function toItem(
  file: { path: string; sizeBytes: number },
  source: SourceFile | undefined,
  state: "waiting" | "skipped",
  note: string,
): Omit<UploadItem, "itemId"> {
  const { path, sizeBytes } = file;
  return {
    path,
    sizeBytes,
    source,
    header: undefined,
    state,
    note,
    sha256: undefined,
    sentBytes: 0,
    text: undefined,
  };
}

async function inParallel<TItem>(
  laneCount: number,
  next: () => TItem | undefined,
  work: (item: TItem) => Promise<void>,
): Promise<void> {
  const lane = async () => {
    for (let item = next(); item !== undefined; item = next()) await work(item);
  };
  await Promise.all(Array.from({ length: laneCount }, lane));
}

/** "image 2" before "image 10". */
const byName = new Intl.Collator(undefined, { numeric: true });

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : "Something failed in the browser.";
