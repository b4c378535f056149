import { readFile } from "node:fs/promises";
import { DomainError } from "@crossread/contracts/errors";
import { parse } from "csv-parse/sync";
import { z } from "zod";

export interface CsvRow {
  /** In the file, the header being line 1; for messages. */
  readonly line: number;
  /** Trimmed; empty where the column or the field is. */
  readonly get: (column: string) => string;
}

export interface CsvShape {
  readonly delimiter: string;
  readonly required: readonly string[];
}

/** What csv-parse gives with `info`. */
const recordsSchema = z.array(
  z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) }),
);

/** Rows of a table with a header; column names are compared without case and with "_" as a space. */
export async function readCsvTable(path: string, shape: CsvShape): Promise<CsvRow[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new DomainError("file-missing", `There is no file ${path}.`, { cause });
  }
  let records: z.infer<typeof recordsSchema>;
  try {
    records = recordsSchema.parse(
      parse(text, {
        delimiter: shape.delimiter,
        bom: true,
        trim: true,
        skip_empty_lines: true,
        relax_column_count: true,
        info: true,
      }),
    );
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new DomainError("csv-invalid", `${path} is no table: ${detail}.`, { cause });
  }
  const [header, ...rows] = records;
  const columns = new Map((header?.record ?? []).map((name, index) => [normalised(name), index]));
  const missing = shape.required.find((column) => !columns.has(normalised(column)));
  if (missing !== undefined) {
    throw new DomainError(
      "csv-invalid",
      `${path} needs the columns ${shape.required.join(", ")}; "${missing}" is missing.`,
    );
  }
  return rows.map(({ info, record }) => ({
    line: info.lines,
    get: (column) => {
      const index = columns.get(normalised(column));
      return index === undefined ? "" : (record[index] ?? "").trim();
    },
  }));
}

const normalised = (name: string): string => name.trim().toLowerCase().replaceAll("_", " ");
