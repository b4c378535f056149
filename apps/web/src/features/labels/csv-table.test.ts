import { describe, expect, test } from "vitest";
import { readCsvTable } from "./csv-table.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("a table of labels", () => {
  test("is read with comma, semicolon or tab, with any line end", () => {
    for (const [delimiter, end] of [
      [",", "\n"],
      [";", "\r\n"],
      ["\t", "\r"],
    ] as const) {
      const text = [
        ["case", "note"],
        ["A", '"one, two; three"'],
        ["B", "x"],
      ]
        .map((row) => row.join(delimiter))
        .join(end);
      expect(readCsvTable(bytes(text)), JSON.stringify([delimiter, end])).toMatchObject({
        delimiter,
        columns: ["case", "note"],
        rows: [
          { rowNumber: 2, cells: ["A", "one, two; three"] },
          { rowNumber: 3, cells: ["B", "x"] },
        ],
      });
    }
  });

  test("is read as UTF-8 with or without a mark, UTF-16 and Latin-1", () => {
    const text = "Fall;Befund\nA;bösartig\n";
    const latin = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const utf16 = Uint8Array.from([
      0xff,
      0xfe,
      ...Array.from(text, (letter) => [letter.charCodeAt(0), 0]).flat(),
    ]);
    for (const [source, encoding] of [
      [bytes(text), "utf-8"],
      [bytes(`\uFEFF${text}`), "utf-8"],
      [utf16, "utf-16le"],
      [latin, "windows-1252"],
    ] as const) {
      expect(readCsvTable(source)).toMatchObject({
        encoding,
        columns: ["Fall", "Befund"],
        rows: [{ cells: ["A", "bösartig"] }],
      });
    }
  });

  test("tells the rows that do not fit its header, and passes over empty lines", () => {
    const table = readCsvTable(bytes("a,b\n1,2\n\n1,2,3\n,\n4\n5,6\n"));
    expect(table.rows.map(({ rowNumber }) => rowNumber)).toEqual([2, 7]);
    expect(table.misshapen).toEqual([
      { rowNumber: 4, cellCount: 3 },
      { rowNumber: 6, cellCount: 1 },
    ]);
  });

  test("is refused with a sentence where it is no table", () => {
    const refusal = (text: string) => {
      try {
        readCsvTable(bytes(text));
        return "accepted";
      } catch (error) {
        return error instanceof Error ? error.message : "";
      }
    };
    expect(refusal("")).toMatch(/empty/);
    expect(refusal("a,b\n")).toMatch(/no rows/);
    expect(refusal("a,a\n1,2\n")).toMatch(/two are called "a"/);
    expect(refusal("just text\nmore\n")).toMatch(/one column only/);
    expect(refusal('a,b\n1,"2\n3,4\n')).toMatch(/quotation mark/);
    expect(refusal(`a,b\n${"1,2\n".repeat(10_001)}`)).toMatch(/at most 10000 rows/);
    expect(refusal("x".repeat(8 * 1024 * 1024 + 1))).toMatch(/at most 8 MB/);
  });
});
