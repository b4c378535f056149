"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { EmptyState } from "../../components/empty-state.tsx";
import { dateTime } from "../../components/format.ts";
import { Section } from "../../components/page-header.tsx";
import { Pager } from "../../components/pager.tsx";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { FindingBadge } from "../studies/finding-badge.tsx";
import { breastNames } from "./discordance-words.ts";

const bases = [
  ["arbitration", "Decided by arbitration"],
  ["unanimous", "Unanimous readings"],
] as const;

/** What readers have settled, beside what is in force; from here a consensus becomes the reference standard. */
export function SettledSection(props: {
  readerStudyId: string;
  sites: Outputs["arbitration"]["discordances"]["countsBySite"];
}) {
  const trpc = useTRPC();
  const [basis, setBasis] = useState<(typeof bases)[number][0]>("arbitration");
  const [offset, setOffset] = useState(0);
  const query = useQuery(
    trpc.arbitration.settled.queryOptions(
      { readerStudyId: props.readerStudyId, basis, offset },
      { placeholderData: keepPreviousData },
    ),
  );
  return (
    <Section
      title="Consensus"
      lead="A consensus becomes a reference standard when somebody puts it in force, case by case, with a reason."
      actions={
        <div role="group" aria-label="Basis" className="flex gap-1">
          {bases.map(([value, name]) => (
            <button
              key={value}
              type="button"
              aria-pressed={basis === value}
              onClick={() => {
                setBasis(value);
                setOffset(0);
              }}
              className={`h-8 rounded-md border px-2.5 text-sm ${basis === value ? "border-accent-700 bg-accent-100 font-medium text-accent-800" : "border-slate-300 bg-white text-slate-700 hover:bg-slate-100"}`}
            >
              {name}
            </button>
          ))}
        </div>
      }
    >
      <QueryView query={query} rows={4}>
        {(data) =>
          data.rows.length === 0 ? (
            <EmptyState title={basis === "arbitration" ? "Nothing decided yet" : "Nothing unanimous"}>
              {basis === "arbitration"
                ? "Cases appear here when their arbitrator has decided them."
                : "No breast outside arbitration was read alike by at least two readers."}
            </EmptyState>
          ) : (
            <>
              <Table label="Settled breasts" maxHeight="32rem">
                <thead>
                  <tr>
                    <Head>Case</Head>
                    <Head>Final readings, BI-RADS (suspicion)</Head>
                    {basis === "arbitration" ? <Head>Decision</Head> : null}
                    <Head>Stands for</Head>
                    <Head>In force</Head>
                  </tr>
                </thead>
                <tbody>
                  {data.rows.map((row) => (
                    <Row key={`${row.caseId} ${row.laterality}`}>
                      <Cell>
                        <Link
                          href={`/reader-studies/${props.readerStudyId}/cases/${row.caseId}`}
                          className="underline underline-offset-2"
                        >
                          <Pseudonym>{row.caseLabel}</Pseudonym>
                        </Link>
                        <p className="text-xs text-slate-600">
                          {breastNames[row.laterality]} ·{" "}
                          {props.sites.find(({ siteId }) => siteId === row.siteId)?.name ?? ""}
                        </p>
                      </Cell>
                      <Cell>
                        {row.finals
                          .map(
                            ({ birads, readerName, suspicion }) => `${readerName} ${birads} (${suspicion})`,
                          )
                          .join(" · ")}
                      </Cell>
                      {basis === "arbitration" ? (
                        <Cell>
                          {row.decision === null ? (
                            "–"
                          ) : (
                            <>
                              <span className="font-medium">BI-RADS {row.decision.birads}</span>
                              <p className="text-xs text-slate-600">
                                {row.decision.arbitratorName}, {dateTime(row.decision.at)}
                              </p>
                            </>
                          )}
                        </Cell>
                      ) : null}
                      <Cell>
                        {row.proposed === null ? (
                          <span className="text-slate-600">nothing</span>
                        ) : (
                          <FindingBadge finding={row.proposed} />
                        )}
                      </Cell>
                      <Cell>
                        <span className="flex items-center gap-1.5">
                          <FindingBadge finding={row.label.finding} />
                          <span className="text-xs text-slate-600">
                            {row.label.source?.replace("-", " ") ?? ""}
                          </span>
                        </span>
                      </Cell>
                    </Row>
                  ))}
                </tbody>
              </Table>
              <Pager
                offset={offset}
                pageSize={data.pageSize}
                shownCount={data.rows.length}
                totalCount={data.totalCount}
                onMove={setOffset}
              />
            </>
          )
        }
      </QueryView>
    </Section>
  );
}
