import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat, type FileHandle } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { DomainError, isDomainError } from "@crossread/contracts/errors";
import { assertKey, assertPrefix, blobMissing, ofSize, type ObjectStore } from "./object-store.ts";

/** No key has a segment that starts with a dot, so nothing here is ever listed or read as a blob. */
const temporaryFolder = ".incoming";

/** Blobs as files under one directory, which is created when first written to. */
export function createFileObjectStore(directory: string): ObjectStore {
  const rootDirectory = resolve(directory);
  const pathOf = (key: string) => {
    assertKey(key);
    return join(rootDirectory, ...key.split("/"));
  };

  return {
    async put(key, bytes) {
      const path = pathOf(key);
      await translating(key, () => writeAtomically(rootDirectory, path, [bytes]));
    },
    async putStream(key, pieces, sizeBytes) {
      const path = pathOf(key);
      await translating(key, () => writeAtomically(rootDirectory, path, ofSize(key, pieces, sizeBytes)));
    },
    async get(key) {
      const path = pathOf(key);
      return translating(key, async () => {
        const { buffer, byteLength, byteOffset } = await readFile(path);
        return new Uint8Array(buffer, byteOffset, byteLength);
      });
    },
    async has(key) {
      const path = pathOf(key);
      return translating(key, async () => {
        try {
          return (await stat(path)).isFile();
        } catch (error) {
          if (isAbsent(error)) return false;
          throw error;
        }
      });
    },
    async delete(key) {
      const path = pathOf(key);
      await translating(key, async () => {
        try {
          await rm(path);
        } catch (error) {
          // A folder of other keys is no blob of this key.
          if (!isAbsent(error) && !hasCode(error, "ERR_FS_EISDIR")) throw error;
          return;
        }
        await removeEmptyFolders(rootDirectory, dirname(path));
      });
    },
    async list(prefix) {
      assertPrefix(prefix);
      const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
      const keys = await translating(prefix, () => keysUnder(rootDirectory, folder));
      return keys.filter((key) => key.startsWith(prefix)).toSorted();
    },
  };
}

/** Written aside, forced to disk and renamed: a crash leaves the old blob or the new one. */
async function writeAtomically(
  rootDirectory: string,
  path: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  // A key that collides with another one is refused before its bytes are taken.
  await makeFolder(dirname(path));
  const { file, path: temporary } = await openTemporary(join(rootDirectory, temporaryFolder));
  try {
    try {
      for await (const piece of pieces) await writeWhole(file, piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await renameIntoFolder(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes new names durable. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const directory = await open(folder, "r");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch (error) {
    // Deleted by somebody else already: there is nothing left to make durable.
    if (!isAbsent(error)) throw error;
  }
}

/** The folder is there but for the first time. */
async function openTemporary(folder: string): Promise<{ file: FileHandle; path: string }> {
  const path = join(folder, randomUUID());
  try {
    return { file: await open(path, "wx"), path };
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    await mkdir(folder, { recursive: true });
    return { file: await open(path, "wx"), path };
  }
}

/** In one go where the system takes it: `writeFile` goes half a megabyte at a time. */
async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let offset = 0;
  while (offset < bytes.length) offset += (await file.write(bytes, offset)).bytesWritten;
}

/** Who takes away an empty folder above at the same moment is met again when the blob is renamed into it. */
async function makeFolder(folder: string): Promise<void> {
  try {
    const topmost = await mkdir(folder, { recursive: true });
    if (topmost === undefined) return;
    // A new folder is an entry of the one above, which has to last as well; the lowest is synced with its file.
    for (let at = folder; at.length > topmost.length; at = dirname(at)) await syncFolder(dirname(at));
    await syncFolder(dirname(topmost));
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

const folderAttempts = 100;

/** Whoever deletes the last blob of a folder takes the folder away, even between its making and the renaming. */
async function renameIntoFolder(temporary: string, path: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      // The folder is nearly always there: it is made when it is missed.
      if (attempt > 1) await makeFolder(dirname(path));
      return await rename(temporary, path);
    } catch (error) {
      if (!hasCode(error, "ENOENT") || attempt === folderAttempts) throw error;
    }
  }
}

/** From the folder up to the root, which stays; the file system removes none that somebody has put a blob into. */
async function removeEmptyFolders(rootDirectory: string, folder: string): Promise<void> {
  for (let at = folder; at !== rootDirectory && at.startsWith(rootDirectory); at = dirname(at)) {
    try {
      await rmdir(at);
    } catch (error) {
      // Tidiness only: a folder that stays is in nobody's way.
      if (!hasCode(error, "ENOENT")) return;
    }
  }
}

/** Keys below a folder ("" or ending in a slash); what vanishes meanwhile is left out. */
async function keysUnder(rootDirectory: string, folder: string): Promise<string[]> {
  try {
    const entries = await readdir(join(rootDirectory, folder), { withFileTypes: true });
    const nested = await Promise.all(
      entries
        .filter(({ name }) => !name.startsWith("."))
        .map(async (entry) => {
          if (entry.isDirectory()) return keysUnder(rootDirectory, `${folder}${entry.name}/`);
          return entry.isFile() ? [`${folder}${entry.name}`] : [];
        }),
    );
    return nested.flat();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

async function translating<TResult>(key: string, run: () => Promise<TResult>): Promise<TResult> {
  try {
    return await run();
  } catch (error) {
    if (isDomainError(error)) throw error;
    if (isAbsent(error)) throw blobMissing(key, error);
    if (hasCode(error, "EISDIR") || hasCode(error, "EEXIST") || hasCode(error, "ENOTEMPTY")) {
      throw new DomainError("conflict", `Blob ${key} collides with a folder of other blobs.`, {
        cause: error,
      });
    }
    throw new DomainError("storage-unavailable", `Blob ${key} cannot be reached on the file system.`, {
      cause: error,
    });
  }
}

function isAbsent(error: unknown): boolean {
  return hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR");
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
