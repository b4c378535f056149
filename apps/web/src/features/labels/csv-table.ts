import { DomainError } from "@crossread/contracts/errors";
import { labelImportLimits } from "@crossread/contracts/label-import";
import { CsvError, parse } from "csv-parse/browser/esm/sync";

const delimiters = [",", ";", "\t"] as const;
type Delimiter = (typeof delimiters)[number];

export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly rowNumber: number; readonly cells: readonly string[] }[];
  /** Rows with another number of cells than the header. */
  readonly misshapen: readonly { readonly rowNumber: number; readonly cellCount: number }[];
  readonly delimiter: Delimiter;
  readonly encoding: "utf-8" | "utf-16le" | "windows-1252";
}

/** A table as spreadsheets and registries write it: comma, semicolon or tab; UTF-8 with or without BOM, UTF-16 or Latin-1; any line end. */
export function readCsvTable(bytes: Uint8Array): CsvTable {
  if (bytes.length > labelImportLimits.fileBytes) {
    throw new DomainError(
      "csv-invalid",
      `A table has at most ${labelImportLimits.fileBytes / 1024 / 1024} MB, but this one has ${Math.ceil(bytes.length / 1024 / 1024)} MB.`,
    );
  }
  const { text, encoding } = decodeText(bytes);
  const delimiter = guessDelimiter(text);
  const records = parseRecords(text, delimiter);
  const [header, ...body] = records;
  if (header === undefined) throw new DomainError("csv-invalid", "The table is empty.");
  const columns = header.cells.map((name, index) => (name === "" ? `column ${index + 1}` : name));
  const repeated = columns.find((name, index) => columns.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new DomainError(
      "csv-invalid",
      `Every column needs a name of its own, but two are called "${repeated}".`,
    );
  }
  if (columns.length < 2) {
    throw new DomainError(
      "csv-invalid",
      "The first line holds one column only. Columns are separated by comma, semicolon or tab.",
    );
  }
  if (columns.length > labelImportLimits.columns || body.length > labelImportLimits.rows) {
    throw new DomainError(
      "csv-invalid",
      `A table has at most ${labelImportLimits.rows} rows and ${labelImportLimits.columns} columns, but this one has ${body.length} and ${columns.length}. Split it.`,
    );
  }
  if (body.length === 0) throw new DomainError("csv-invalid", "The table has a header and no rows.");
  return {
    columns,
    rows: body.filter(({ cells }) => cells.length === columns.length),
    misshapen: body
      .filter(({ cells }) => cells.length !== columns.length)
      .map(({ rowNumber, cells }) => ({ rowNumber, cellCount: cells.length })),
    delimiter,
    encoding,
  };
}

/** Bytes that are no UTF-8 are taken for what Windows calls ANSI: Latin-1 with a few characters more. */
function decodeText(bytes: Uint8Array): Pick<CsvTable, "encoding"> & { text: string } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) {
    return { text: new TextDecoder("utf-16le").decode(bytes), encoding: "utf-16le" };
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), encoding: "utf-8" };
  } catch {
    return { text: new TextDecoder("windows-1252").decode(bytes), encoding: "windows-1252" };
  }
}

/** The one that the first lines hold most often outside of quotes, the same number of times in each. */
function guessDelimiter(text: string): Delimiter {
  const lines = text.split(/\r\n|\n|\r/, 20).filter((line) => line.trim() !== "");
  const scores = delimiters.map((delimiter) => {
    const counts = lines.map((line) => line.replaceAll(/"[^"]*"/g, "").split(delimiter).length - 1);
    const first = counts[0] ?? 0;
    return { delimiter, score: first * (counts.filter((count) => count === first).length / counts.length) };
  });
  return scores.reduce((best, each) => (each.score > best.score ? each : best)).delimiter;
}

function parseRecords(text: string, delimiter: Delimiter): { rowNumber: number; cells: string[] }[] {
  try {
    const records: { rowNumber: number; cells: string[] }[] = [];
    parse(text, {
      bom: true,
      delimiter,
      on_record(cells: string[], { lines }) {
        records.push({ rowNumber: lines, cells });
        return null;
      },
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
    });
    return records;
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const line = "lines" in cause ? Number(cause["lines"]) : undefined;
    throw new DomainError(
      "csv-invalid",
      `The table cannot be read${line === undefined ? "" : ` from line ${line} on`}: a quotation mark is not closed, or stands inside a cell that does not begin with one.`,
      { cause },
    );
  }
}
