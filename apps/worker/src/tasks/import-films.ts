import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatasetImage } from "@crossread/contracts/dataset-manifest";
import { importMias } from "@crossread/datasets/import-mias";
import { assignSites } from "@crossread/datasets/site-assignment";
import { toIntegers } from "@crossread/dicom/gray-image";
import { decodePgm } from "@crossread/dicom/pgm";
import { writeMammogram } from "@crossread/dicom/write-mammogram";
import { inspectFile } from "./inspect-file.ts";
import type { TaskContext } from "./task-context.ts";
import type { ReferencedStudy, TaskInput, TaskOutput } from "./task-contracts.ts";

/** mini-MIAS was reduced to 200 µm a pixel. */
const pixelSpacingMm = 0.2;
const bitsStored = 8;

/** The MIAS films as DICOM files that pass the same inspection as an upload, spread over simulated sites by patient. */
export async function importFilms(
  input: TaskInput<"import-films">,
  context: TaskContext<"import-films">,
): Promise<TaskOutput<"import-films">> {
  const directory = await mkdtemp(join(tmpdir(), "crossread-mias-"));
  try {
    const dataset = join(directory, "dataset");
    const { manifest } = await importMias(input.directory, dataset, { onProblem: "report" });
    const images = assignSites({ images: manifest.images, siteCount: input.siteCount, seed: input.seed });
    const studies = groupBySubject(images);
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

/** Right and left film of one woman, in order of subject. */
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
  readonly dataset: string;
  readonly context: TaskContext<"import-films">;
}

async function storeFilms(
  images: readonly DatasetImage[],
  { context, dataset, index }: FilmPlace,
): Promise<ReferencedStudy> {
  const files: ReferencedStudy["files"] = [];
  const findings = new Map<string, ReferencedStudy["findings"][number]>();
  for (const image of images) {
    findings.set(image.laterality, { laterality: image.laterality, finding: image.finding });
    const bytes = await toDicom(image, dataset, index);
    const outcome = await inspectFile(context.store, bytes, image.imageId);
    if (!outcome.ok) throw new Error(`Film ${image.imageId} was refused: ${outcome.message}`);
    files.push({ file: outcome.file, lesions: [...image.lesions] });
  }
  return { density: images[0]?.density ?? null, findings: [...findings.values()], files };
}

async function toDicom(image: DatasetImage, dataset: string, index: number): Promise<Uint8Array> {
  const gray = decodePgm(await readFile(join(dataset, image.file)), image.imageId);
  const largest = 2 ** bitsStored - 1;
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
      bitsStored,
      photometricInterpretation: "MONOCHROME2",
      windows: [{ center: (largest + 1) / 2, width: largest + 1 }],
      imagerPixelSpacingMm: [pixelSpacingMm, pixelSpacingMm],
      manufacturer: "Digitised film",
      manufacturerModelName: "mini-MIAS",
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
