/**
 * Drafts on disk. The browser writes localStorage there seconds later; a killed browser forgets those seconds. A
 * transaction of IndexedDB is written when it completes. localStorage stays the copy that is read while a page is open.
 */
export interface DraftStorage extends Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  /** Makes localStorage what the journal says; call it before drafts are read. */
  readonly restore: () => Promise<void>;
}

const databaseName = "crossread.drafts";
const storeName = "drafts";
const isDraft = (name: string) => name.startsWith("crossread.draft.");
const isKept = (name: string) => isDraft(name) || name.startsWith("crossread.clock.");

export function createDraftStorage(options: {
  readonly local: Storage;
  /** Undefined where the browser has none, as in some private windows. */
  readonly factory: IDBFactory | undefined;
}): DraftStorage {
  const { local, factory } = options;
  let opened: Promise<IDBDatabase | undefined> | undefined;
  const database = () => (opened ??= factory === undefined ? Promise.resolve(undefined) : open(factory));

  /** Failing to write is no reason to stop reading: localStorage has the draft, and the server soon. */
  function write(change: (drafts: IDBObjectStore) => void, durability: IDBTransactionDurability) {
    void database().then((db) => {
      if (db === undefined) return;
      try {
        const transaction = db.transaction(storeName, "readwrite", { durability });
        change(transaction.objectStore(storeName));
        transaction.commit();
      } catch {
        // Closed by the browser, or full.
        opened = undefined;
      }
    });
  }

  return {
    getItem: (name) => local.getItem(name),
    setItem(name, value) {
      local.setItem(name, value);
      write((drafts) => drafts.put(value, name), isDraft(name) ? "strict" : "relaxed");
    },
    removeItem(name) {
      local.removeItem(name);
      write((drafts) => drafts.delete(name), "strict");
    },
    async restore() {
      const db = await database();
      if (db === undefined) return;
      const journal = await readAll(db).catch(() => undefined);
      if (journal === undefined) return;
      const names = Array.from({ length: local.length }, (_, index) => local.key(index) ?? "");
      // What was removed moments before the browser was killed may still be there.
      for (const name of names) if (isKept(name) && !journal.has(name)) local.removeItem(name);
      for (const [name, value] of journal) local.setItem(name, value);
    },
  };
}

function open(factory: IDBFactory): Promise<IDBDatabase | undefined> {
  return new Promise((resolve) => {
    const request = factory.open(databaseName, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(storeName);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(undefined);
    request.onblocked = () => resolve(undefined);
  });
}

function readAll(db: IDBDatabase): Promise<Map<string, string>> {
  return new Promise((resolve, reject) => {
    const found = new Map<string, string>();
    const request = db.transaction(storeName).objectStore(storeName).openCursor();
    request.onerror = () => reject(request.error ?? new Error("The journal cannot be read."));
    request.onsuccess = () => {
      const cursor = request.result;
      if (cursor === null) return resolve(found);
      const { key, value }: { key: unknown; value: unknown } = cursor;
      if (typeof key === "string" && typeof value === "string") found.set(key, value);
      cursor.continue();
    };
  });
}
