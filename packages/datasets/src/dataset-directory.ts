import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import {
  datasetManifestSchema,
  type DatasetImage,
  type DatasetManifest,
} from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import { manifestFileName } from "./dataset-directory-writing.ts";

export interface Dataset {
  readonly directory: string;
  readonly manifest: DatasetManifest;
}

export interface ReadDatasetOptions {
  /** "presence" (default) looks whether every file is there; "digest" also recomputes its sha256. */
  readonly check?: "presence" | "digest";
}

export async function readDataset(directory: string, options: ReadDatasetOptions = {}): Promise<Dataset> {
  if (!(await isDirectory(directory))) {
    throw new DomainError("directory-missing", `There is no directory ${directory}.`);
  }
  const manifest = parseManifest(await readManifestText(directory), join(directory, manifestFileName));
  assertConsistent(manifest.images, directory);
  const dataset = { directory, manifest };
  for (const image of manifest.images) await assertFile(dataset, image, options.check ?? "presence");
  return dataset;
}

export function imagePath(dataset: Dataset, image: DatasetImage): string {
  return join(dataset.directory, ...image.file.split("/"));
}

async function readManifestText(directory: string): Promise<string> {
  try {
    return await readFile(join(directory, manifestFileName), "utf8");
  } catch (cause) {
    throw new DomainError("file-missing", `A dataset has a ${manifestFileName}, but ${directory} has none.`, {
      cause,
    });
  }
}

function parseManifest(text: string, path: string): DatasetManifest {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new DomainError("dataset-invalid", `${path} is not valid JSON.`, { cause });
  }
  const result = datasetManifestSchema.safeParse(content);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? "the top level" : issue.path.join(".");
  throw new DomainError(
    "dataset-invalid",
    `${path} is no dataset manifest: ${issue?.message ?? "invalid"} at ${place}.`,
    {
      cause: result.error,
    },
  );
}

function assertConsistent(images: readonly DatasetImage[], directory: string): void {
  const seen = new Set<string>();
  for (const { imageId, file } of images) {
    if (seen.has(imageId)) {
      throw new DomainError(
        "dataset-invalid",
        `Image ids are unique, but ${directory} lists ${imageId} twice.`,
      );
    }
    seen.add(imageId);
    const parts = file.split("/");
    const isInside = parts.every(
      (part) => part !== "" && part !== "." && part !== ".." && !/[\\:\0]/.test(part),
    );
    if (!isInside) {
      throw new DomainError(
        "dataset-invalid",
        `Image files lie inside the dataset, but ${imageId} names "${file}".`,
      );
    }
  }
}

async function assertFile(
  dataset: Dataset,
  image: DatasetImage,
  check: "presence" | "digest",
): Promise<void> {
  const path = imagePath(dataset, image);
  try {
    if (!(await stat(path)).isFile()) throw new Error("not a plain file");
  } catch (cause) {
    throw new DomainError(
      "file-missing",
      `${image.imageId} should be in ${path}, but there is no such file.`,
      { cause },
    );
  }
  if (check === "presence") return;
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  const digest = hash.digest("hex");
  if (digest !== image.sha256) {
    throw new DomainError(
      "blob-digest-mismatch",
      `${path} has sha256 ${digest}, but the manifest says ${image.sha256}.`,
    );
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
