import type { LabelField, LabelMapping } from "@crossread/contracts/label-import";
import type { CsvTable } from "./csv-table.ts";
import { guessDateOrder, guessFinding } from "./cell-values.ts";

export interface FieldText {
  readonly field: LabelField;
  readonly title: string;
  readonly help: string;
  readonly group: "case" | "breast" | "one row a case";
}

export const fieldTexts: readonly FieldText[] = [
  { field: "pseudonym", title: "Pseudonym", help: "as Crossread shows it", group: "case" },
  { field: "patientId", title: "Patient id", help: "of the hospital", group: "case" },
  { field: "issuer", title: "Issuer of the patient id", help: "where the images carry one", group: "case" },
  { field: "studyDate", title: "Study date", help: "where a patient has several studies", group: "case" },
  { field: "studyUid", title: "Study UID", help: "names the study alone", group: "case" },
  { field: "laterality", title: "Laterality", help: "L, R or both", group: "breast" },
  { field: "finding", title: "Finding", help: "of the breast of this row", group: "breast" },
  { field: "birads", title: "BI-RADS", help: "0, 1, 2, 3, 4A, 4B, 4C, 5, 6", group: "breast" },
  { field: "source", title: "Source", help: "else the one chosen below", group: "breast" },
  { field: "followUpMonths", title: "Months of follow-up", help: "a whole number", group: "breast" },
  { field: "isIntervalCancer", title: "Interval cancer", help: "yes or no", group: "breast" },
  { field: "density", title: "Density", help: "A to D, of the case", group: "breast" },
  { field: "findingR", title: "Finding, right", help: "", group: "one row a case" },
  { field: "findingL", title: "Finding, left", help: "", group: "one row a case" },
  { field: "biradsR", title: "BI-RADS, right", help: "", group: "one row a case" },
  { field: "biradsL", title: "BI-RADS, left", help: "", group: "one row a case" },
];

/** Header words, without anything but letters and digits, in the order in which they are tried. */
const headerWords: readonly (readonly [LabelField, readonly string[]])[] = [
  ["studyUid", ["studyinstanceuid", "studyuid"]],
  ["pseudonym", ["pseudonym", "subjectpseudonym", "crossreadid", "subjectid", "subject"]],
  ["patientId", ["patientid", "patid", "mrn", "pid", "patientnumber", "patientennummer", "patnr", "id1"]],
  ["issuer", ["issuerofpatientid", "issuer"]],
  ["studyDate", ["studydate", "examdate", "acquisitiondate", "date", "untersuchungsdatum", "datum"]],
  [
    "laterality",
    [
      "laterality",
      "imagelaterality",
      "leftright",
      "leftorrightbreast",
      "leftrightbreast",
      "side",
      "breast",
      "seite",
    ],
  ],
  ["findingR", ["findingright", "findingr", "rightfinding", "pathologyright", "rightpathology"]],
  ["findingL", ["findingleft", "findingl", "leftfinding", "pathologyleft", "leftpathology"]],
  ["biradsR", ["biradsright", "biradsr", "rightbirads"]],
  ["biradsL", ["biradsleft", "biradsl", "leftbirads"]],
  ["density", ["density", "breastdensity", "biradsdensity", "acr", "acrdensity", "dichte"]],
  ["birads", ["birads", "biradsassessment", "biradscategory", "assessment"]],
  ["isIntervalCancer", ["intervalcancer", "isintervalcancer", "interval", "intervallkarzinom"]],
  ["followUpMonths", ["followupmonths", "monthsoffollowup", "followup", "months", "nachbeobachtungmonate"]],
  ["source", ["source", "referencesource", "truthsource", "quelle"]],
  [
    "finding",
    [
      "finding",
      "pathology",
      "pathologyresult",
      "histology",
      "diagnosis",
      "classification",
      "outcome",
      "result",
      "severity",
      "befund",
    ],
  ],
];

const normalise = (header: string) => header.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");

/** What the site used last where the columns are there, else by the words of the header. */
export function guessMapping(table: CsvTable, remembered: LabelMapping | null): LabelMapping {
  const columns: Partial<Record<LabelField, string>> = {};
  const taken = new Set<string>();
  const take = (field: LabelField, column: string | undefined) => {
    if (column === undefined || taken.has(column) || field in columns) return;
    columns[field] = column;
    taken.add(column);
  };
  for (const [field, column] of Object.entries(remembered?.columns ?? {})) {
    if (column !== undefined && table.columns.includes(column)) take(field as LabelField, column);
  }
  for (const [field, words] of headerWords) {
    take(
      field,
      words
        .map((word) => table.columns.find((column) => normalise(column) === word))
        .find((column) => column !== undefined && !taken.has(column)),
    );
  }
  return {
    columns,
    findings: guessFindings(table, columns, remembered?.findings ?? {}),
    dateOrder: guessDateOrder(cellsOf(table, columns.studyDate)) ?? remembered?.dateOrder ?? "ymd",
    source: remembered?.source ?? null,
    densitySource: remembered?.densitySource ?? "reader",
    areHospitalIds:
      remembered?.areHospitalIds ?? (columns.pseudonym === undefined && columns.patientId !== undefined),
    normalMeansBoth: remembered?.normalMeansBoth ?? false,
  };
}

export const findingFields = ["finding", "findingR", "findingL"] as const satisfies readonly LabelField[];

/** Words for findings in the mapped columns, most frequent first. */
export function findingWords(
  table: CsvTable,
  columns: LabelMapping["columns"],
): { word: string; rowCount: number }[] {
  const counts = new Map<string, number>();
  for (const field of findingFields) {
    for (const cell of cellsOf(table, columns[field])) {
      if (cell !== "") counts.set(cell.toLowerCase(), (counts.get(cell.toLowerCase()) ?? 0) + 1);
    }
  }
  return [...counts]
    .map(([word, rowCount]) => ({ word, rowCount }))
    .toSorted((a, b) => b.rowCount - a.rowCount || (a.word < b.word ? -1 : 1));
}

/** Adds guesses for the words that have no meaning yet. */
export function guessFindings(
  table: CsvTable,
  columns: LabelMapping["columns"],
  known: LabelMapping["findings"],
): LabelMapping["findings"] {
  const findings = { ...known };
  for (const { word } of findingWords(table, columns)) {
    const guess = guessFinding(word);
    if (!(word in findings) && guess !== undefined && word.length <= 100) findings[word] = guess;
  }
  return findings;
}

function cellsOf(table: CsvTable, column: string | undefined): string[] {
  const index = column === undefined ? -1 : table.columns.indexOf(column);
  return index < 0 ? [] : table.rows.map(({ cells }) => cells[index] ?? "");
}
