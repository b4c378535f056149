import { describe, expect, test } from "vitest";
import { guessDateOrder, parseBirads, parseDate, parseDensity, parseLateralities } from "./cell-values.ts";
import { guessMapping } from "./column-mapping.ts";
import { readCsvTable } from "./csv-table.ts";
import { openHospitalNames } from "./hospital-names.ts";
import { toImportRows } from "./import-rows.ts";
import { reportCsv } from "./import-report.ts";

const table = (text: string) => readCsvTable(new TextEncoder().encode(text));

const read = (text: string, change: Partial<ReturnType<typeof guessMapping>> = {}) => {
  const parsed = table(text);
  return toImportRows(parsed, { ...guessMapping(parsed, null), ...change }, undefined);
};

describe("the mapping of columns", () => {
  test("is guessed from the header, in CBIS-DDSM's words and in a hospital's", () => {
    const cbis = table(
      "patient_id,breast_density,left or right breast,pathology,assessment\nP_1,3,LEFT,BENIGN_WITHOUT_CALLBACK,4\n",
    );
    expect(guessMapping(cbis, null)).toMatchObject({
      columns: {
        patientId: "patient_id",
        density: "breast_density",
        laterality: "left or right breast",
        finding: "pathology",
        birads: "assessment",
      },
      findings: { benign_without_callback: "benign" },
      areHospitalIds: true,
    });
    const german = table("Pseudonym;Untersuchungsdatum;Seite;Befund\nXR-1;24.12.2024;rechts;bösartig\n");
    expect(guessMapping(german, null)).toMatchObject({
      columns: {
        pseudonym: "Pseudonym",
        studyDate: "Untersuchungsdatum",
        laterality: "Seite",
        finding: "Befund",
      },
      findings: { bösartig: "malignant" },
      dateOrder: "dmy",
      areHospitalIds: false,
    });
  });

  test("is what the site used last, as far as the columns are still there", () => {
    const first = table("who,what,side\nXR-1,B3,L\n");
    const used = {
      ...guessMapping(first, null),
      columns: { pseudonym: "who", finding: "what", studyDate: "when" },
      findings: { b3: "benign" as const },
      source: "pathology" as const,
    };
    expect(guessMapping(first, used)).toMatchObject({
      columns: { pseudonym: "who", finding: "what", laterality: "side" },
      findings: { b3: "benign" },
      source: "pathology",
    });
  });

  test("gives no meaning to words that have several", () => {
    const { findings } = guessMapping(table("pseudonym,finding\nA,LCIS\nB,atypia\nC,1\nD,DCIS\n"), null);
    expect(findings).toEqual({ dcis: "malignant" });
  });
});

describe("a cell", () => {
  test("of unknown density is unknown, and never A", () => {
    expect(["", "unknown", "n/a"].map(parseDensity)).toEqual([null, null, null]);
    expect(["0", "5", "E", "fatty"].map(parseDensity)).toEqual([undefined, undefined, undefined, undefined]);
    expect(["a", "ACR B", "3", "4.0"].map(parseDensity)).toEqual(["A", "B", "C", "D"]);
  });

  test("of BI-RADS 4 needs its letter", () => {
    expect(["BI-RADS 4a", "0", "6", "3.0", "4", ""].map(parseBirads)).toEqual([
      "4A",
      "0",
      "6",
      "3",
      "4",
      null,
    ]);
    expect(["4D", "7", "benign"].map(parseBirads)).toEqual([undefined, undefined, undefined]);
  });

  test("means both breasts only where it says both", () => {
    expect(parseLateralities("bilateral")).toEqual(["R", "L"]);
    expect(parseLateralities("")).toBeNull();
    expect(parseLateralities("M")).toBeUndefined();
  });

  test("with a date is read in the order that was chosen, and refused where no such day exists", () => {
    expect(parseDate("03.04.2024", "dmy")).toBe("2024-04-03");
    expect(parseDate("03/04/2024", "mdy")).toBe("2024-03-04");
    expect(parseDate("20240403", "dmy")).toBe("2024-04-03");
    expect(parseDate("31.02.2024", "dmy")).toBeUndefined();
    expect(parseDate("03.04.24", "dmy")).toBeUndefined();
    expect(guessDateOrder(["03.04.2024", "13.04.2024"])).toBe("dmy");
    expect(guessDateOrder(["03.04.2024"])).toBeUndefined();
  });
});

describe("a row", () => {
  test("is a statement about the breast that it names", async () => {
    const { rows, unreadable } = await read(
      "pseudonym,study date,laterality,pathology,birads,density,follow-up,source\n" +
        "XR-1,2024-02-01,L,malignant,5,C,,biopsy\n" +
        "XR-2,,both,normal,1,,26,follow-up\n",
    );
    expect(unreadable).toEqual([]);
    expect(rows).toEqual([
      {
        rowNumber: 2,
        key: { by: "pseudonym", pseudonym: "XR-1", studyDate: "2024-02-01" },
        breasts: { L: { finding: "malignant", source: "pathology", birads: "5" } },
        density: { value: "C", source: "reader" },
      },
      {
        rowNumber: 3,
        key: { by: "pseudonym", pseudonym: "XR-2", studyDate: null },
        breasts: {
          R: { finding: "normal", source: "follow-up", followUpMonths: 26, birads: "1" },
          L: { finding: "normal", source: "follow-up", followUpMonths: 26, birads: "1" },
        },
      },
    ]);
  });

  test("without a breast is refused and never spread over both, but for a normal that was said to mean both", async () => {
    const text = "pseudonym,pathology\nXR-1,malignant\nXR-2,normal\n";
    const first = await read(text, { source: "pathology" });
    expect(first.rows).toEqual([]);
    expect(first.unreadable.map(({ rowNumber, message }) => [rowNumber, message])).toEqual([
      [2, "It names no breast. A label of the patient is never spread over both breasts."],
      [3, "It says normal without a breast. Name the breast, or choose that normal means both."],
    ]);
    const second = await read(text, { source: "pathology", normalMeansBoth: true });
    expect(second.rows.map(({ rowNumber, breasts }) => [rowNumber, Object.keys(breasts)])).toEqual([
      [3, ["R", "L"]],
    ]);
    expect(second.unreadable.map(({ rowNumber }) => rowNumber)).toEqual([2]);
  });

  test("is refused with its column and a sentence; what is sent of it does not quote the cell", async () => {
    const { unreadable } = await read(
      "pseudonym,laterality,pathology,density\nXR-1,L,Mrs Miller,\nXR-2,left breast,benign,\nXR-3,L,,0\nXR-4,R,,\n",
      { source: "pathology" },
    );
    expect(unreadable.map(({ rowNumber, column }) => [rowNumber, column])).toEqual([
      [2, "pathology"],
      [3, "laterality"],
      [4, "density"],
      [5, ""],
    ]);
    expect(unreadable[0]?.message).toContain("Mrs Miller");
    expect(JSON.stringify(unreadable.map(({ problem }) => problem))).not.toMatch(/Miller|left breast/);
  });

  test("with a column for each breast says both at once", async () => {
    const { rows } = await read("pseudonym,finding right,finding left\nXR-1,normal,benign\n", {
      source: "pathology",
    });
    expect(rows[0]?.breasts).toMatchObject({ R: { finding: "normal" }, L: { finding: "benign" } });
  });

  test("with the hospital's numbers is named as de-identification names it, in the browser", async () => {
    const parsed = table(
      "patient id,study date,study uid,side,finding\n4711,2024-02-01,,L,benign\n4711,2024-03-01,,L,benign\n,,1.2.3,R,benign\n",
    );
    const mapping = { ...guessMapping(parsed, null), source: "pathology" as const };
    const names = await openHospitalNames(new Uint8Array(32).fill(7));
    const { rows } = await toImportRows(parsed, mapping, names);
    const [first, second, third] = rows.map(({ key }) => key);
    expect(first).toMatchObject({ by: "pseudonym", pseudonym: expect.stringMatching(/^XR-[0-9A-Z]{12}$/) });
    if (first?.by !== "pseudonym" || second?.by !== "pseudonym") throw new Error("not named by pseudonym");
    expect(second.pseudonym).toBe(first.pseudonym);
    // Both dates are moved by the same number of days, so that the interval stays.
    const days = (a: string | null, b: string | null) =>
      (Date.parse(b ?? "") - Date.parse(a ?? "")) / 86_400_000;
    expect(days(first.studyDate, second.studyDate)).toBe(29);
    expect(days(first.studyDate, "2024-02-01")).toBeGreaterThan(0);
    expect(third).toMatchObject({ by: "study", studyInstanceUid: expect.stringMatching(/^2\.25\./) });
    expect(JSON.stringify(rows)).not.toMatch(/4711|1\.2\.3/);
    expect((await toImportRows(parsed, mapping, undefined)).rows).toEqual([]);
  });
});

test("a report is safe to open in a spreadsheet", () => {
  const row = { outcome: "refused", caseLabel: null, column: "=cmd", message: 'say "no", =1+1' };
  expect(reportCsv([{ ...row, rowNumber: 2 }])).toBe(
    'row,outcome,case,column,message\r\n2,refused,,\'=cmd,"say ""no"", =1+1"\r\n',
  );
});
