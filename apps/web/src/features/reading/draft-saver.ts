import type { ArbitrationStep } from "@crossread/contracts/arbitration";
import type { Condition, MapRatingDraft, ReadingAnswers } from "@crossread/contracts/reading";

export interface DraftContent {
  readonly answers: ReadingAnswers;
  readonly mapRating: MapRatingDraft;
}

export interface StoredDraft extends DraftContent {
  readonly version: number;
}

export type SaveResult =
  { readonly ok: true; readonly version: number } | { readonly ok: false; readonly stored: StoredDraft };

export type SaveState =
  | { readonly kind: "saved" }
  | { readonly kind: "saving" }
  /** Kept in this browser, tried again. */
  | { readonly kind: "waiting"; readonly message: string }
  /** Somebody saved since: the stored draft stands beside ours until one is chosen. */
  | { readonly kind: "conflict"; readonly stored: StoredDraft };

interface DraftSaverState {
  readonly content: DraftContent;
  /** Version on the server that `content` builds on. */
  readonly version: number;
  readonly save: SaveState;
  /** The version that lost a conflict, until it is dropped. */
  readonly setAside: DraftContent | null;
}

export interface DraftSaverOptions {
  readonly key: { readonly assignmentId: string; readonly condition: Condition | ArbitrationStep };
  readonly stored: StoredDraft;
  readonly send: (draft: StoredDraft) => Promise<SaveResult>;
  /** Errors that no repetition mends, such as a locked reading; the draft is given up. */
  readonly isFinal: (error: unknown) => boolean;
  readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  readonly delayMs: number;
}

export interface DraftSaver {
  readonly getState: () => DraftSaverState;
  readonly subscribe: (listener: () => void) => () => void;
  readonly change: (content: DraftContent) => void;
  /** Resolves with the version under which the present content is stored; rejects where it cannot be stored now. */
  readonly flush: () => Promise<number>;
  /** The other version is set aside, never lost. */
  readonly resolveConflict: (choice: "mine" | "stored") => void;
  /** Puts the version that was set aside in the place of the present one, and that one aside. */
  readonly exchange: () => void;
  readonly dropAside: () => void;
}

const storageKey = (key: DraftSaverOptions["key"]) => `crossread.draft.${key.assignmentId}.${key.condition}`;
const longestDelayMs = 15_000;
const isSame = (a: DraftContent, b: DraftContent) =>
  JSON.stringify([a.answers, a.mapRating]) === JSON.stringify([b.answers, b.mapRating]);

/** Saves every change soon, one save at a time, and keeps a copy in the browser until the server has it. */
export function createDraftSaver(options: DraftSaverOptions): DraftSaver {
  const { storage, stored } = options;
  const name = storageKey(options.key);
  const listeners = new Set<() => void>();
  const asideName = `${name}.aside`;
  const kept = parseKept(storage.getItem(name));
  let acknowledged: DraftContent = stored;
  let state: DraftSaverState = {
    content: stored,
    version: stored.version,
    save: { kind: "saved" },
    setAside: parseKept(storage.getItem(asideName)) ?? null,
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | undefined;
  let failures = 0;

  if (kept !== undefined && !isSame(kept, stored)) {
    state = { ...state, content: kept, save: { kind: "saving" } };
    if (kept.version === stored.version) schedule(0);
    else state = { ...state, save: { kind: "conflict", stored } };
  }

  function set(change: Partial<DraftSaverState>) {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  }

  function schedule(delayMs: number) {
    clearTimeout(timer);
    timer = setTimeout(() => void run(), delayMs);
  }

  function run(): Promise<void> {
    return (running ??= saveOnce().finally(() => {
      running = undefined;
    }));
  }

  async function saveOnce(): Promise<void> {
    clearTimeout(timer);
    if (state.save.kind === "conflict" || isSame(state.content, acknowledged)) return;
    const { content, version } = state;
    set({ save: { kind: "saving" } });
    try {
      const result = await options.send({ ...content, version });
      failures = 0;
      if (!result.ok) return set({ save: { kind: "conflict", stored: result.stored } });
      acknowledged = content;
      const isDone = isSame(state.content, content);
      if (isDone) storage.removeItem(name);
      else keep(result.version);
      set({ version: result.version, save: { kind: isDone ? "saved" : "saving" } });
      if (!isDone) schedule(options.delayMs);
    } catch (error) {
      if (options.isFinal(error)) storage.removeItem(name);
      failures += 1;
      set({
        save: { kind: "waiting", message: error instanceof Error ? error.message : "The server is away." },
      });
      if (!options.isFinal(error)) schedule(Math.min(longestDelayMs, options.delayMs * 2 ** failures));
    }
  }

  function setAside({ answers, mapRating }: DraftContent) {
    const aside = { answers, mapRating };
    storage.setItem(asideName, JSON.stringify({ ...aside, version: state.version }));
    set({ setAside: aside });
  }

  function change(content: DraftContent) {
    const isConflict = state.save.kind === "conflict";
    set({ content, ...(isConflict ? {} : { save: { kind: "saving" as const } }) });
    keep(state.version);
    if (!isConflict) schedule(options.delayMs);
  }

  const keep = (version: number) => storage.setItem(name, JSON.stringify({ ...state.content, version }));

  return {
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    change,
    async flush() {
      while (!isSame(state.content, acknowledged)) {
        await run();
        if (state.save.kind === "conflict") throw new Error("Another version of this reading is stored.");
        if (state.save.kind === "waiting") throw new Error(state.save.message);
      }
      return state.version;
    },
    resolveConflict(choice) {
      if (state.save.kind !== "conflict") return;
      const theirs = state.save.stored;
      acknowledged = theirs;
      setAside(choice === "stored" ? state.content : theirs);
      if (choice === "stored") {
        storage.removeItem(name);
        return set({ content: theirs, version: theirs.version, save: { kind: "saved" } });
      }
      set({ version: theirs.version, save: { kind: "saving" } });
      keep(theirs.version);
      schedule(0);
    },
    exchange() {
      const aside = state.setAside;
      if (aside === null || state.save.kind === "conflict") return;
      setAside(state.content);
      change(aside);
    },
    dropAside() {
      storage.removeItem(asideName);
      set({ setAside: null });
    },
  };
}

/** The copy was written by this program; one that does not parse is as good as none. */
function parseKept(text: string | null): StoredDraft | undefined {
  if (text === null) return undefined;
  try {
    const value = JSON.parse(text) as Partial<StoredDraft> | null;
    if (value?.answers === undefined || value.mapRating === undefined || value.version === undefined) {
      return undefined;
    }
    return { answers: value.answers, mapRating: value.mapRating, version: value.version };
  } catch {
    return undefined;
  }
}
