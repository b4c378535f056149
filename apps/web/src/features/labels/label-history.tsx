"use client";

import { date, dateTime } from "../../components/format.ts";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import type { Outputs } from "../../trpc/client.ts";
import { describeMark } from "./marks/mark-words.ts";
import { FindingBadge } from "../studies/finding-badge.tsx";

type HistoryRow = Outputs["studies"]["load"]["labelHistory"][number];

const breastNames = { R: "right", L: "left" } as const;

/** Every label that is or was in force, newest first: by whom, when, why, and what ended it. */
export function LabelHistory(props: { rows: readonly HistoryRow[] }) {
  if (props.rows.length === 0) return <p className="text-sm text-slate-600">Nothing entered yet.</p>;
  return (
    <Table label="History of the labels" maxHeight="24rem">
      <thead>
        <tr>
          <Head>What</Head>
          <Head>Label</Head>
          <Head>By</Head>
          <Head>Since</Head>
          <Head>Reason</Head>
          <Head>Until</Head>
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <Row key={row.id} className={row.superseded === null ? "" : "text-slate-600"}>
            <Cell className="whitespace-nowrap">{subject(row)}</Cell>
            <Cell>
              <Statement row={row} />
            </Cell>
            <Cell className="whitespace-nowrap">
              {row.creatorName ?? "import of the data set"}
              {row.importId === null ? "" : ", by table"}
            </Cell>
            <Cell className="whitespace-nowrap">{dateTime(row.createdAt)}</Cell>
            <Cell>{row.reason ?? "–"}</Cell>
            <Cell>
              {row.superseded === null ? (
                <span className="font-medium text-slate-900">in force</span>
              ) : (
                <>
                  {dateTime(row.superseded.at)}
                  {row.superseded.byName === null ? "" : `, ${row.superseded.byName}`}
                  {row.superseded.reason === null ? null : (
                    <span className="block text-xs text-slate-600">{row.superseded.reason}</span>
                  )}
                </>
              )}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function subject({ statement }: HistoryRow): string {
  if (statement.kind === "density") return "density";
  if (statement.kind === "mark") return `${statement.laterality} ${statement.view}, lesion mark`;
  return `${breastNames[statement.laterality]}, ${statement.kind === "birads" ? "BI-RADS" : "reference"}`;
}

function Statement(props: { row: HistoryRow }) {
  const { statement } = props.row;
  if (statement.kind === "birads") return <>BI-RADS {statement.value}</>;
  if (statement.kind === "density") {
    return (
      <>
        {statement.value}, {statement.source.replace("-", " ")}
      </>
    );
  }
  if (statement.kind === "mark") {
    return (
      <span className="flex flex-wrap items-center gap-1.5">
        <FindingBadge finding={statement.mark.finding} />
        {describeMark(statement.mark)}
      </span>
    );
  }
  const { consensus, finding, source, followUpMonths, isIntervalCancer } = statement;
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      <FindingBadge finding={finding} />
      {source.replace("-", " ")}
      {source === "follow-up"
        ? `, ${followUpMonths === null ? "length not said" : `${followUpMonths} months`}`
        : ""}
      {isIntervalCancer ? ", interval cancer" : ""}
      {consensus === null ? null : <Origin consensus={consensus} />}
    </span>
  );
}

type Consensus = NonNullable<Extract<HistoryRow["statement"], { readonly kind: "reference" }>["consensus"]>;

/** Where a consensus of readers comes from. */
function Origin(props: { consensus: Consensus }) {
  const { arbitratedAt, readerStudyName, readingCount } = props.consensus;
  return (
    <span className="basis-full text-xs text-slate-600">
      consensus of {readingCount} readings,{" "}
      {arbitratedAt === null ? "unanimous" : `arbitration of ${date(arbitratedAt)}`}, study {readerStudyName}
    </span>
  );
}
