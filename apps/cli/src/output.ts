export interface OutputOptions {
  readonly json?: boolean;
}

/** The result goes to stdout: one JSON object with --json, the text for people without. */
export function printResult(options: OutputOptions, result: object, text: string): void {
  process.stdout.write(options.json === true ? `${JSON.stringify(result)}\n` : `${text}\n`);
}

/** Progress goes to stderr, so that stdout holds the result and nothing else. */
export function printProgress(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Columns padded to their widest cell; numbers to the right. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const format = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return /^[-+]?[\d.]/.test(cell) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  return [format(header), widths.map((width) => "─".repeat(width)).join("  "), ...rows.map(format)].join(
    "\n",
  );
}
