"use client";

import { useState } from "react";
import { Badge, type Tone } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { count } from "../../components/format.ts";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { reportCsv, type ReportRow } from "./import-report.ts";
import type { CheckedTable } from "./table-import.tsx";

const outcomes = ["new", "changed", "same", "refused"] as const;
type Outcome = (typeof outcomes)[number];

const tones: Readonly<Record<Outcome, Tone>> = {
  new: "active",
  changed: "warning",
  same: "neutral",
  refused: "failure",
};
const meanings: Readonly<Record<Outcome, string>> = {
  new: "a label where none was",
  changed: "another label than before",
  same: "in force already",
  refused: "left out",
};
const shownRows = 500;

/** Rows that were refused in the browser are told in full here; the server got them without their cells. */
export function reportRows({ plan, unreadable }: CheckedTable): ReportRow[] {
  const local = new Map(unreadable.map((row) => [row.rowNumber, row]));
  return plan.outcomes.map(({ rowNumber, outcome, caseLabel, message }) => {
    const own = local.get(rowNumber);
    return {
      rowNumber,
      outcome,
      caseLabel,
      column: own?.column ?? "",
      message: own?.message ?? message,
    };
  });
}

export function OutcomeTable(props: {
  rows: readonly ReportRow[];
  counts: Readonly<Record<Outcome, number>>;
}) {
  const { rows, counts } = props;
  const [shown, setShown] = useState<Outcome>();
  const filtered = shown === undefined ? rows : rows.filter(({ outcome }) => outcome === shown);
  return (
    <>
      <div className="mb-2 flex flex-wrap items-center gap-2">
        {outcomes.map((outcome) => (
          <button
            key={outcome}
            type="button"
            aria-pressed={shown === outcome}
            onClick={() => setShown(shown === outcome ? undefined : outcome)}
            className={`rounded-lg border px-3 py-1.5 text-left ${shown === outcome ? "border-accent-600 bg-accent-50" : "border-slate-200 bg-white hover:bg-slate-50"}`}
          >
            <span className="block text-lg leading-6 font-semibold">{count(counts[outcome])}</span>
            <span className="block text-xs text-slate-600">
              {outcome}: {meanings[outcome]}
            </span>
          </button>
        ))}
        <Button className="ml-auto" onClick={() => download(rows)}>
          Download the report
        </Button>
      </div>
      <Table label="Rows of the table" maxHeight="22rem">
        <thead>
          <tr>
            <Head isNumeric className="w-16">
              Row
            </Head>
            <Head>Outcome</Head>
            <Head>Case</Head>
            <Head>Column</Head>
            <Head>Why, or what to mind</Head>
          </tr>
        </thead>
        <tbody>
          {filtered.slice(0, shownRows).map((row) => (
            <Row key={row.rowNumber}>
              <Cell isNumeric>{row.rowNumber}</Cell>
              <Cell>
                <Badge tone={tones[outcomes.find((each) => each === row.outcome) ?? "refused"]}>
                  {row.outcome}
                </Badge>
              </Cell>
              <Cell>{row.caseLabel === null ? "–" : <Pseudonym>{row.caseLabel}</Pseudonym>}</Cell>
              <Cell>{row.column}</Cell>
              <Cell>{row.message}</Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      {filtered.length <= shownRows ? null : (
        <p className="mt-1 text-xs text-slate-600">
          The first {count(shownRows)} of {count(filtered.length)} rows; the report has them all.
        </p>
      )}
    </>
  );
}

/** With a byte order mark, so that a spreadsheet takes it for UTF-8. */
export function download(rows: readonly ReportRow[]): void {
  const url = URL.createObjectURL(new Blob([`\uFEFF${reportCsv(rows)}`], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "label-import-report.csv";
  link.click();
  URL.revokeObjectURL(url);
}
