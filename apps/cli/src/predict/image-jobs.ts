import { existsSync, statSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { DomainError } from "@crossread/contracts/errors";
import type { FileJob } from "./predict-files.ts";

/** The files, with all files below those that are directories, and where each one's map and overlay go. */
export async function imageJobs(
  paths: readonly string[],
  outputs: { readonly map?: string; readonly heatmap?: string },
): Promise<FileJob[]> {
  const files = (await Promise.all(paths.map((path) => filesBelow(path)))).flat();
  const maps = await targetFiles("--map", outputs.map, files);
  const heatmaps = await targetFiles("--heatmap", outputs.heatmap, files);
  return files.map((file, index) => {
    const map = maps?.[index];
    const heatmap = heatmaps?.[index];
    return {
      file,
      targets: { ...(map === undefined ? {} : { map }), ...(heatmap === undefined ? {} : { heatmap }) },
    };
  });
}

async function targetFiles(
  option: string,
  output: string | undefined,
  files: readonly string[],
): Promise<string[] | undefined> {
  if (output === undefined) return undefined;
  const isDirectory = output.endsWith("/") || (existsSync(output) && statSync(output).isDirectory());
  if (!isDirectory) {
    if (files.length !== 1) {
      throw new DomainError(
        "usage",
        `${option} takes a directory, written DIR/, for ${files.length} files; got ${output}.`,
      );
    }
    return [output];
  }
  await mkdir(output, { recursive: true });
  return distinctNames(files).map((name) => join(output, `${name}.png`));
}

export async function filesBelow(path: string): Promise<string[]> {
  if (!existsSync(path) || !statSync(path).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Base names without extension; the second of a name becomes name-2, and so on. */
export function distinctNames(files: readonly string[]): string[] {
  const taken = new Set<string>();
  return files.map((file) => {
    const stem = basename(file, extname(file));
    let name = stem;
    for (let copy = 2; taken.has(name); copy++) name = `${stem}-${copy}`;
    taken.add(name);
    return name;
  });
}
