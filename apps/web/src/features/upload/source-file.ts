/** A file that a person chose, wherever it lies: on disk, or inside a zip archive on disk. */
export interface SourceFile {
  /** For this screen only; paths and names never leave the browser. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly content:
    | { readonly kind: "file"; readonly file: File }
    | { readonly kind: "zip-entry"; readonly archive: File; readonly entryIndex: number };
}

/** A file that is left out before anything of it is read. */
export interface SkippedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly reason: string;
}

export interface FoundFiles {
  readonly files: readonly SourceFile[];
  readonly skipped: readonly SkippedFile[];
}

/** What makes a file the same one after the page was closed: a digest, so that no path is kept. */
export async function journalKeyOf(source: SourceFile): Promise<string> {
  const text = JSON.stringify([source.path, source.sizeBytes, source.modifiedMs]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return toHex(new Uint8Array(digest));
}

export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
