import { randomUUID } from "node:crypto";
import { access, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { datasetManifestSchema, type DatasetManifest } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";

export const manifestFileName = "dataset.json";

/** Builds a dataset beside its final place and swaps it in when complete: readers see the old one or the new one. */
export async function replaceDatasetDirectory<TResult>(
  directory: string,
  build: (target: string) => Promise<TResult>,
): Promise<TResult> {
  const final = resolve(directory);
  await assertReplaceable(final);
  const suffix = randomUUID();
  const target = join(dirname(final), `.${basename(final)}.new-${suffix}`);
  const retired = join(dirname(final), `.${basename(final)}.old-${suffix}`);
  await mkdir(target, { recursive: true });
  try {
    const result = await build(target);
    const hadOld = await exists(final);
    if (hadOld) await rename(final, retired);
    try {
      await rename(target, final);
    } catch (error) {
      if (hadOld) await rename(retired, final);
      throw error;
    }
    await rm(retired, { recursive: true, force: true });
    return result;
  } finally {
    await rm(target, { recursive: true, force: true });
  }
}

export async function writeManifest(directory: string, manifest: DatasetManifest): Promise<void> {
  const valid = datasetManifestSchema.parse(manifest);
  await writeFile(join(directory, manifestFileName), `${JSON.stringify(valid, null, 2)}\n`);
}

/** Absent, empty, or a dataset: anything else might be somebody's work. */
async function assertReplaceable(directory: string): Promise<void> {
  if (!(await exists(directory))) return;
  if (!(await stat(directory)).isDirectory()) {
    throw new DomainError("dataset-invalid", `A dataset is a directory, but ${directory} is a file.`);
  }
  const names = await readdir(directory);
  if (names.length > 0 && !names.includes(manifestFileName)) {
    throw new DomainError(
      "dataset-invalid",
      `Only an empty directory or an earlier dataset is overwritten, but ${directory} has ${names.length} entries and no ${manifestFileName}.`,
    );
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
