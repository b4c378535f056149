import { readFile } from "node:fs/promises";
import type { DatasetImage } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import type { Split } from "@crossread/contracts/split";
import { assertOneAcquisitionPerSite } from "@crossread/datasets/acquisition-check";
import { cohortDigest } from "@crossread/datasets/cohort-digest";
import type { Dataset } from "@crossread/datasets/dataset-directory";
import type { Leak } from "@crossread/datasets/duplicate-check";
import { fingerprintImage } from "@crossread/datasets/image-fingerprint";
import { assignSites } from "@crossread/datasets/site-assignment";
import { splitBySubject } from "@crossread/datasets/subject-split";
import type { ModelConfig } from "@crossread/model/config";
import type { Example } from "@crossread/model/example";
import { z } from "zod";
import { findSharedImages, guardPlaces, type GuardOptions } from "./cohort-guard.ts";
import { loadExamples } from "./dataset-examples.ts";

export interface SiteCohort {
  readonly siteId: string;
  readonly splits: Readonly<Record<"train" | "tuning" | "internal-test", readonly Example[]>>;
}

export interface Federation {
  readonly sites: readonly SiteCohort[];
  readonly cohortDigest: string;
  /** Copied images in two splits or sites; empty unless they are allowed. */
  readonly leaks: readonly Leak[];
}

export const splitFractions = { train: 0.7, tuning: 0.1, "internal-test": 0.2 } as const;

/** Sites, patient-level splits and preprocessed examples of a dataset; deterministic by seed. */
export async function loadFederation(options: {
  dataset: Dataset;
  /** Number of sites, or a JSON file { siteId: [subjectId, …] }. */
  sites: string;
  config: ModelConfig;
  seed: number;
  guard: GuardOptions;
}): Promise<Federation> {
  const { config, dataset, seed } = options;
  const images = await placeImages(dataset.manifest.images, options);
  const splits = splitBySubject({ images, seed, fractions: splitFractions });
  if (options.guard.allowMixedAcquisition !== true) {
    assertOneAcquisitionPerSite({ ...dataset.manifest, images });
  }
  const fingerprints = new Map<string, Uint8Array>();
  const examples = await loadExamples(dataset.directory, images, config, (imageId, gray) =>
    fingerprints.set(imageId, fingerprintImage(gray)),
  );
  const imageOf = new Map(images.map((image) => [image.imageId, image]));
  const leaks = guardPlaces(
    findSharedImages(images, fingerprints),
    (imageId) => {
      const image = imageOf.get(imageId);
      const split = image === undefined ? undefined : splits.get(image.subjectId);
      return image === undefined || split === undefined ? undefined : { split, siteId: siteOf(image) };
    },
    options.guard,
  );
  const siteIds = [...new Set(images.map(siteOf))].sort();
  const sites = siteIds.map((siteId) => {
    const inSplit = (split: Split) =>
      examples.filter((_, index) => {
        const image = images[index];
        return image !== undefined && siteOf(image) === siteId && splits.get(image.subjectId) === split;
      });
    return {
      siteId,
      splits: {
        train: inSplit("train"),
        tuning: inSplit("tuning"),
        "internal-test": inSplit("internal-test"),
      },
    };
  });
  const digest = cohortDigest(
    images.map((image) => ({
      siteId: siteOf(image),
      subjectId: image.subjectId,
      imageId: image.imageId,
      sha256: image.sha256,
      split: splits.get(image.subjectId) ?? "train",
      label: image.label,
    })),
  );
  return { sites, cohortDigest: digest, leaks };
}

const siteOf = (image: DatasetImage): string => image.siteId ?? "";

async function placeImages(
  images: readonly DatasetImage[],
  options: { sites: string; seed: number },
): Promise<DatasetImage[]> {
  const siteCount = Number(options.sites);
  if (!Number.isInteger(siteCount)) return placeByFile(images, options.sites);
  if (siteCount < 1)
    throw new DomainError("plan-invalid", `A federation needs at least 1 site, got ${siteCount}.`);
  if (images.every((image) => image.siteId === undefined)) {
    return assignSites({ images, siteCount, seed: options.seed });
  }
  const named = new Set(images.map((image) => image.siteId));
  if (named.size !== siteCount) {
    throw new DomainError(
      "plan-invalid",
      `The dataset names ${named.size} sites itself, but --sites asks for ${siteCount}.`,
    );
  }
  return [...images];
}

const siteFileSchema = z.record(z.string().min(1), z.array(z.string().min(1)).min(1));

async function placeByFile(images: readonly DatasetImage[], file: string): Promise<DatasetImage[]> {
  const parsed = siteFileSchema.safeParse(await readJson(file));
  if (!parsed.success) {
    throw new DomainError("dataset-invalid", `${file} must be JSON of the form { siteId: [subjectId, …] }.`);
  }
  const siteBySubject = new Map<string, string>();
  for (const [siteId, subjectIds] of Object.entries(parsed.data)) {
    for (const subjectId of subjectIds) {
      const other = siteBySubject.get(subjectId);
      if (other !== undefined) {
        throw new DomainError(
          "dataset-invalid",
          `${file} puts patient ${subjectId} at ${other} and at ${siteId}.`,
        );
      }
      siteBySubject.set(subjectId, siteId);
    }
  }
  const placed = images.flatMap((image) => {
    const siteId = siteBySubject.get(image.subjectId);
    return siteId === undefined ? [] : [{ ...image, siteId }];
  });
  if (placed.length === 0) {
    throw new DomainError("dataset-invalid", `${file} names no patient of the dataset.`);
  }
  return placed;
}

async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new DomainError(
      "file-missing",
      `--sites takes a number or a JSON file; there is no file ${file}.`,
      { cause },
    );
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new DomainError("dataset-invalid", `${file} is not JSON.`, { cause });
  }
}
