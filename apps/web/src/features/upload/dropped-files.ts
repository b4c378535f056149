/** Everything that a person can choose files with, as one list: drops, folder and file pickers, kept handles. */
import type { FoundFiles, SkippedFile, SourceFile } from "./source-file.ts";
import { isZipName, type ZipListing } from "./zip-archive.ts";

export interface ChosenFile {
  readonly path: string;
  readonly file: File;
}

export interface Chosen {
  readonly files: readonly ChosenFile[];
  /** Of folders and files that can be read again later; empty where the browser does not give any. */
  readonly handles: readonly FileSystemHandle[];
}

type HandleItem = DataTransferItem & { getAsFileSystemHandle?: () => Promise<FileSystemHandle | null> };

export async function filesOfDrop(transfer: DataTransfer): Promise<Chosen> {
  // The list of items is emptied as soon as the event is over: all is taken before anything is awaited.
  const items = [...transfer.items].filter(({ kind }) => kind === "file") as HandleItem[];
  const handles = items.map(
    (item) => item.getAsFileSystemHandle?.().catch(() => null) ?? Promise.resolve(null),
  );
  const entries = items.map((item) => item.webkitGetAsEntry());
  const plain = items.map((item) => item.getAsFile());
  const files: ChosenFile[] = [];
  for (const [index, entry] of entries.entries()) {
    const file = plain[index];
    if (entry !== null) files.push(...(await filesOfEntry(entry)));
    else if (file !== null && file !== undefined) files.push({ path: file.name, file });
  }
  const given = await Promise.all(handles);
  return { files, handles: given.filter((handle) => handle !== null) };
}

async function filesOfEntry(entry: FileSystemEntry): Promise<ChosenFile[]> {
  if (entry.isFile) {
    const fileEntry = entry as FileSystemFileEntry;
    const file = await new Promise<File>((resolve, reject) => fileEntry.file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: ChosenFile[] = [];
  // A reader hands over its entries in batches until one is empty.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0) return files;
    for (const inner of batch) files.push(...(await filesOfEntry(inner)));
  }
}

export const filesOfPicker = (list: FileList | null): Chosen => ({
  files: [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file })),
  handles: [],
});

type ReadableHandle = FileSystemHandle & {
  requestPermission?: (descriptor: { mode: "read" }) => Promise<PermissionState>;
};

/** Asks the browser to read the same folder again; undefined where it or the person says no. */
export async function filesOfHandles(handles: readonly FileSystemHandle[]): Promise<Chosen | undefined> {
  const files: ChosenFile[] = [];
  for (const handle of handles as readonly ReadableHandle[]) {
    const permission = await handle.requestPermission?.({ mode: "read" }).catch(() => "denied" as const);
    if (permission !== "granted") return undefined;
    try {
      files.push(...(await filesOfHandle(handle, handle.name)));
    } catch {
      // Moved or deleted since: the person drops it again from where it is now.
      return undefined;
    }
  }
  return files.length === 0 ? undefined : { files, handles };
}

async function filesOfHandle(handle: FileSystemHandle, path: string): Promise<ChosenFile[]> {
  if (handle.kind === "file") return [{ path, file: await (handle as FileSystemFileHandle).getFile() }];
  const files: ChosenFile[] = [];
  const directory = handle as FileSystemDirectoryHandle & { values(): AsyncIterable<FileSystemHandle> };
  for await (const inner of directory.values()) {
    files.push(...(await filesOfHandle(inner, `${path}/${inner.name}`)));
  }
  return files;
}

/** Opens archives; a file stays a file. An archive that cannot be opened is left out with the reason. */
export async function expandArchives(
  chosen: readonly ChosenFile[],
  listZip: (archive: File) => Promise<ZipListing>,
): Promise<FoundFiles> {
  const files: SourceFile[] = [];
  const skipped: SkippedFile[] = [];
  for (const { file, path } of chosen) {
    if (!isZipName(path)) {
      files.push({
        path,
        sizeBytes: file.size,
        modifiedMs: file.lastModified,
        content: { kind: "file", file },
      });
      continue;
    }
    try {
      const listing = await listZip(file);
      skipped.push(...listing.skipped.map((one) => ({ ...one, path: `${path}/${one.path}` })));
      files.push(
        ...listing.entries.map(({ index, ...entry }) => ({
          ...entry,
          path: `${path}/${entry.path}`,
          content: { kind: "zip-entry" as const, archive: file, entryIndex: index },
        })),
      );
    } catch {
      skipped.push({ path, sizeBytes: file.size, reason: "It is no zip archive that can be opened." });
    }
  }
  return { files, skipped };
}
