/** Zip archives as folders: read entry by entry from disk, never unpacked whole. */
import { BlobReader, configure, type FileEntry, type Entry, ZipReader } from "@zip.js/zip.js";
import type { SkippedFile } from "./source-file.ts";
import { uploadLimits } from "@crossread/contracts/upload";

// Decompression runs in our own workers already.
configure({ useWebWorkers: false });

const maxEntries = 100_000;
/** Deflate cannot shrink a mammogram to a hundredth; what claims to is made to fill the disk. */
const largestRatio = 200;
const ratioMattersFromBytes = 4 * 1024 * 1024;

export interface ZipListing {
  readonly entries: readonly {
    readonly index: number;
    readonly path: string;
    readonly sizeBytes: number;
    readonly modifiedMs: number;
  }[];
  readonly skipped: readonly SkippedFile[];
}

export const isZipName = (path: string): boolean => /\.zip$/i.test(path);

/** Names and sizes from the archive's directory; nothing is decompressed. */
export async function listZip(archive: Blob): Promise<ZipListing> {
  const entries = await readEntries(archive);
  const skipped: SkippedFile[] = [];
  const kept: { index: number; path: string; sizeBytes: number; modifiedMs: number }[] = [];
  for (const [index, entry] of entries.entries()) {
    if (entry.directory) continue;
    const { filename: path, uncompressedSize: sizeBytes } = entry;
    const reason = refusalOf(entry);
    if (reason === undefined) kept.push({ index, path, sizeBytes, modifiedMs: entry.lastModDate.getTime() });
    else skipped.push({ path, sizeBytes, reason });
  }
  return { entries: kept, skipped };
}

/** One file of the archive; stops as soon as more comes out than the directory says. */
export async function readZipEntry(archive: Blob, entryIndex: number): Promise<Uint8Array<ArrayBuffer>> {
  const entry = (await entriesOf(archive))[entryIndex];
  if (entry === undefined || entry.directory) throw new Error("The archive has changed since it was listed.");
  const bytes = new Uint8Array(entry.uncompressedSize);
  let filled = 0;
  const sink = new WritableStream<Uint8Array>({
    write(piece) {
      if (filled + piece.length > bytes.length) throw new Error("The archive holds more than it says.");
      bytes.set(piece, filled);
      filled += piece.length;
    },
  });
  await (entry as FileEntry).getData(sink, { checkSignature: true });
  if (filled !== bytes.length) throw new Error("The archive holds less than it says.");
  return bytes;
}

function refusalOf(entry: Entry): string | undefined {
  const { compressedSize, filename, uncompressedSize } = entry;
  if (isUnsafePath(filename)) return "Its path leads out of the archive.";
  if (entry.encrypted) return "It is encrypted; unpack the archive and choose the folder.";
  if (isZipName(filename)) return "Archives inside archives are not opened; unpack it and choose the folder.";
  if (uncompressedSize > uploadLimits.fileBytes) {
    return `It would unpack to more than ${uploadLimits.fileBytes / 2 ** 20} MiB.`;
  }
  if (uncompressedSize > ratioMattersFromBytes && uncompressedSize > largestRatio * compressedSize) {
    return `It would unpack to more than ${largestRatio} times its size, as archives do that are made to fill a disk.`;
  }
  return undefined;
}

const isUnsafePath = (path: string): boolean =>
  path.includes("\0") ||
  path.includes("\\") ||
  /^([A-Za-z]:|\/)/.test(path) ||
  path.split("/").includes("..");

const opened = new WeakMap<Blob, Promise<Entry[]>>();

function entriesOf(archive: Blob): Promise<Entry[]> {
  const known = opened.get(archive);
  if (known !== undefined) return known;
  const entries = readEntries(archive);
  opened.set(archive, entries);
  return entries;
}

async function readEntries(archive: Blob): Promise<Entry[]> {
  const reader = new ZipReader(new BlobReader(archive), { filenameValidation: "tolerant" });
  const entries: Entry[] = [];
  for await (const entry of reader.getEntriesGenerator()) {
    entries.push(entry);
    if (entries.length > maxEntries) throw new Error(`An archive may hold at most ${maxEntries} files.`);
  }
  return entries;
}
