"use client";

import Link from "next/link";
import { Badge } from "../../components/badge.tsx";
import { decimal } from "../../components/format.ts";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import type { Outputs } from "../../trpc/client.ts";
import { FindingBadge } from "../studies/finding-badge.tsx";
import { breastNames, kindNames } from "./discordance-words.ts";

type Discordances = Outputs["arbitration"]["discordances"];
type Breast = Discordances["rows"][number];
type Assessment = Breast["readers"][number]["unaided"];

const stateTones = { waiting: "neutral", begun: "active", decided: "done" } as const;

/** One row a breast: what disagrees, what each reader said before and with the aid, model, reference, arbitration. */
export function DiscordanceTable(props: {
  readerStudyId: string;
  rows: readonly Breast[];
  sites: Discordances["countsBySite"];
}) {
  return (
    <Table label="Discordances" maxHeight="36rem">
      <thead>
        <tr>
          <Head>Case</Head>
          <Head>What disagrees</Head>
          <Head>Readers: unaided → final, BI-RADS (suspicion)</Head>
          <Head isNumeric>Model</Head>
          <Head>Reference</Head>
          <Head>Arbitration</Head>
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <Row key={`${row.caseId} ${row.laterality}`}>
            <Cell className="align-top">
              <Link
                href={`/reader-studies/${props.readerStudyId}/cases/${row.caseId}`}
                className="underline underline-offset-2"
              >
                <Pseudonym>{row.caseLabel}</Pseudonym>
              </Link>
              <p className="text-xs whitespace-nowrap text-slate-600">
                {breastNames[row.laterality]} ·{" "}
                {props.sites.find(({ siteId }) => siteId === row.siteId)?.name ?? ""}
              </p>
            </Cell>
            <Cell className="align-top">
              <ul className="flex flex-col gap-1">
                {row.discordances.map(({ kind, statement }) => (
                  <li key={kind} className="grid grid-cols-[8rem_1fr] items-baseline gap-x-2">
                    <span>
                      <Badge>{kindNames[kind]}</Badge>
                    </span>
                    <span className="text-xs text-slate-700">{statement}</span>
                  </li>
                ))}
              </ul>
            </Cell>
            <Cell className="align-top">
              <ul className="flex flex-col gap-0.5">
                {row.readers.map(({ aided, readerName, unaided }, index) => (
                  <li key={index} className="flex gap-2 whitespace-nowrap">
                    <span className="text-slate-600">{readerName}</span>
                    <span className="tabular-nums">
                      {unaided === null ? null : <>{text(unaided)}</>}
                      {aided === null ? null : (
                        <>
                          {unaided === null ? "" : " → "}
                          <span className="font-medium">{text(aided)}</span>
                        </>
                      )}
                    </span>
                  </li>
                ))}
              </ul>
            </Cell>
            <Cell isNumeric className="align-top whitespace-nowrap">
              {row.earlierScore === null ? null : (
                <span className="text-slate-600">{decimal(row.earlierScore, 2)} → </span>
              )}
              {row.score === null ? "–" : decimal(row.score, 2)}
            </Cell>
            <Cell className="align-top">
              <FindingBadge finding={row.finding} />
            </Cell>
            <Cell className="align-top">
              {row.arbitration === null ? (
                <span className="text-slate-600">–</span>
              ) : (
                <>
                  <Badge tone={stateTones[row.arbitration.state]}>{row.arbitration.state}</Badge>
                  <p className="mt-0.5 text-xs whitespace-nowrap text-slate-600">
                    {row.arbitration.arbitratorName}
                  </p>
                </>
              )}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

const text = (assessment: NonNullable<Assessment>): string =>
  `${assessment.birads} (${assessment.suspicion})`;
