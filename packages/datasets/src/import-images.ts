import { createHash } from "node:crypto";
import { copyFile, link, mkdir, readFile, realpath, writeFile } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import type {
  Acquisition,
  DatasetImage,
  DatasetManifest,
  Finding,
  Laterality,
  LesionMark,
  View,
} from "@crossread/contracts/dataset-manifest";
import { DomainError, isDomainError } from "@crossread/contracts/errors";
import { looksLikeDicom } from "@crossread/dicom/dicom-data-set";
import type { GrayImage } from "@crossread/dicom/gray-image";
import { readImageFile } from "@crossread/dicom/image-file";
import { encodeGrayPng } from "@crossread/dicom/png";
import { toGrayImage } from "@crossread/dicom/presentation";
import { readInstance } from "@crossread/dicom/read-instance";
import { replaceDatasetDirectory, writeManifest } from "./dataset-directory-writing.ts";
import { ImportProblems, type ImportProblem, type ProblemPolicy } from "./import-problems.ts";

/** One image as the labels describe it, its pixels not looked at yet. */
export interface PlannedImage {
  readonly imageId: string;
  /** Absolute. */
  readonly path: string;
  readonly subjectId: string;
  readonly siteId?: string;
  readonly laterality: Laterality;
  readonly view: View;
  readonly finding: Finding;
  readonly acquisition?: Acquisition;
  readonly density?: string;
  /** Marks in pixels of the image as it is stored; called with its size. */
  readonly lesions: (image: GrayImage) => Promise<readonly LesionMark[]> | readonly LesionMark[];
}

export interface LeftOut {
  readonly rule: string;
  readonly count: number;
  /** The first ones. */
  readonly examples: readonly string[];
}

export interface ImportReport {
  readonly imageCount: number;
  readonly subjectCount: number;
  readonly findings: Readonly<Record<Finding, number>>;
  readonly views: Readonly<Record<View, number>>;
  readonly lateralities: Readonly<Record<Laterality, number>>;
  readonly lesionCount: number;
  /** Images that no reader of mammograms takes as they are, stored as 16-bit PNG. */
  readonly convertedCount: number;
  /** What the rules of this importer leave out, each with its rule. */
  readonly leftOut: readonly LeftOut[];
  readonly problems: readonly ImportProblem[];
}

export interface ImportOptions {
  readonly onProblem?: ProblemPolicy;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

export interface ImportPlan {
  readonly head: Omit<DatasetManifest, "format" | "version" | "images">;
  readonly images: readonly PlannedImage[];
  readonly leftOut: readonly LeftOut[];
  readonly problems: ImportProblems;
}

/** Decodes every planned image once, links or converts it into the dataset, and writes the manifest. */
export async function importImages(
  place: { readonly directory: string; readonly out: string },
  plan: ImportPlan,
  options: ImportOptions,
): Promise<{ manifest: DatasetManifest; report: ImportReport }> {
  assertApart(place.directory, place.out);
  assertUnique(plan.images);
  return await replaceDatasetDirectory(place.out, async (target) => {
    await mkdir(join(target, "images"));
    const images: DatasetImage[] = [];
    let convertedCount = 0;
    for (const [index, planned] of plan.images.entries()) {
      try {
        const stored = await storeImage(planned, target);
        images.push(stored.image);
        if (stored.isConverted) convertedCount++;
      } catch (error) {
        if (!isDomainError(error)) throw error;
        plan.problems.add(error);
      }
      options.onProgress?.({ done: index + 1, total: plan.images.length });
    }
    if (images.length === 0) {
      throw new DomainError("dataset-invalid", `No image below ${place.directory} could be imported.`);
    }
    const manifest: DatasetManifest = { format: "crossread-dataset", version: 1, ...plan.head, images };
    await writeManifest(target, manifest);
    return { manifest, report: summarize(images, convertedCount, plan) };
  });
}

async function storeImage(
  planned: PlannedImage,
  target: string,
): Promise<{ image: DatasetImage; isConverted: boolean }> {
  const bytes = await readBytes(planned.path);
  const { extension, gray, stored } = await readForDataset(bytes, planned);
  const file = `images/${planned.imageId}.${extension}`;
  const lesions = await planned.lesions(gray);
  for (const { xPx, yPx } of lesions) {
    if (xPx >= 0 && yPx >= 0 && xPx <= gray.widthPx && yPx <= gray.heightPx) continue;
    throw new DomainError(
      "label-invalid",
      `Lesions lie inside their image, but one of ${planned.imageId} is centred on (${Math.round(xPx)}, ${Math.round(yPx)}) of ${gray.widthPx} × ${gray.heightPx}.`,
    );
  }
  if (stored === undefined) await linkOrCopy(planned.path, join(target, file));
  else await writeFile(join(target, file), stored);
  const { path: _, lesions: __, ...labels } = planned;
  return {
    image: {
      ...labels,
      file,
      sha256: createHash("sha256")
        .update(stored ?? bytes)
        .digest("hex"),
      label: planned.finding === "malignant" ? "malignant" : "benign",
      lesions: [...lesions],
    },
    isConverted: stored !== undefined,
  };
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new DomainError("file-missing", `There is no readable file ${path}.`, { cause });
  }
}

/** `stored` where the file itself would be refused later: digitised films come as secondary captures. */
async function readForDataset(
  bytes: Uint8Array,
  planned: PlannedImage,
): Promise<{ gray: GrayImage; extension: string; stored?: Uint8Array }> {
  try {
    const image = await readImageFile(bytes, planned.path);
    if (image.kind === "dicom") assertSameView(planned, image.instance);
    return { gray: image.gray, extension: image.kind === "dicom" ? "dcm" : image.kind };
  } catch (error) {
    const isOtherKind = isDomainError(error) && error.code === "image-kind-refused";
    if (!isOtherKind || !looksLikeDicom(bytes)) throw error;
    const instance = readInstance(bytes, planned.path);
    if (instance.pixel.frameCount > 1) throw error;
    const gray = await toGrayImage(instance);
    return { gray, extension: "png", stored: await encodeGrayPng(gray, 16) };
  }
}

function assertSameView(
  planned: PlannedImage,
  read: { readonly laterality?: Laterality; readonly view?: View },
): void {
  const isOther =
    (read.laterality !== undefined && read.laterality !== planned.laterality) ||
    (read.view !== undefined && read.view !== planned.view);
  if (!isOther) return;
  throw new DomainError(
    "label-invalid",
    `The labels call ${planned.imageId} ${planned.laterality} ${planned.view}, but its file says ${read.laterality ?? "?"} ${read.view ?? "?"}.`,
  );
}

function assertUnique(images: readonly PlannedImage[]): void {
  const seen = new Set<string>();
  for (const { imageId } of images) {
    if (seen.has(imageId)) {
      throw new DomainError("dataset-invalid", `Image ids are unique, but ${imageId} is named twice.`);
    }
    seen.add(imageId);
  }
}

function summarize(images: readonly DatasetImage[], convertedCount: number, plan: ImportPlan): ImportReport {
  const count = (holds: (image: DatasetImage) => boolean) => images.filter(holds).length;
  return {
    imageCount: images.length,
    subjectCount: new Set(images.map(({ subjectId }) => subjectId)).size,
    findings: {
      normal: count(({ finding }) => finding === "normal"),
      benign: count(({ finding }) => finding === "benign"),
      malignant: count(({ finding }) => finding === "malignant"),
    },
    views: { CC: count(({ view }) => view === "CC"), MLO: count(({ view }) => view === "MLO") },
    lateralities: {
      L: count(({ laterality }) => laterality === "L"),
      R: count(({ laterality }) => laterality === "R"),
    },
    lesionCount: images.reduce((sum, { lesions }) => sum + lesions.length, 0),
    convertedCount,
    leftOut: plan.leftOut,
    problems: plan.problems.listed,
  };
}

const exampleCount = 5;

/** Counts what each rule leaves out, in order of first use. */
export class LeftOutCounts {
  private readonly counts = new Map<string, { count: number; examples: string[] }>();

  add(rule: string, example: string): void {
    const known = this.counts.get(rule) ?? { count: 0, examples: [] };
    known.count += 1;
    if (known.examples.length < exampleCount) known.examples.push(example);
    this.counts.set(rule, known);
  }

  list(): LeftOut[] {
    return [...this.counts].map(([rule, found]) => ({ rule, ...found }));
  }
}

export async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    // link() would link a symbolic link itself.
    await link(await realpath(source), target);
  } catch {
    // Another file system, or one without hard links.
    await copyFile(source, target);
  }
}

/** Replacing the output must never remove the source. */
export function assertApart(directory: string, out: string): void {
  const inside = relative(resolve(out), resolve(directory));
  if (inside === "" || (inside !== ".." && !inside.startsWith(`..${sep}`))) {
    throw new DomainError(
      "usage",
      `The dataset ${out} must not be or contain the source directory ${directory}.`,
    );
  }
}
