import type { Command } from "commander";
import type { DatasetImage } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import { assertOneAcquisitionPerSite } from "@crossread/datasets/acquisition-check";
import type { Dataset } from "@crossread/datasets/dataset-directory";
import { findLeaks, type Leak } from "@crossread/datasets/duplicate-check";
import { printProgress } from "./output.ts";

export interface GuardOptions {
  readonly samePatient?: readonly string[];
  readonly allowLeaks?: boolean;
  readonly allowMixedAcquisition?: boolean;
}

export function addGuardOptions(command: Command): Command {
  return command
    .option(
      "--same-patient <A,B>",
      "two patient ids are one woman; may be repeated",
      (value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value],
    )
    .option("--allow-leaks", "train although copies of one image are in two splits or sites")
    .option("--allow-mixed-acquisition", "take film-digitised and digital images of one site together");
}

/** The dataset as the options want it seen: joined patients, one acquisition a site. */
export function guardDataset(dataset: Dataset, options: GuardOptions): Dataset {
  if (options.allowMixedAcquisition !== true) assertOneAcquisitionPerSite(dataset.manifest);
  const images = joinPatients(dataset.manifest.images, options.samePatient ?? []);
  return { ...dataset, manifest: { ...dataset.manifest, images } };
}

export function joinPatients(images: readonly DatasetImage[], pairs: readonly string[]): DatasetImage[] {
  const joined = new Map<string, string>();
  const known = new Set(images.map(({ subjectId }) => subjectId));
  for (const pair of pairs) {
    const [first, second, ...more] = pair.split(",").map((id) => id.trim());
    if (first === undefined || second === undefined || more.length > 0) {
      throw new DomainError("usage", `--same-patient takes two patient ids such as a,b, got "${pair}".`);
    }
    const stranger = [first, second].find((id) => !known.has(id));
    if (stranger !== undefined) {
      throw new DomainError(
        "usage",
        `--same-patient names ${stranger}, but the dataset has no such patient.`,
      );
    }
    const target = joined.get(first) ?? first;
    for (const [id, root] of joined) if (root === second) joined.set(id, target);
    joined.set(second, target);
  }
  return images.map((image) => {
    const subjectId = joined.get(image.subjectId);
    return subjectId === undefined ? image : { ...image, subjectId };
  });
}

export type Fingerprints = ReadonlyMap<string, Uint8Array>;

/** Copies of one image under two patients, and one patient at two sites: what a split may tear apart. */
export function findSharedImages(images: readonly DatasetImage[], fingerprints: Fingerprints): Leak[] {
  return findLeaks(
    images.map((image) => {
      const fingerprint = fingerprints.get(image.imageId);
      return {
        imageId: image.imageId,
        sha256: image.sha256,
        subjectId: image.subjectId,
        split: image.subjectId,
        siteId: image.siteId ?? "",
        ...(fingerprint === undefined ? {} : { fingerprint }),
      };
    }),
  );
}

export interface ImagePlace {
  readonly split: string;
  readonly siteId: string;
}

/** Pairs that the places tear apart; refused, or listed where leaks are allowed. */
export function guardPlaces(
  pairs: readonly Leak[],
  placeOf: (imageId: string) => ImagePlace | undefined,
  options: GuardOptions,
): Leak[] {
  const torn = pairs.filter(({ imageIds: [first, second] }) => {
    const [a, b] = [placeOf(first), placeOf(second)];
    return a !== undefined && b !== undefined && (a.split !== b.split || a.siteId !== b.siteId);
  });
  if (torn.length === 0) return torn;
  const named = torn
    .slice(0, 5)
    .map(({ imageIds }) => imageIds.join(" and "))
    .join("; ");
  const sentence = `${torn.length} ${torn.length === 1 ? "pair" : "pairs"} of copied images across splits or sites: ${named}${torn.length > 5 ? "; …" : ""}.`;
  if (options.allowLeaks !== true) {
    throw new DomainError(
      "cohort-contaminated",
      `The cohort has ${sentence} Say --same-patient A,B where they are one woman (crossread leaks shows whose images they are), or --allow-leaks.`,
      { details: { pairCount: torn.length } },
    );
  }
  printProgress(`Allowed all the same: ${sentence}`);
  return torn;
}
