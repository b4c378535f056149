"use client";

import { Badge, type Tone } from "../../components/badge.tsx";
import { count, dateTime, duration } from "../../components/format.ts";
import { ProgressBar } from "../../components/progress-bar.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import type { Outputs } from "../../trpc/client.ts";
import { WithdrawReader } from "./reader-changes.tsx";
import { participationTexts } from "./study-texts.ts";

type Study = Outputs["readerStudies"]["load"];
type Reader = NonNullable<Study["readers"]>[number];

const tones: Readonly<Record<Reader["participation"], Tone>> = {
  planned: "neutral",
  invited: "active",
  accepted: "done",
  declined: "warning",
  withdrawn: "warning",
};

const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

/** Who reads, how far each is, and what holds them up. */
export function ReaderProgressTable(props: {
  study: Study;
  readers: readonly Reader[];
  canWithdraw?: boolean;
}) {
  const { study, readers } = props;
  const isCrossover = study.settings.design === "crossover";
  const hasGroups = study.settings.groupCount !== null;
  const hasStarted = study.state !== "draft";
  return (
    <Table label={`Readers of ${study.name}`}>
      <thead>
        <tr>
          <Head>Reader</Head>
          <Head>Invitation</Head>
          {hasGroups ? <Head isNumeric>Group</Head> : null}
          {isCrossover ? (
            <>
              <Head>Period 1</Head>
              <Head>Period 2</Head>
            </>
          ) : (
            <Head>Cases</Head>
          )}
          {hasStarted ? (
            <>
              <Head isNumeric>Median per case</Head>
              <Head>Last activity</Head>
              {isCrossover && study.state === "open" ? <Head>Washout until</Head> : null}
            </>
          ) : null}
          {props.canWithdraw === true ? <Head aria-label="Actions" /> : null}
        </tr>
      </thead>
      <tbody>
        {readers.map((reader) => (
          <Row key={reader.readerId}>
            <Cell className="font-medium">{reader.readerName}</Cell>
            <Cell>
              <Badge tone={tones[reader.participation]}>{participationTexts[reader.participation]}</Badge>
              {reader.reason === null ? null : (
                <span className="block max-w-xs text-xs text-slate-600">{reader.reason}</span>
              )}
            </Cell>
            {hasGroups ? (
              <Cell isNumeric>{reader.groupIndex === null ? "–" : reader.groupIndex + 1}</Cell>
            ) : null}
            {reader.periods.map((period, index) => (
              <Cell key={index} className="w-44">
                {hasStarted ? (
                  <ProgressBar
                    label={`Progress of ${reader.readerName}${isCrossover ? ` in period ${index + 1}` : ""}`}
                    value={period.readingCount === 0 ? 0 : period.submittedCount / period.readingCount}
                  />
                ) : null}
                <span className="text-xs text-slate-700">
                  {hasStarted
                    ? `${count(period.submittedCount)} of ${count(period.readingCount)}`
                    : count(period.readingCount)}
                </span>
              </Cell>
            ))}
            {hasStarted ? (
              <>
                <Cell isNumeric>
                  {reader.medianDurationMs === null ? "–" : duration(reader.medianDurationMs)}
                </Cell>
                <Cell className="whitespace-nowrap">
                  {reader.lastActiveAt === null ? "–" : dateTime(reader.lastActiveAt)}
                </Cell>
                {isCrossover && study.state === "open" ? (
                  <Cell className="whitespace-nowrap">
                    {reader.continuesAt === null ? "–" : day.format(reader.continuesAt)}
                  </Cell>
                ) : null}
              </>
            ) : null}
            {props.canWithdraw === true ? (
              <Cell className="text-right">
                {reader.participation === "invited" || reader.participation === "accepted" ? (
                  <WithdrawReader study={study} reader={reader} />
                ) : null}
              </Cell>
            ) : null}
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
