import { createHash, type Hash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const sourceFolders = ["apps/web", "packages", "prisma"];
/** What the build itself writes is no source: it would make each first build look stale to the second start. */
const skippedNames = new Set(["node_modules", ".next", "next-env.d.ts", "golden", "e2e", ".turbo"]);

/** Hexadecimal digest of everything that the web application is built from. */
export async function sourceDigest(root: string): Promise<string> {
  const digest = createHash("sha256").update(await readFile(join(root, "package-lock.json")));
  for (const folder of sourceFolders) await addFolder(digest, join(root, folder));
  return digest.digest("hex");
}

async function addFolder(digest: Hash, folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (skippedNames.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await addFolder(digest, path);
    else if (!/\.(test|spec)\.tsx?$/.test(entry.name)) digest.update(path).update(await readFile(path));
  }
}
