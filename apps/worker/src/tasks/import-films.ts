import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatasetImage } from "@crossread/contracts/dataset-manifest";
import type { DatasetSource } from "@crossread/contracts/dataset-source";
import { DomainError } from "@crossread/contracts/errors";
import { dataSetDensity } from "@crossread/datasets/data-set-density";
import { imagePath, readDataset, type Dataset } from "@crossread/datasets/dataset-directory";
import { importMias } from "@crossread/datasets/import-mias";
import { assignSites } from "@crossread/datasets/site-assignment";
import { toIntegers } from "@crossread/dicom/gray-image";
import { readImageFile } from "@crossread/dicom/image-file";
import { writeMammogram } from "@crossread/dicom/write-mammogram";
import { inspectFile } from "./inspect-file.ts";
import type { TaskContext } from "./task-context.ts";
import type { ReferencedStudy, TaskInput, TaskOutput } from "./task-contracts.ts";

/** mini-MIAS was reduced to 200 µm a pixel and 8 bits. */
const miasPixelSpacingMm = 0.2;
const miasBitsStored = 8;
const bitsStored = 12;

/** The images of a data set as DICOM files that pass the same inspection as an upload, spread over sites by patient. */
export async function importFilms(
  input: TaskInput<"import-films">,
  context: TaskContext<"import-films">,
): Promise<TaskOutput<"import-films">> {
  const directory = await mkdtemp(join(tmpdir(), "crossread-mias-"));
  try {
    const dataset = await openDataset(input.dataset, join(directory, "dataset"));
    const { manifest } = dataset;
    const studies = groupBySubject(placeImages(manifest.images, input));
    for (const [index, study] of studies.entries()) {
      const siteIndex = Number(study[0]?.siteId?.replace("site-", "")) - 1;
      await context.emit({
        siteIndex,
        total: studies.length,
        study: await storeFilms(study, { index, dataset, context }),
      });
    }
    return { count: studies.length };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function openDataset(source: DatasetSource, target: string): Promise<Dataset> {
  if (source.kind === "imported") return await readDataset(source.directory);
  const { manifest } = await importMias(source.directory, target, { onProblem: "report" });
  return { directory: target, manifest };
}

/** Sites that the dataset names become the first sites of the platform, in order of their names. */
function placeImages(
  images: readonly DatasetImage[],
  { seed, siteCount }: { seed: number; siteCount: number },
): DatasetImage[] {
  const named = [...new Set(images.flatMap(({ siteId }) => siteId ?? []))].sort();
  if (named.length === 0) return assignSites({ images, siteCount, seed });
  const stranger = images.find(({ siteId }) => siteId === undefined);
  if (named.length > siteCount || stranger !== undefined) {
    throw new DomainError(
      "dataset-invalid",
      `A dataset names the site of every image, at most ${siteCount} of them, or none; got ${named.length} sites${stranger === undefined ? "" : ` and none for ${stranger.imageId}`}.`,
    );
  }
  return images.map((image) => ({ ...image, siteId: `site-${named.indexOf(image.siteId ?? "") + 1}` }));
}

/** All images of one woman, in order of subject. */
function groupBySubject(images: readonly DatasetImage[]): DatasetImage[][] {
  const studies = new Map<string, DatasetImage[]>();
  for (const image of images) {
    const earlier = studies.get(image.subjectId);
    if (earlier === undefined) studies.set(image.subjectId, [image]);
    else earlier.push(image);
  }
  return [...studies.values()];
}

interface FilmPlace {
  readonly index: number;
  readonly dataset: Dataset;
  readonly context: TaskContext<"import-films">;
}

/** The breast has the gravest finding of its images. */
const severity = ["normal", "benign", "malignant"];

async function storeFilms(
  images: readonly DatasetImage[],
  { context, dataset, index }: FilmPlace,
): Promise<ReferencedStudy> {
  const files: ReferencedStudy["files"] = [];
  const findings = new Map<string, ReferencedStudy["findings"][number]>();
  for (const image of images) {
    const { finding, laterality } = image;
    const known = findings.get(laterality)?.finding;
    if (known === undefined || severity.indexOf(finding) > severity.indexOf(known)) {
      findings.set(laterality, { laterality, finding });
    }
    const bytes = await toDicom(image, dataset, index);
    const outcome = await inspectFile(context.store, bytes, image.imageId);
    if (!outcome.ok) throw new Error(`Film ${image.imageId} was refused: ${outcome.message}`);
    files.push({ file: outcome.file, lesions: [...image.lesions] });
  }
  const density = dataSetDensity(dataset.manifest.source, images[0]?.density);
  return { density, findings: [...findings.values()], files };
}

async function toDicom(image: DatasetImage, dataset: Dataset, index: number): Promise<Uint8Array> {
  const isMias = dataset.manifest.source === "mias";
  const read = await readImageFile(await readFile(imagePath(dataset, image)), image.imageId);
  const { gray } = read;
  const spacing = isMias
    ? ([miasPixelSpacingMm, miasPixelSpacingMm] as const)
    : read.kind === "dicom"
      ? (read.instance.imagerPixelSpacingMm ?? read.instance.nominalScannedPixelSpacingMm)
      : undefined;
  if (spacing === undefined) {
    throw new DomainError(
      "dataset-invalid",
      `The viewer shows millimetres, but the file of ${image.imageId} does not tell the size of its pixels.`,
    );
  }
  const bits = isMias ? miasBitsStored : bitsStored;
  const largest = 2 ** bits - 1;
  return writeMammogram(
    {
      subjectId: image.subjectId,
      studyInstanceUid: uidOf(`study ${image.subjectId}`),
      seriesInstanceUid: uidOf(`series ${image.subjectId}`),
      sopInstanceUid: uidOf(`instance ${image.sha256} ${image.imageId}`),
      // The films carry no date: an ordinal day keeps the studies apart without claiming one that means anything.
      studyDate: ordinalDate(index),
      laterality: image.laterality,
      view: image.view,
      widthPx: gray.widthPx,
      heightPx: gray.heightPx,
      bitsStored: bits,
      photometricInterpretation: "MONOCHROME2",
      windows: [{ center: (largest + 1) / 2, width: largest + 1 }],
      imagerPixelSpacingMm: spacing,
      manufacturer: dataset.manifest.acquisition === "film-digitised" ? "Digitised film" : "Data set",
      manufacturerModelName: dataset.manifest.name,
      softwareVersions: "1.0",
    },
    toIntegers(gray, largest),
  );
}

/** UUID-derived UID (PS3.5 B.2) from 128 bits of a digest: the same film has the same UID everywhere. */
function uidOf(name: string): string {
  const digest = createHash("sha256").update(`mini-MIAS ${name}`).digest("hex");
  return `2.25.${BigInt(`0x${digest.slice(0, 32)}`)}`;
}

const ordinalDate = (index: number): string =>
  new Date(Date.UTC(1994, 0, 1 + index)).toISOString().slice(0, 10).replaceAll("-", "");
