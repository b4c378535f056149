import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { DomainError, isDomainError } from "@crossread/contracts/errors";
import { readInstance } from "@crossread/dicom/read-instance";
import { readCsvTable } from "./csv-table.ts";
import { listFileTree } from "./file-tree.ts";
import { importImages, LeftOutCounts, type ImportOptions, type PlannedImage } from "./import-images.ts";
import { ImportProblems } from "./import-problems.ts";

const licence =
  "CMMD: Cui et al. (2021), The Chinese Mammography Database, TCIA, doi 10.7937/tcia.eqde4b16; CC BY 4.0.";

export interface CmmdBreast {
  readonly line: number;
  readonly subjectId: string;
  readonly laterality: "L" | "R";
  readonly finding: "benign" | "malignant";
  /** calcification, mass or both */
  readonly abnormality: string;
  /** Images of this breast, as the table counts them. */
  readonly imageCount: number;
}

/** The clinical table: one row a biopsied breast. The other breast of a woman has no label, and gets none. */
export async function parseCmmdTable(path: string, problems: ImportProblems): Promise<CmmdBreast[]> {
  const table = await readCsvTable(path, {
    delimiter: ",",
    required: ["ID1", "LeftRight", "number", "abnormality", "classification"],
  });
  const breasts = new Map<string, CmmdBreast>();
  for (const row of table) {
    const subjectId = row.get("ID1");
    const laterality = row.get("LeftRight");
    const classification = row.get("classification").toLowerCase();
    const isUsable =
      /^D[12]-\d{4}$/.test(subjectId) &&
      (laterality === "L" || laterality === "R") &&
      (classification === "benign" || classification === "malignant");
    if (!isUsable) {
      problems.add(
        new DomainError(
          "label-invalid",
          `${path} line ${row.line} needs an ID1 such as D1-0001, LeftRight L or R and a classification, got "${subjectId}", "${laterality}", "${classification}".`,
          { details: { line: row.line } },
        ),
      );
      continue;
    }
    const key = `${subjectId} ${laterality}`;
    const earlier = breasts.get(key);
    if (earlier !== undefined && earlier.finding !== classification) {
      problems.add(
        new DomainError(
          "label-invalid",
          `${path} lines ${earlier.line} and ${row.line} call the same breast ${earlier.finding} and ${classification}.`,
          { details: { line: row.line } },
        ),
      );
      continue;
    }
    breasts.set(key, {
      line: row.line,
      subjectId,
      laterality,
      finding: classification,
      abnormality: row.get("abnormality").toLowerCase(),
      imageCount: Number(row.get("number")),
    });
  }
  return [...breasts.values()];
}

/** The clinical table and TCIA's folders <ID1>/…/*.dcm; side and view are the header's. */
export async function importCmmd(directory: string, out: string, options: ImportOptions = {}) {
  const files = await listFileTree(directory);
  const table = files.find((file) => /^(annotations|CMMD_clinicaldata.*)\.csv$/i.test(basename(file)));
  if (table === undefined) {
    throw new DomainError(
      "file-missing",
      `CMMD has a clinical table, annotations.csv or CMMD_clinicaldata_revision.csv, but ${directory} has none.`,
    );
  }
  const leftOut = new LeftOutCounts();
  const problems = new ImportProblems(options.onProblem ?? "refuse");
  const breasts = await parseCmmdTable(join(directory, table), problems);
  const labelOf = new Map(breasts.map((breast) => [`${breast.subjectId} ${breast.laterality}`, breast]));
  const seen = new Map<string, number>();
  const images: PlannedImage[] = [];
  for (const file of files.filter((name) => /\.dcm$/i.test(name))) {
    const planned = await planImage({ directory, file, labelOf, leftOut, problems });
    if (planned === undefined) continue;
    const breast = `${planned.subjectId.slice("cmmd-".length)} ${planned.laterality}`;
    const number = (seen.get(breast) ?? 0) + 1;
    seen.set(breast, number);
    images.push({ ...planned, imageId: `${planned.subjectId}-${planned.laterality}-${number}` });
  }
  for (const breast of breasts) {
    const found = seen.get(`${breast.subjectId} ${breast.laterality}`) ?? 0;
    if (found >= breast.imageCount) continue;
    leftOut.add(
      "Breasts with fewer images below the directory than the table counts",
      `${breast.subjectId} ${breast.laterality}: ${found} of ${breast.imageCount}`,
    );
  }
  const imported = await importImages(
    { directory, out },
    {
      head: { name: "CMMD", source: "cmmd", acquisition: "digital", licence },
      images,
      leftOut: leftOut.list(),
      problems,
    },
    options,
  );
  return { ...imported, report: { rowCount: breasts.length, ...imported.report } };
}

interface ImageTask {
  readonly directory: string;
  readonly file: string;
  readonly labelOf: ReadonlyMap<string, CmmdBreast>;
  readonly leftOut: LeftOutCounts;
  readonly problems: ImportProblems;
}

async function planImage(task: ImageTask): Promise<PlannedImage | undefined> {
  const { directory, file, labelOf, leftOut, problems } = task;
  const path = join(directory, file);
  try {
    const { laterality, patientId, view } = readInstance(await readFile(path), path);
    const named = /(?:^|\/)(D[12]-\d{4})(?:\/|$)/.exec(file)?.[1];
    const subjectId = named ?? patientId?.trim();
    if (subjectId === undefined || laterality === undefined || view === undefined) {
      leftOut.add("A file tells its patient, side and a standard view (CC or MLO)", file);
      return undefined;
    }
    const label = labelOf.get(`${subjectId} ${laterality}`);
    if (label === undefined) {
      leftOut.add(
        "A breast without a label of its own gets none from the other breast",
        `${subjectId} ${laterality}`,
      );
      return undefined;
    }
    return {
      imageId: "",
      path,
      subjectId: `cmmd-${subjectId}`,
      laterality,
      view,
      finding: label.finding,
      lesions: () => [],
    };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    problems.add(error);
    return undefined;
  }
}
