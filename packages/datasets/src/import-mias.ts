import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type {
  DatasetImage,
  DatasetManifest,
  Finding,
  Laterality,
  LesionMark,
} from "@crossread/contracts/dataset-manifest";
import { DomainError, isDomainError } from "@crossread/contracts/errors";
import { findBreastRegion } from "@crossread/dicom/breast-region";
import type { GrayImage } from "@crossread/dicom/gray-image";
import { decodePgm } from "@crossread/dicom/pgm";
import { replaceDatasetDirectory, writeManifest } from "./dataset-directory-writing.ts";
import { assertApart, linkOrCopy } from "./import-images.ts";
import { ImportProblems, type ProblemPolicy } from "./import-problems.ts";
import { findMiasFiles, type MiasFiles } from "./mias-files.ts";
import { shrinkByArea } from "./shrink-by-area.ts";
import { miasClasses, parseMiasInfo, type MiasRow } from "./mias-info.ts";

export interface ImportMiasOptions {
  readonly onProblem?: ProblemPolicy;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

export interface MiasImportReport {
  readonly rowCount: number;
  readonly imageCount: number;
  readonly subjectCount: number;
  readonly findings: Readonly<Record<Finding, number>>;
  /** Images with benign and malignant rows; their label is malignant. */
  readonly mixedSeverityImages: readonly string[];
  /** Images with an abnormality whose row gives no place. */
  readonly imagesWithoutCoordinates: readonly string[];
  readonly unpairedSubjects: readonly string[];
  /** Images whose measured chest wall lies on the other side than their number says; the number is kept. */
  readonly sideDisagreements: readonly string[];
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

const licence =
  "MIAS: research purposes only; cite Suckling et al. (1994), Excerpta Medica, International Congress Series 1069, 375–378; may be modified; no renting, leasing or selling.";

/** Writes a dataset directory from mini-MIAS: right and left film of one woman are 2k−1 and 2k, all MLO. */
export async function importMias(
  directory: string,
  out: string,
  options: ImportMiasOptions = {},
): Promise<{ manifest: DatasetManifest; report: MiasImportReport }> {
  const files = await findMiasFiles(directory);
  assertApart(directory, out);
  const info = parseMiasInfo(await readFile(files.infoPath, "latin1"), files.infoPath);
  const problems = new ImportProblems(options.onProblem ?? "refuse");
  info.problems.forEach((problem) => problems.add(problem));
  addFileProblems(files, info.rows, problems);

  return await replaceDatasetDirectory(out, async (target) => {
    await mkdir(join(target, "images"));
    const imported: ImportedImage[] = [];
    const imageIds = [...files.images.keys()].sort();
    for (const [index, imageId] of imageIds.entries()) {
      const rows = info.rows.filter((row) => row.imageId === imageId);
      if (rows.length > 0) {
        const image = await importImage({ files, imageId, rows, target, problems });
        if (image !== undefined) imported.push(image);
      }
      options.onProgress?.({ done: index + 1, total: imageIds.length });
    }
    if (imported.length === 0) {
      throw new DomainError("dataset-invalid", `No image in ${files.imageDirectory} could be imported.`);
    }
    const manifest: DatasetManifest = {
      format: "crossread-dataset",
      version: 1,
      name: "mini-MIAS",
      source: "mias",
      acquisition: "film-digitised",
      licence,
      images: imported.map(({ image }) => image),
    };
    await writeManifest(target, manifest);
    return { manifest, report: summarize(imported, info.rows.length, problems) };
  });
}

interface ImportedImage {
  readonly image: DatasetImage;
  readonly rows: readonly MiasRow[];
  readonly isSideConfirmed: boolean;
}

function addFileProblems(files: MiasFiles, rows: readonly MiasRow[], problems: ImportProblems): void {
  for (const name of files.strangers) {
    problems.add(
      new DomainError(
        "dataset-invalid",
        `MIAS images are named mdbNNN.pgm, but ${files.imageDirectory} has ${name}.`,
      ),
    );
  }
  const labelled = new Map(rows.map((row) => [row.imageId, row.line]));
  for (const [imageId, line] of labelled) {
    if (files.images.has(imageId)) continue;
    problems.add(
      new DomainError(
        "file-missing",
        `${files.infoPath} line ${line} labels ${imageId}, but ${files.imageDirectory} has no ${imageId}.pgm.`,
        { details: { line } },
      ),
    );
  }
  for (const [imageId, fileName] of files.images) {
    if (labelled.has(imageId)) continue;
    problems.add(
      new DomainError(
        "label-invalid",
        `Every image needs a usable label row, but ${fileName} has none in ${files.infoPath}.`,
      ),
    );
  }
}

interface ImageTask {
  readonly files: MiasFiles;
  readonly imageId: string;
  readonly rows: readonly MiasRow[];
  readonly target: string;
  readonly problems: ImportProblems;
}

/** Undefined when the image was refused and listed. */
async function importImage(task: ImageTask): Promise<ImportedImage | undefined> {
  const { files, imageId, rows, target, problems } = task;
  const fileName = files.images.get(imageId) ?? `${imageId}.pgm`;
  const source = join(files.imageDirectory, fileName);
  try {
    const bytes = await readFile(source);
    const pixels = decodePgm(bytes, source);
    const file = `images/${imageId}.pgm`;
    const image = toDatasetImage(
      { imageId, rows, pixels, infoPath: files.infoPath },
      {
        file,
        sha256: createHash("sha256").update(bytes).digest("hex"),
      },
    );
    await linkOrCopy(source, join(target, file));
    return { image, rows, isSideConfirmed: isHungAs(image.laterality, pixels) };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    problems.add(error);
    return undefined;
  }
}

/** Conventional hanging: the chest wall of a right breast lies on the right of its image. */
function isHungAs(laterality: Laterality, pixels: GrayImage): boolean {
  const region = findBreastRegion(shrinkByArea(pixels, 256, 256));
  return region?.chestWallSide === (laterality === "R" ? "right" : "left");
}

interface LabelledPixels {
  readonly imageId: string;
  readonly rows: readonly MiasRow[];
  readonly pixels: GrayImage;
  readonly infoPath: string;
}

function toDatasetImage(labelled: LabelledPixels, stored: { file: string; sha256: string }): DatasetImage {
  const { imageId, rows } = labelled;
  const number = Number(imageId.slice(3));
  const abnormalities = rows.flatMap(({ abnormality }) => abnormality ?? []);
  const isMalignant = abnormalities.some(({ severity }) => severity === "M");
  const finding: Finding = isMalignant ? "malignant" : abnormalities.length > 0 ? "benign" : "normal";
  const tissue = rows[0]?.tissue;
  return {
    imageId,
    ...stored,
    subjectId: `mias-${String(Math.ceil(number / 2)).padStart(3, "0")}`,
    laterality: number % 2 === 1 ? "R" : "L",
    view: "MLO",
    label: isMalignant ? "malignant" : "benign",
    finding,
    ...(tissue === undefined ? {} : { density: tissue }),
    lesions: rows.flatMap((row) => toLesionMark(row, labelled) ?? []),
  };
}

function toLesionMark(row: MiasRow, labelled: LabelledPixels): LesionMark | undefined {
  const circle = row.abnormality?.circle;
  if (row.abnormality === undefined || circle === undefined) return undefined;
  const { widthPx, heightPx } = labelled.pixels;
  if (circle.xPx > widthPx || circle.yFromBottomPx > heightPx) {
    throw new DomainError(
      "label-invalid",
      `${labelled.infoPath} line ${row.line}: the centre (${circle.xPx}, ${circle.yFromBottomPx}) lies outside ${row.imageId} of ${widthPx} × ${heightPx}.`,
      { details: { line: row.line } },
    );
  }
  return {
    shape: "circle",
    xPx: circle.xPx,
    yPx: heightPx - circle.yFromBottomPx,
    radiusPx: circle.radiusPx,
    kind: miasClasses[row.abnormality.class],
    finding: row.abnormality.severity === "M" ? "malignant" : "benign",
  };
}

function summarize(
  imported: readonly ImportedImage[],
  rowCount: number,
  problems: ImportProblems,
): MiasImportReport {
  const findings: Record<Finding, number> = { normal: 0, benign: 0, malignant: 0 };
  const imageCounts = new Map<string, number>();
  for (const { image } of imported) {
    findings[image.finding]++;
    imageCounts.set(image.subjectId, (imageCounts.get(image.subjectId) ?? 0) + 1);
  }
  const idsWhere = (holds: (item: ImportedImage) => boolean) =>
    imported.filter(holds).map(({ image }) => image.imageId);
  return {
    rowCount,
    imageCount: imported.length,
    subjectCount: imageCounts.size,
    findings,
    mixedSeverityImages: idsWhere(
      ({ rows }) => new Set(rows.map(({ abnormality }) => abnormality?.severity)).size > 1,
    ),
    imagesWithoutCoordinates: idsWhere(({ rows }) =>
      rows.some(({ abnormality }) => abnormality !== undefined && abnormality.circle === undefined),
    ),
    unpairedSubjects: [...imageCounts].filter(([, count]) => count !== 2).map(([subjectId]) => subjectId),
    sideDisagreements: idsWhere(({ isSideConfirmed }) => !isSideConfirmed),
    problems: problems.listed,
  };
}
