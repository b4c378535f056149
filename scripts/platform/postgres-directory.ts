import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Run by root, PostgreSQL belongs to another user, who cannot enter a checkout inside a private home directory: the
 * database then lives under /var/lib.
 */
export function postgresDirectory(dataDirectory: string): string {
  const inside = join(dataDirectory, "postgres");
  if (process.getuid?.() !== 0 || isOpenToOthers(dataDirectory)) return inside;
  const name = createHash("sha256").update(dataDirectory).digest("hex").slice(0, 12);
  return join("/var/lib/crossread", name, "postgres");
}

/** True where every user can enter the directory. */
export function isOpenToOthers(directory: string): boolean {
  for (let path = directory; ; path = dirname(path)) {
    if (existsSync(path) && (statSync(path).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}
