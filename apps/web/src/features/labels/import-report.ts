export interface ReportRow {
  readonly rowNumber: number;
  readonly outcome: string;
  readonly caseLabel: string | null;
  readonly column: string;
  readonly message: string | null;
}

/** As CSV for a spreadsheet; a cell that one would take for a formula begins with an apostrophe. */
export function reportCsv(rows: readonly ReportRow[]): string {
  const cell = (value: string) => {
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",;\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = rows.map((row) =>
    [String(row.rowNumber), row.outcome, row.caseLabel ?? "", row.column, row.message ?? ""]
      .map(cell)
      .join(","),
  );
  return `${["row,outcome,case,column,message", ...lines].join("\r\n")}\r\n`;
}
