/** What was acknowledged already, one line a file, so that a command that was broken off goes on where it stopped. */
import { createHash, createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";

export interface SentJournal {
  has(entry: string): boolean;
  /** Written before the command goes on. */
  add(entries: readonly string[]): Promise<void>;
}

export async function openJournal(path: string): Promise<SentJournal> {
  const known = new Set<string>();
  if (existsSync(path)) {
    for (const line of (await readFile(path, "utf8")).split("\n")) if (line !== "") known.add(line);
  } else {
    await mkdir(dirname(path), { recursive: true });
  }
  return {
    has: (entry) => known.has(entry),
    async add(entries) {
      for (const entry of entries) known.add(entry);
      // Only the owner reads it: it says which files were sent where.
      await appendFile(path, entries.map((entry) => `${entry}\n`).join(""), { mode: 0o600 });
    },
  };
}

/** Of the file as it lies there and of how it is sent; keyed, so that the journal tells nobody which file it was. */
export function journalEntry(bytes: Uint8Array, key: Uint8Array, how: string): string {
  const digest = createHash("sha256").update(bytes).digest();
  return createHmac("sha256", key).update(how).update(digest).digest("hex");
}
