import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DatasetImage, DatasetManifest } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import { writeMammogram } from "@crossread/dicom/write-mammogram";
import { replaceDatasetDirectory, writeManifest } from "./dataset-directory-writing.ts";
import type { ImageFrame } from "./phantom-breast.ts";
import { generatePhantomSite } from "./phantom-cohort.ts";
import type { PhantomStudy } from "./phantom-study.ts";

export interface PhantomDatasetOptions {
  readonly siteCount: number;
  /** Subjects per site, four images each. */
  readonly caseCount: number;
  readonly seed: number;
  readonly malignantFraction?: number;
  readonly benignFraction?: number;
  readonly difficulty?: number;
  readonly frame?: ImageFrame;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/** Writes DIR/dataset.json and DIR/site-N/SUBJECT/R-CC.dcm …; the same options give the same bytes. */
export async function writePhantom(
  directory: string,
  options: PhantomDatasetOptions,
): Promise<DatasetManifest> {
  const { siteCount, onProgress, ...siteOptions } = options;
  if (!Number.isSafeInteger(siteCount) || siteCount < 1) {
    throw new DomainError("plan-invalid", `A phantom needs at least 1 site, got ${siteCount}.`);
  }
  const sites = Array.from({ length: siteCount }, (_, siteIndex) =>
    generatePhantomSite({ ...siteOptions, siteIndex }),
  );
  return await replaceDatasetDirectory(directory, async (target) => {
    const images: DatasetImage[] = [];
    const total = siteCount * options.caseCount;
    let done = 0;
    for (const site of sites) {
      for (const study of site.studies()) {
        images.push(...(await writeStudy(target, site.siteId, study)));
        done++;
        onProgress?.({ done, total });
      }
    }
    const manifest: DatasetManifest = {
      format: "crossread-dataset",
      version: 1,
      name: `Phantom, ${siteCount} sites, seed ${options.seed}`,
      source: "phantom",
      acquisition: "synthetic",
      licence: "Synthetic images without any person behind them; no restriction.",
      images,
    };
    await writeManifest(target, manifest);
    return manifest;
  });
}

async function writeStudy(target: string, siteId: string, study: PhantomStudy): Promise<DatasetImage[]> {
  const images: DatasetImage[] = [];
  for (const instance of study.instances) {
    const bytes = writeMammogram({ ...instance.header, institutionName: siteId }, instance.pixels);
    const file = `${siteId}/${study.subjectId}/${instance.laterality}-${instance.view}.dcm`;
    await mkdir(dirname(join(target, file)), { recursive: true });
    await writeFile(join(target, file), bytes);
    images.push({
      imageId: `${study.subjectId}-${instance.laterality}-${instance.view}`,
      file,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      subjectId: study.subjectId,
      siteId,
      laterality: instance.laterality,
      view: instance.view,
      label: instance.label,
      finding: instance.finding,
      density: study.density,
      lesions: [...instance.lesions],
    });
  }
  return images;
}
