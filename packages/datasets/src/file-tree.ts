import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DomainError } from "@crossread/contracts/errors";

const maxFileCount = 500_000;
const maxDepth = 12;

/** Every plain file below a directory, relative, with forward slashes, in order; links are not followed. */
export async function listFileTree(directory: string): Promise<string[]> {
  if (!(await isDirectory(directory))) {
    throw new DomainError("directory-missing", `There is no directory ${directory}.`);
  }
  const files: string[] = [];
  const open: { path: string; depth: number }[] = [{ path: "", depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const entry of await readdir(join(directory, next.path), { withFileTypes: true })) {
      const path = next.path === "" ? entry.name : `${next.path}/${entry.name}`;
      if (entry.isDirectory() && next.depth < maxDepth) open.push({ path, depth: next.depth + 1 });
      if (entry.isFile()) files.push(path);
      if (files.length > maxFileCount) {
        throw new DomainError(
          "dataset-invalid",
          `At most ${maxFileCount} files are looked through, but ${directory} has more.`,
        );
      }
    }
  }
  return files.sort();
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
