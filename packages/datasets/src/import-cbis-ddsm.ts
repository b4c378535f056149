import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { LesionMark } from "@crossread/contracts/dataset-manifest";
import { DomainError, isDomainError } from "@crossread/contracts/errors";
import { looksLikeDicom } from "@crossread/dicom/dicom-data-set";
import type { GrayImage } from "@crossread/dicom/gray-image";
import { readImageFile } from "@crossread/dicom/image-file";
import { toGrayImage } from "@crossread/dicom/presentation";
import { readInstance } from "@crossread/dicom/read-instance";
import { readCsvTable } from "./csv-table.ts";
import { listFileTree } from "./file-tree.ts";
import { importImages, LeftOutCounts, type ImportOptions, type PlannedImage } from "./import-images.ts";
import { ImportProblems } from "./import-problems.ts";

const licence =
  "CBIS-DDSM: Lee et al. (2017), Scientific Data 4:170177, TCIA, doi 10.7937/K9/TCIA.2016.7O02S9CY; CC BY 3.0.";

export interface CbisAbnormality {
  readonly line: number;
  readonly table: string;
  readonly patientId: string;
  readonly laterality: "L" | "R";
  readonly view: "CC" | "MLO";
  readonly number: number;
  readonly kind: "mass" | "calcification";
  readonly density: string;
  readonly finding: "benign" | "malignant";
  /** Paths as the table has them; files on disk are found by their first folder. */
  readonly imagePath: string;
  readonly maskPath: string;
}

const tablePattern = /^(mass|calc)_case_description_(train|test)_set\.csv$/i;

/** BENIGN_WITHOUT_CALLBACK was judged benign without further work-up; it counts as benign. */
const findings: Readonly<Record<string, "benign" | "malignant">> = {
  MALIGNANT: "malignant",
  BENIGN: "benign",
  BENIGN_WITHOUT_CALLBACK: "benign",
};

export async function parseCbisTable(
  path: string,
  problems: ImportProblems,
): Promise<{ rows: CbisAbnormality[]; rowCount: number }> {
  const table = await readCsvTable(path, {
    delimiter: ",",
    required: [
      "patient_id",
      "left or right breast",
      "image view",
      "abnormality id",
      "abnormality type",
      "pathology",
      "image file path",
    ],
  });
  const rows = table.flatMap((row): CbisAbnormality[] => {
    const side = row.get("left or right breast").toUpperCase();
    const view = row.get("image view").toUpperCase();
    const finding = findings[row.get("pathology").toUpperCase()];
    const patientId = row.get("patient_id");
    const isUsable =
      /^P_\d+$/.test(patientId) && (side === "LEFT" || side === "RIGHT") && (view === "CC" || view === "MLO");
    if (!isUsable || finding === undefined) {
      problems.add(
        new DomainError(
          "label-invalid",
          `${path} line ${row.line} needs a patient P_…, LEFT or RIGHT, CC or MLO and a known pathology, got "${patientId}", "${side}", "${view}", "${row.get("pathology")}".`,
          { details: { line: row.line } },
        ),
      );
      return [];
    }
    return [
      {
        line: row.line,
        table: basename(path),
        patientId,
        laterality: side === "LEFT" ? "L" : "R",
        view,
        number: Number(row.get("abnormality id")),
        kind: /calc/i.test(row.get("abnormality type")) ? "calcification" : "mass",
        density: row.get("breast density"),
        finding,
        imagePath: row.get("image file path"),
        maskPath: row.get("ROI mask file path"),
      },
    ];
  });
  return { rows, rowCount: table.length };
}

/**
 * The four case descriptions and the folders that their paths begin with, as TCIA's downloader or a conversion to PNG
 * leaves them. An image of a woman's breast and view that is in the mass and the calcification set is one image.
 */
export async function importCbisDdsm(directory: string, out: string, options: ImportOptions = {}) {
  const files = await listFileTree(directory);
  const tables = files.filter((file) => tablePattern.test(basename(file)));
  if (tables.length === 0) {
    throw new DomainError(
      "file-missing",
      `CBIS-DDSM has tables such as mass_case_description_train_set.csv, but ${directory} has none.`,
    );
  }
  const leftOut = new LeftOutCounts();
  const problems = new ImportProblems(options.onProblem ?? "refuse");
  const rows: CbisAbnormality[] = [];
  let rowCount = 0;
  for (const table of tables) {
    const parsed = await parseCbisTable(join(directory, table), problems);
    rows.push(...parsed.rows);
    rowCount += parsed.rowCount;
  }
  const folders = groupByFolder(files);
  const groups = new Map<string, CbisAbnormality[]>();
  for (const row of rows) {
    const key = `${row.patientId}-${row.laterality}-${row.view}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const images: PlannedImage[] = [];
  for (const [key, abnormalities] of groups) {
    const found = findImage(abnormalities, folders);
    const [first] = abnormalities;
    if (first === undefined) continue;
    if (found === undefined) {
      problems.add(
        new DomainError(
          "file-missing",
          `${first.table} line ${first.line} names ${folderOf(first.imagePath)}, but ${directory} has no folder of that name with one DICOM or PNG file.`,
          { details: { line: first.line } },
        ),
      );
      continue;
    }
    images.push({
      imageId: `cbis-${key}`,
      path: join(directory, found),
      subjectId: `cbis-${first.patientId}`,
      laterality: first.laterality,
      view: first.view,
      finding: abnormalities.some(({ finding }) => finding === "malignant") ? "malignant" : "benign",
      ...(first.density === "" ? {} : { density: first.density }),
      lesions: (image) => readMasks(abnormalities, { directory, folders, image, leftOut }),
    });
  }
  const imported = await importImages(
    { directory, out },
    {
      head: { name: "CBIS-DDSM", source: "cbis-ddsm", acquisition: "film-digitised", licence },
      images,
      get leftOut() {
        return leftOut.list();
      },
      problems,
    },
    options,
  );
  return { ...imported, report: { rowCount, ...imported.report } };
}

type Folders = ReadonlyMap<string, readonly string[]>;

const folderOf = (path: string): string => path.trim().split("/")[0] ?? "";

/** Every folder of an abnormality or image, wherever it lies, to the image files below it. */
function groupByFolder(files: readonly string[]): Folders {
  const folders = new Map<string, string[]>();
  for (const file of files) {
    if (!/\.(dcm|png)$/i.test(file)) continue;
    const parts = file.split("/");
    const named = [...parts.slice(0, -1), basename(file).replace(/\.\w+$/, "")].find((part) =>
      /^(Mass|Calc)-(Training|Test)_P_\d+_(LEFT|RIGHT)_(CC|MLO)(_\d+)?$/.test(part),
    );
    if (named !== undefined) folders.set(named, [...(folders.get(named) ?? []), file]);
  }
  return folders;
}

function findImage(abnormalities: readonly CbisAbnormality[], folders: Folders): string | undefined {
  for (const { imagePath } of abnormalities) {
    const candidates = folders.get(folderOf(imagePath)) ?? [];
    if (candidates.length === 1) return candidates[0];
  }
  return undefined;
}

interface MaskSearch {
  readonly directory: string;
  readonly folders: Folders;
  readonly image: GrayImage;
  readonly leftOut: LeftOutCounts;
}

/** An abnormality's folder holds its mask and a cropped copy, under names that were exchanged for some: size tells. */
async function readMasks(
  abnormalities: readonly CbisAbnormality[],
  search: MaskSearch,
): Promise<LesionMark[]> {
  const marks: LesionMark[] = [];
  for (const abnormality of abnormalities) {
    const { finding, kind } = abnormality;
    const name = folderOf(abnormality.maskPath);
    let found: LesionMark | undefined;
    for (const file of search.folders.get(name) ?? []) {
      const mask = await readAnyImage(join(search.directory, file));
      if (mask?.widthPx !== search.image.widthPx || mask.heightPx !== search.image.heightPx) continue;
      found = markOfMask(mask, { kind, finding });
      if (found !== undefined) break;
    }
    if (found === undefined)
      search.leftOut.add("Lesions without a mask of their image's size have no mark", name);
    else marks.push(found);
  }
  return marks;
}

async function readAnyImage(path: string): Promise<GrayImage | undefined> {
  const bytes = await readFile(path);
  try {
    if (looksLikeDicom(bytes)) return await toGrayImage(readInstance(bytes, path));
    return (await readImageFile(bytes, path)).gray;
  } catch (error) {
    if (isDomainError(error)) return undefined;
    throw error;
  }
}

/** Circle about the box of the white pixels; undefined where there is none. */
export function markOfMask(
  mask: GrayImage,
  meaning: Pick<LesionMark, "kind" | "finding">,
): LesionMark | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1];
  for (let y = 0; y < mask.heightPx; y++) {
    for (let x = 0; x < mask.widthPx; x++) {
      if (mask.values[y * mask.widthPx + x]! < 0.5) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
    }
  }
  if (right < 0) return undefined;
  return {
    shape: "circle",
    xPx: (left + right) / 2,
    yPx: (top + bottom) / 2,
    radiusPx: Math.max(1, Math.max(right - left, bottom - top) / 2),
    ...meaning,
  };
}
