import type { ArbitrationStep } from "@crossread/contracts/arbitration";
import type { Condition, MapRatingDraft, ReadingAnswers } from "@crossread/contracts/reading";
import { failureText } from "../../components/failure-text.ts";

export interface DraftContent {
  readonly answers: ReadingAnswers;
  readonly mapRating: MapRatingDraft;
}

export interface StoredDraft extends DraftContent {
  readonly version: number;
}

interface KeptDraft extends StoredDraft {
  readonly sent: readonly StoredDraft[];
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
  /** Says "online" when it is back; the window. */
  readonly network: Pick<EventTarget, "addEventListener" | "removeEventListener">;
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
const longestSentCount = 10;

/** The server's JSON comes back with its keys in another order. */
const sorted = (_key: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;
const textOf = ({ answers, mapRating }: DraftContent) => JSON.stringify([answers, mapRating], sorted);
const isSame = (a: DraftContent, b: DraftContent) => textOf(a) === textOf(b);

/** Saves every change soon, one save at a time, and keeps a copy in the browser until the server has it. */
export function createDraftSaver(options: DraftSaverOptions): DraftSaver {
  const { storage, stored } = options;
  const name = storageKey(options.key);
  const listeners = new Set<() => void>();
  const asideName = `${name}.aside`;
  const kept = parseKept(storage.getItem(name));
  const aside = parseKept(storage.getItem(asideName));
  let acknowledged: DraftContent = stored;
  /** Sent and not answered: the server may have stored one of them all the same. */
  let sent = kept?.sent ?? [];
  let state: DraftSaverState = {
    content: stored,
    version: stored.version,
    save: { kind: "saved" },
    setAside: aside === undefined ? null : { answers: aside.answers, mapRating: aside.mapRating },
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | undefined;
  let failures = 0;
  let isGivenUp = false;

  if (kept !== undefined && !isSame(kept, stored)) {
    const { answers, mapRating } = kept;
    state = { ...state, content: { answers, mapRating }, save: { kind: "saving" } };
    if (kept.version === stored.version || isOwn(stored)) schedule(0);
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
    const draft = { ...content, version };
    set({ save: { kind: "saving" } });
    sent = [...sent.filter((earlier) => !isSame(earlier, draft)), draft].slice(-longestSentCount);
    keep(version);
    try {
      const result = await options.send(draft);
      failures = 0;
      if (!result.ok) {
        if (!isOwn(result.stored)) return set({ save: { kind: "conflict", stored: result.stored } });
        sent = [];
        acknowledged = result.stored;
        set({ version: result.stored.version });
        return schedule(0);
      }
      sent = [];
      acknowledged = content;
      const isDone = isSame(state.content, content);
      if (isDone) storage.removeItem(name);
      else keep(result.version);
      set({ version: result.version, save: { kind: isDone ? "saved" : "saving" } });
      if (!isDone) schedule(options.delayMs);
    } catch (error) {
      isGivenUp = options.isFinal(error);
      if (isGivenUp) storage.removeItem(name);
      failures += 1;
      set({
        save: {
          kind: "waiting",
          message: error instanceof Error ? failureText(error) : "The server is away.",
        },
      });
      if (!isGivenUp) schedule(Math.min(longestDelayMs, options.delayMs * 2 ** failures));
    }
  }

  /** Whether the stored version is one of ours whose answer never came. */
  function isOwn(other: StoredDraft): boolean {
    return sent.some((draft) => other.version === draft.version + 1 && isSame(other, draft));
  }

  function setAside({ answers, mapRating }: DraftContent) {
    storage.setItem(asideName, JSON.stringify({ answers, mapRating, version: state.version }));
    set({ setAside: { answers, mapRating } });
  }

  function change(content: DraftContent) {
    const isConflict = state.save.kind === "conflict";
    set({ content, ...(isConflict ? {} : { save: { kind: "saving" as const } }) });
    keep(state.version);
    if (!isConflict) schedule(options.delayMs);
  }

  function keep(version: number) {
    storage.setItem(name, JSON.stringify({ ...state.content, version, sent }));
  }

  const handleOnline = () => {
    if (state.save.kind === "waiting" && !isGivenUp) schedule(0);
  };

  return {
    getState: () => state,
    subscribe(listener) {
      if (listeners.size === 0) options.network.addEventListener("online", handleOnline);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) options.network.removeEventListener("online", handleOnline);
      };
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
      const other = state.setAside;
      if (other === null || state.save.kind === "conflict") return;
      setAside(state.content);
      change(other);
    },
    dropAside() {
      storage.removeItem(asideName);
      set({ setAside: null });
    },
  };
}

/** The copy was written by this program; one that does not parse is as good as none. */
function parseKept(text: string | null): KeptDraft | undefined {
  if (text === null) return undefined;
  try {
    const value = JSON.parse(text) as Partial<KeptDraft> | null;
    if (value?.answers === undefined || value.mapRating === undefined || value.version === undefined) {
      return undefined;
    }
    const { answers, mapRating, sent, version } = value;
    return { answers, mapRating, version, sent: sent ?? [] };
  } catch {
    return undefined;
  }
}
