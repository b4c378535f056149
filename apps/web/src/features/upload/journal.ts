/**
 * What this browser remembers of uploads that were not finished: which files were sent, as digests, and where the
 * browser allows it a handle of the chosen folder. Nothing of it leaves the browser.
 */
export interface JournalSession {
  readonly uploadId: string;
  readonly siteId: string;
  readonly profile: string;
  readonly fileCount: number;
  readonly updatedMs: number;
  /** Chromium only: continues after a reload without choosing the folder again. */
  readonly handles: readonly FileSystemHandle[];
}

export interface Journal {
  sessions(): Promise<JournalSession[]>;
  saveSession(session: JournalSession): Promise<void>;
  /** Digests of what was sent, by journal key. */
  sentFiles(uploadId: string): Promise<Map<string, string>>;
  saveSent(uploadId: string, journalKey: string, sha256: string): Promise<void>;
  forget(uploadId: string): Promise<void>;
}

const databaseName = "crossread-uploads";

export async function openJournal(factory: IDBFactory): Promise<Journal> {
  const db = await openDatabase(factory);
  const store = (name: "sessions" | "files", mode: IDBTransactionMode) =>
    db.transaction(name, mode).objectStore(name);
  return {
    sessions: async () => done<JournalSession[]>(store("sessions", "readonly").getAll()),
    saveSession: async (session) => void (await done(store("sessions", "readwrite").put(session))),
    async sentFiles(uploadId) {
      const rows = await done<SentRow[]>(store("files", "readonly").getAll(rangeOf(uploadId)));
      return new Map(rows.map(({ journalKey, sha256 }) => [journalKey, sha256]));
    },
    saveSent: async (uploadId, journalKey, sha256) =>
      void (await done(store("files", "readwrite").put({ uploadId, journalKey, sha256 } satisfies SentRow))),
    async forget(uploadId) {
      await done(store("files", "readwrite").delete(rangeOf(uploadId)));
      await done(store("sessions", "readwrite").delete(uploadId));
    },
  };
}

interface SentRow {
  readonly uploadId: string;
  readonly journalKey: string;
  readonly sha256: string;
}

const rangeOf = (uploadId: string): IDBKeyRange => IDBKeyRange.bound([uploadId, ""], [uploadId, "\uffff"]);

function openDatabase(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open(databaseName, 1);
  request.addEventListener("upgradeneeded", () => {
    request.result.createObjectStore("sessions", { keyPath: "uploadId" });
    request.result.createObjectStore("files", { keyPath: ["uploadId", "journalKey"] });
  });
  return done(request);
}

function done<TResult>(request: IDBRequest<TResult>): Promise<TResult> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () =>
      reject(request.error ?? new Error("The browser's storage failed.")),
    );
  });
}
