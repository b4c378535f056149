import { dirname, isAbsolute, join, normalize } from "node:path";
import { readdir, stat } from "node:fs/promises";
import {
  acquisitionSchema,
  findingSchema,
  type Acquisition,
  type Finding,
} from "@crossread/contracts/dataset-manifest";
import { DomainError } from "@crossread/contracts/errors";
import { readCsvTable, type CsvRow } from "./csv-table.ts";
import { importImages, LeftOutCounts, type ImportOptions, type PlannedImage } from "./import-images.ts";
import { ImportProblems } from "./import-problems.ts";

export interface CsvImportOptions extends ImportOptions {
  /** Of all images; a column "acquisition" may say it for each. */
  readonly acquisition?: Acquisition;
  readonly name?: string;
  readonly licence?: string;
  /** BI-RADS 3, "probably benign", has no proof of either: left out (default) or taken as benign. */
  readonly birads3?: "leave-out" | "benign";
}

/**
 * Columns of the table. Required: file (relative to the table), patient, laterality (L, R), view (CC, MLO), and one of
 * finding (normal, benign, malignant) or birads (1, 2, 4, 4a, 4b, 4c, 5, 6; 0 and 3 tell neither). Optional: site,
 * density, acquisition, and a lesion as x, y, radius in pixels, kind.
 */
export const csvColumns = [
  "file",
  "patient",
  "laterality",
  "view",
  "finding",
  "birads",
  "site",
  "density",
  "acquisition",
  "x",
  "y",
  "radius",
  "kind",
] as const;

/** A table in a directory, or a table itself, with image files beside and below it; several rows of one file are its lesions. */
export async function importCsv(source: string, out: string, options: CsvImportOptions = {}) {
  const table = await findTable(source);
  const directory = dirname(table);
  const rows = await readCsvTable(table, {
    delimiter: ",",
    required: ["file", "patient", "laterality", "view"],
  });
  const leftOut = new LeftOutCounts();
  const problems = new ImportProblems(options.onProblem ?? "refuse");
  const planned = new Map<string, { image: PlannedImage; lesions: PlannedLesion[] }>();
  for (const row of rows) {
    try {
      const finding = findingOf(row, table, options);
      if (finding === undefined) {
        leftOut.add(`BI-RADS ${row.get("birads")} tells neither benign nor malignant`, row.get("file"));
        continue;
      }
      addRow(planned, { row, table, directory, finding });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      problems.add(error);
    }
  }
  const images = [...planned.values()].map(({ image, lesions }): PlannedImage => ({
    ...image,
    lesions: () =>
      lesions.map((lesion) => ({
        shape: "circle" as const,
        ...lesion,
        finding: image.finding === "malignant" ? ("malignant" as const) : ("benign" as const),
      })),
  }));
  const imported = await importImages(
    { directory, out },
    {
      head: {
        name: options.name ?? "Own images",
        source: "csv",
        acquisition: acquisitionOfAll(images, table, options.acquisition),
        licence: options.licence ?? "as agreed with the owner of the images",
      },
      images,
      leftOut: leftOut.list(),
      problems,
    },
    options,
  );
  return { ...imported, report: { rowCount: rows.length, ...imported.report } };
}

interface PlannedLesion {
  readonly xPx: number;
  readonly yPx: number;
  readonly radiusPx: number;
  readonly kind: string;
}

interface RowTask {
  readonly row: CsvRow;
  readonly table: string;
  readonly directory: string;
  readonly finding: Finding;
}

function addRow(
  planned: Map<string, { image: PlannedImage; lesions: PlannedLesion[] }>,
  task: RowTask,
): void {
  const { directory, finding, row, table } = task;
  const refuse = (what: string) =>
    new DomainError("label-invalid", `${table} line ${row.line}: ${what}.`, { details: { line: row.line } });
  const file = row.get("file").replaceAll("\\", "/");
  if (file === "" || isAbsolute(file) || normalize(file).startsWith("..")) {
    throw refuse(`a file lies beside or below the table, got "${file}"`);
  }
  const subjectId = row.get("patient");
  const laterality = row.get("laterality").toUpperCase();
  const view = row.get("view").toUpperCase();
  if (subjectId === "") throw refuse("every image needs a patient: patients keep splits apart");
  if (laterality !== "L" && laterality !== "R") throw refuse(`laterality is L or R, got "${laterality}"`);
  if (view !== "CC" && view !== "MLO") throw refuse(`view is CC or MLO, got "${view}"`);
  const acquisition = acquisitionSchema.safeParse(row.get("acquisition"));
  if (!acquisition.success && row.get("acquisition") !== "") {
    throw refuse(`acquisition is ${acquisitionSchema.options.join(", ")}, got "${row.get("acquisition")}"`);
  }
  const lesion = lesionOf(row, refuse);
  const image: PlannedImage = {
    imageId: file.replace(/\.\w+$/, "").replaceAll(/[^\w-]+/g, "-"),
    path: join(directory, file),
    subjectId,
    laterality,
    view,
    finding,
    ...(row.get("site") === "" ? {} : { siteId: row.get("site") }),
    ...(row.get("density") === "" ? {} : { density: row.get("density") }),
    ...(acquisition.success ? { acquisition: acquisition.data } : {}),
    lesions: () => [],
  };
  const earlier = planned.get(file);
  if (earlier === undefined) {
    planned.set(file, { image, lesions: lesion === undefined ? [] : [lesion] });
    return;
  }
  const { lesions: _, ...before } = earlier.image;
  const { lesions: __, ...now } = image;
  if (JSON.stringify(before) !== JSON.stringify(now)) {
    throw refuse(`${file} has an earlier row with another patient, side, view, finding, site or density`);
  }
  if (lesion !== undefined) earlier.lesions.push(lesion);
}

function lesionOf(row: CsvRow, refuse: (what: string) => DomainError): PlannedLesion | undefined {
  const texts = [row.get("x"), row.get("y"), row.get("radius")];
  if (texts.every((text) => text === "")) return undefined;
  const [xPx = NaN, yPx = NaN, radiusPx = NaN] = texts.map((text) => (text === "" ? NaN : Number(text)));
  if (![xPx, yPx, radiusPx].every(Number.isFinite) || radiusPx <= 0) {
    throw refuse(`a lesion has x, y and a positive radius in pixels, got "${texts.join('", "')}"`);
  }
  return { xPx, yPx, radiusPx, kind: row.get("kind") === "" ? "other" : row.get("kind") };
}

/** Undefined where BI-RADS tells neither. */
function findingOf(row: CsvRow, table: string, options: CsvImportOptions): Finding | undefined {
  const stated = row.get("finding").toLowerCase();
  const parsed = findingSchema.safeParse(stated);
  if (parsed.success) return parsed.data;
  const birads = row.get("birads").toLowerCase();
  if (stated === "" && /^[0-6][abc]?$/.test(birads)) {
    if (birads === "1") return "normal";
    if (birads === "2" || (birads === "3" && options.birads3 === "benign")) return "benign";
    return birads === "0" || birads === "3" ? undefined : "malignant";
  }
  throw new DomainError(
    "label-invalid",
    `${table} line ${row.line}: finding is normal, benign or malignant, or birads is given; got "${stated}" and "${birads}".`,
    { details: { line: row.line } },
  );
}

function acquisitionOfAll(
  images: readonly PlannedImage[],
  table: string,
  stated: Acquisition | undefined,
): Acquisition {
  const silent = images.find(({ acquisition }) => acquisition === undefined);
  if (stated !== undefined) return stated;
  if (silent !== undefined) {
    throw new DomainError(
      "usage",
      `Film-digitised and digital images are different domains: say which with --acquisition, or in a column "acquisition" of ${table}.`,
    );
  }
  return images[0]?.acquisition ?? "digital";
}

async function findTable(source: string): Promise<string> {
  const found = await stat(source).catch(() => undefined);
  if (found === undefined)
    throw new DomainError("directory-missing", `There is no directory or table ${source}.`);
  if (found.isFile()) return source;
  const tables = (await readdir(source)).filter((name) => /\.csv$/i.test(name));
  const [only] = tables;
  if (only === undefined || tables.length > 1) {
    throw new DomainError(
      "usage",
      `A directory of images has one table, but ${source} has ${tables.length}: name the table itself.`,
    );
  }
  return join(source, only);
}
