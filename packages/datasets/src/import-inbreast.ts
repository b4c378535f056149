import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Finding, LesionMark } from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import { readInstance } from "@crossread/dicom/read-instance";
import { z } from "zod";
import { toContourMark } from "./contour-mark.ts";
import { readCsvTable, type CsvRow } from "./csv-table.ts";
import { listFileTree } from "./file-tree.ts";
import { importImages, LeftOutCounts, type ImportOptions, type PlannedImage } from "./import-images.ts";
import { ImportProblems } from "./import-problems.ts";
import { parsePropertyList } from "./property-list.ts";

export interface InbreastOptions extends ImportOptions {
  /** BI-RADS 3, "probably benign", has no proof of either: left out (default) or taken as benign. */
  readonly birads3?: "leave-out" | "benign";
}

const licence =
  "INbreast: Moreira et al. (2012), Academic Radiology 19(2):236–248; by agreement with the Breast Research Group, INESC Porto; research only.";

export interface InbreastRow {
  readonly line: number;
  readonly imageNumber: string;
  readonly laterality: "L" | "R";
  readonly view: "CC" | "MLO";
  readonly density: string | undefined;
  readonly birads: string;
}

/**
 * INbreast.csv (410 images). The set has no pathology: BI-RADS 1 is normal, 2 benign, 4a to 6 malignant, 0 and 3 tell
 * neither.
 */
export async function parseInbreastTable(
  path: string,
  leftOut: LeftOutCounts,
): Promise<{ rows: InbreastRow[]; rowCount: number }> {
  const table = await readCsvTable(path, {
    delimiter: ";",
    required: ["Laterality", "View", "File Name", "ACR", "Bi-Rads"],
  });
  return { rows: table.flatMap((row) => parseRow(row, leftOut)), rowCount: table.length };
}

function parseRow(row: CsvRow, leftOut: LeftOutCounts): InbreastRow[] {
  const imageNumber = row.get("File Name");
  const laterality = row.get("Laterality");
  const view = row.get("View");
  if (laterality !== "L" && laterality !== "R") {
    leftOut.add(`Laterality is L or R, got "${laterality}"`, imageNumber);
    return [];
  }
  if (view !== "CC" && view !== "MLO") {
    leftOut.add(`Only CC and MLO are standard views, got ${view}`, imageNumber);
    return [];
  }
  const density = row.get("ACR");
  return [
    {
      line: row.line,
      imageNumber,
      laterality,
      view,
      density: density === "" ? undefined : density,
      birads: row.get("Bi-Rads").toLowerCase(),
    },
  ];
}

const findingOfBirads: Readonly<Record<string, Finding>> = {
  "1": "normal",
  "2": "benign",
  "4a": "malignant",
  "4b": "malignant",
  "4c": "malignant",
  "4": "malignant",
  "5": "malignant",
  "6": "malignant",
};

export function inbreastFinding(birads: string, options: InbreastOptions): Finding | undefined {
  if (birads === "3") return options.birads3 === "benign" ? "benign" : undefined;
  return findingOfBirads[birads];
}

/** INbreast.csv, AllDICOMs/<number>_<patient>_MG_….dcm and AllXML/<number>.xml, anywhere below the directory. */
export async function importInbreast(directory: string, out: string, options: InbreastOptions = {}) {
  const files = await listFileTree(directory);
  const table = files.find((file) => basename(file).toLowerCase() === "inbreast.csv");
  if (table === undefined) {
    throw new DomainError(
      "file-missing",
      `INbreast has a table INbreast.csv, but ${directory} has none; a spreadsheet INbreast.xls has to be saved as CSV with ";".`,
    );
  }
  const leftOut = new LeftOutCounts();
  const problems = new ImportProblems(options.onProblem ?? "refuse");
  const { rows, rowCount } = await parseInbreastTable(join(directory, table), leftOut);
  const imageOf = byNumber(files.filter((file) => /\.(dcm|dicom|png)$/i.test(file)));
  const contourOf = byNumber(files.filter((file) => /\.xml$/i.test(file)));
  const images: PlannedImage[] = [];
  for (const row of rows) {
    const finding = inbreastFinding(row.birads, options);
    if (finding === undefined) {
      leftOut.add(`BI-RADS ${row.birads} tells neither benign nor malignant`, row.imageNumber);
      continue;
    }
    const file = imageOf.get(row.imageNumber);
    if (file === undefined) {
      problems.add(
        new DomainError(
          "file-missing",
          `${table} line ${row.line} labels image ${row.imageNumber}, but ${directory} has no such DICOM file.`,
        ),
      );
      continue;
    }
    const path = join(directory, file);
    const subjectId = await subjectOf(path);
    if (subjectId === undefined) {
      problems.add(
        new DomainError(
          "label-invalid",
          `Patients keep splits apart, but neither the name nor the header of ${file} tells whose image it is.`,
        ),
      );
      continue;
    }
    const contour = contourOf.get(row.imageNumber);
    images.push({
      imageId: `inbreast-${row.imageNumber}`,
      path,
      subjectId: `inbreast-${subjectId}`,
      laterality: row.laterality,
      view: row.view,
      finding,
      ...(row.density === undefined ? {} : { density: row.density }),
      lesions: () =>
        contour === undefined ? [] : readContours(join(directory, contour), finding === "malignant"),
    });
  }
  const labelled = new Set(rows.map(({ imageNumber }) => imageNumber));
  for (const [number, file] of imageOf) {
    if (!labelled.has(number)) leftOut.add("Images without a usable row in the table", file);
  }
  const imported = await importImages(
    { directory, out },
    {
      head: { name: "INbreast", source: "inbreast", acquisition: "digital", licence },
      images,
      leftOut: leftOut.list(),
      problems,
    },
    options,
  );
  return { ...imported, report: { rowCount, ...imported.report } };
}

const byNumber = (files: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    files.flatMap((file) => (/^\d+/.exec(basename(file)) ?? []).map((number) => [number, file] as const)),
  );

/** <number>_<patient>_MG_<side>_<view>_ANON.dcm; else the header's patient id. The table has it removed. */
async function subjectOf(path: string): Promise<string | undefined> {
  const named = /^\d+_([0-9a-z]+)_MG_/i.exec(basename(path))?.[1];
  if (named !== undefined) return named;
  if (!/\.(dcm|dicom)$/i.test(path)) return undefined;
  const patientId = readInstance(await readFile(path), path).patientId?.trim() ?? "";
  return patientId === "" || /^(removed|anonymous)$/i.test(patientId) ? undefined : patientId;
}

const roiSchema = z.object({ Name: z.string(), Point_px: z.array(z.string()) });
const contoursSchema = z.object({ Images: z.array(z.object({ ROIs: z.array(roiSchema) })) });

const kinds: readonly (readonly [RegExp, string])[] = [
  [/calcif|cluster/i, "calcification"],
  [/mass|spiculated/i, "mass"],
  [/distor/i, "architectural-distortion"],
  [/asym+etr/i, "asymmetry"],
];

/** ROIs of an OsiriX property list; the set tells no malignancy per lesion, so each takes that of its image. */
export async function readContours(path: string, isMalignant: boolean): Promise<LesionMark[]> {
  const parsed = contoursSchema.safeParse(parsePropertyList(await readFile(path, "utf8"), path));
  if (!parsed.success) {
    throw new DomainError("label-invalid", `${path} has no Images with ROIs.`, { cause: parsed.error });
  }
  return parsed.data.Images.flatMap(({ ROIs }) => ROIs)
    .filter(({ Name, Point_px }) => Point_px.length > 0 && !/pectoral/i.test(Name))
    .map(({ Name, Point_px }) =>
      toContourMark(
        Point_px.map((text) => parsePoint(text, path)),
        {
          kind: kinds.find(([pattern]) => pattern.test(Name))?.[1] ?? "other",
          finding: isMalignant ? "malignant" : "benign",
        },
      ),
    );
}

function parsePoint(text: string, path: string): readonly [number, number] {
  const found = /^\(\s*(-?[\d.]+)\s*,\s*(-?[\d.]+)\s*\)$/.exec(text.trim());
  const [x, y] = [Number(found?.[1]), Number(found?.[2])];
  if (found === null || !Number.isFinite(x) || !Number.isFinite(y)) {
    throw new DomainError(
      "label-invalid",
      `A contour has points (x, y), but ${path} has "${text.slice(0, 40)}".`,
    );
  }
  return [x, y];
}
