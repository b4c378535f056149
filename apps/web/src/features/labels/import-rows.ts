import type { BreastLabel } from "@crossread/contracts/breast-label";
import type { Laterality } from "@crossread/contracts/dataset-manifest";
import type {
  BreastStatement,
  CaseKey,
  LabelField,
  LabelImportRow,
  LabelMapping,
} from "@crossread/contracts/label-import";
import {
  parseBirads,
  parseDate,
  parseDensity,
  parseLateralities,
  parseMonths,
  parseSource,
  parseYesNo,
  shiftDate,
} from "./cell-values.ts";
import type { CsvTable } from "./csv-table.ts";

/** A row that cannot be sent. `message` may quote the cell and stays here; `problem` says the same without it. */
export interface UnreadableRow {
  readonly rowNumber: number;
  readonly column: string;
  readonly message: string;
  readonly problem: string;
}

export interface ImportRows {
  readonly rows: readonly LabelImportRow[];
  readonly unreadable: readonly UnreadableRow[];
}

/** Turns the hospital's names into Crossread's; what it takes in never leaves the browser. */
export interface HospitalNames {
  pseudonym(patientId: string, issuer: string): Promise<{ pseudonym: string; shiftDays: number }>;
  studyUid(uid: string): Promise<string>;
}

/** Every row of the table as a statement about one case, or why it is none. */
export async function toImportRows(
  table: CsvTable,
  mapping: LabelMapping,
  names: HospitalNames | undefined,
): Promise<ImportRows> {
  const rows: LabelImportRow[] = [];
  const unreadable: UnreadableRow[] = table.misshapen.map(({ rowNumber, cellCount }) => ({
    rowNumber,
    column: "",
    message: `It has ${cellCount} cells, but the header has ${table.columns.length}.`,
    problem: `It has ${cellCount} cells, but the header has ${table.columns.length}.`,
  }));
  const indexes = new Map(table.columns.map((column, index) => [column, index]));
  for (const { rowNumber, cells } of table.rows) {
    const cell = (field: LabelField) => cells[indexes.get(mapping.columns[field] ?? "") ?? -1] ?? "";
    try {
      const row = new RowReader(cell, mapping);
      const said = row.statements();
      rows.push({ rowNumber, key: await caseKey(row, mapping, names), ...said });
    } catch (error) {
      if (!(error instanceof CellError)) throw error;
      const column = error.field === undefined ? "" : (mapping.columns[error.field] ?? "");
      unreadable.push({
        rowNumber,
        column,
        message: error.message,
        problem: error.problem,
      });
    }
  }
  return { rows, unreadable };
}

class CellError extends Error {
  readonly field: LabelField | undefined;
  readonly problem: string;
  constructor(field: LabelField | undefined, problem: string, quoted?: string) {
    super(quoted === undefined ? problem : `"${quoted}": ${problem}`);
    this.field = field;
    this.problem = problem;
  }
}

class RowReader {
  readonly cell: (field: LabelField) => string;
  readonly mapping: LabelMapping;
  constructor(cell: (field: LabelField) => string, mapping: LabelMapping) {
    this.cell = cell;
    this.mapping = mapping;
  }

  read<TValue>(field: LabelField, parse: (cell: string) => TValue | undefined, what: string): TValue {
    const value = parse(this.cell(field));
    if (value === undefined) throw new CellError(field, `It is not ${what}.`, this.cell(field));
    return value;
  }

  date(): string | null {
    return this.read(
      "studyDate",
      (cell) => parseDate(cell, this.mapping.dateOrder),
      "a date in the chosen order",
    );
  }

  statements(): Pick<LabelImportRow, "breasts" | "density"> {
    const shared = this.sharedFields();
    const breasts: { R?: BreastStatement; L?: BreastStatement } = {};
    const say = (laterality: Laterality, statement: Partial<BreastLabel>) => {
      if (Object.keys(statement).length > 0) {
        breasts[laterality] = { ...breasts[laterality], ...statement };
      }
    };
    const ofRow = { ...this.finding("finding", shared), ...this.birads("birads") };
    if (Object.keys(ofRow).length > 0) {
      for (const laterality of this.lateralities(ofRow)) say(laterality, ofRow);
    }
    say("R", { ...this.finding("findingR", shared), ...this.birads("biradsR") });
    say("L", { ...this.finding("findingL", shared), ...this.birads("biradsL") });
    const density = this.read("density", parseDensity, "a density of A to D; unknown stays unknown");
    if (Object.keys(breasts).length === 0 && density === null) {
      throw new CellError(undefined, "It says nothing about a breast or the density.");
    }
    return {
      breasts,
      ...(density === null ? {} : { density: { value: density, source: this.mapping.densitySource } }),
    };
  }

  /** A label of the patient is never spread over both breasts without anybody having said so. */
  lateralities(said: Partial<BreastLabel>): readonly Laterality[] {
    const stated = this.read("laterality", parseLateralities, "left, right or both");
    if (stated !== null) return stated;
    if (said.finding === "normal" && said.birads === undefined && this.mapping.normalMeansBoth)
      return ["R", "L"];
    throw new CellError(
      "laterality",
      said.finding === "normal"
        ? "It says normal without a breast. Name the breast, or choose that normal means both."
        : "It names no breast. A label of the patient is never spread over both breasts.",
    );
  }

  sharedFields() {
    const source =
      this.read("source", parseSource, "pathology, follow-up, reader consensus or data set") ??
      this.mapping.source;
    const months = this.read("followUpMonths", parseMonths, "a whole number of months, 1 to 240");
    const interval = this.read("isIntervalCancer", parseYesNo, "yes or no");
    return { source, months, interval };
  }

  finding(
    field: "finding" | "findingR" | "findingL",
    shared: ReturnType<RowReader["sharedFields"]>,
  ): Partial<BreastLabel> {
    const word = this.cell(field).trim().toLowerCase();
    if (word === "") return {};
    const finding = this.mapping.findings[word];
    if (finding === undefined)
      throw new CellError(field, "Nobody has said what this word means.", this.cell(field));
    if (finding === "unknown") return {};
    const { source, months, interval } = shared;
    if (source === null) throw new CellError("source", "The finding has no source.");
    return {
      finding,
      source,
      ...(source === "follow-up" && months !== null ? { followUpMonths: months } : {}),
      ...(interval !== null && finding === "malignant" ? { isIntervalCancer: interval } : {}),
    };
  }

  birads(field: "birads" | "biradsR" | "biradsL"): Partial<BreastLabel> {
    const birads = this.read(field, parseBirads, "0, 1, 2, 3, 4, 4A, 4B, 4C, 5 or 6");
    return birads === null ? {} : { birads };
  }
}

async function caseKey(
  row: RowReader,
  mapping: LabelMapping,
  names: HospitalNames | undefined,
): Promise<CaseKey> {
  const uid = row.cell("studyUid").trim();
  if (uid !== "") {
    if (!/^[0-9.]{1,64}$/.test(uid)) throw new CellError("studyUid", "It is not a UID.", uid);
    const ours = mapping.areHospitalIds ? await names?.studyUid(uid) : uid;
    if (ours === undefined) throw noKey("studyUid");
    return { by: "study", studyInstanceUid: ours };
  }
  const studyDate = row.date();
  if (!mapping.areHospitalIds) {
    const pseudonym = row.cell("pseudonym").trim();
    if (pseudonym === "")
      throw new CellError("pseudonym", "It names no case: no study UID and no pseudonym.");
    return { by: "pseudonym", pseudonym: pseudonym.slice(0, 100), studyDate };
  }
  const patientId = row.cell("patientId").trim();
  if (patientId === "") throw new CellError("patientId", "It names no case: no study UID and no patient id.");
  if (names === undefined) throw noKey("patientId");
  const { pseudonym, shiftDays } = await names.pseudonym(patientId, row.cell("issuer"));
  return {
    by: "pseudonym",
    pseudonym,
    studyDate: studyDate === null ? null : shiftDate(studyDate, shiftDays),
  };
}

const noKey = (field: LabelField) =>
  new CellError(field, "The hospital's own identifiers need the key of the site.");
