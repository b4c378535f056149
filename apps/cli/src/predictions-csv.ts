import { parse } from "csv-parse/sync";
import { DomainError } from "@crossread/contracts/errors";

export interface PredictionRow {
  readonly label: 0 | 1;
  readonly score: number;
  /** The row itself where the file has no patient column: rows then count as independent. */
  readonly patient: string;
  readonly site: string | undefined;
}

const labels: Readonly<Record<string, 0 | 1>> = { "0": 0, "1": 1, benign: 0, normal: 0, malignant: 1 };
const knownColumns = ["label", "score", "patient", "site"];

export function parsePredictions(text: string, file: string): PredictionRow[] {
  const rows = parseRows(text, file);
  const header = Object.keys(rows[0] ?? {});
  for (const column of ["label", "score"]) {
    if (!header.includes(column)) {
      throw new DomainError(
        "csv-invalid",
        `${file} needs a header with the columns label,score[,patient,site]; "${column}" is missing.`,
      );
    }
  }
  const stranger = header.find((column) => !knownColumns.includes(column));
  if (stranger !== undefined) {
    throw new DomainError(
      "csv-invalid",
      `${file} has a column "${stranger}"; only ${knownColumns.join(", ")} are read.`,
    );
  }
  return rows.map((row, index) => parseRow(row, { file, line: index + 2 }));
}

function parseRows(text: string, file: string): Record<string, string>[] {
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { columns: true, skip_empty_lines: true, trim: true, bom: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DomainError("csv-invalid", `${file} is not a readable CSV file: ${reason}.`, { cause });
  }
  if (rows.length === 0) throw new DomainError("csv-invalid", `${file} has no rows below its header.`);
  return rows;
}

function parseRow(row: Record<string, string>, place: { file: string; line: number }): PredictionRow {
  const label = labels[(row["label"] ?? "").toLowerCase()];
  if (label === undefined) {
    throw new DomainError(
      "csv-invalid",
      `${place.file}, line ${place.line}: label is 0, 1, benign or malignant, got "${row["label"] ?? ""}".`,
    );
  }
  const score = Number(row["score"]);
  if (row["score"] === undefined || row["score"] === "" || !Number.isFinite(score)) {
    throw new DomainError(
      "csv-invalid",
      `${place.file}, line ${place.line}: score is a finite number, got "${row["score"] ?? ""}".`,
    );
  }
  const site = row["site"];
  const patient = row["patient"];
  return {
    label,
    score,
    patient: patient === undefined || patient === "" ? `line ${place.line}` : patient,
    site: site === "" ? undefined : site,
  };
}
