"use client";

import { useQuery } from "@tanstack/react-query";
import { Snowflake } from "lucide-react";
import Link from "next/link";
import { Badge } from "../../components/badge.tsx";
import { buttonLook } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { count, dateTime, shortHash } from "../../components/format.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { useIsPlatformAdmin } from "../shell/use-actor.ts";

export function CohortList() {
  const query = useQuery(useTRPC().cohorts.list.queryOptions());
  const isAdmin = useIsPlatformAdmin();
  const create = isAdmin ? (
    <Link href="/cohorts/new" className={buttonLook("primary")}>
      New cohort
    </Link>
  ) : null;
  return (
    <>
      <PageHeader
        title="Cohorts"
        lead="A cohort says which patients train, tune and test. Frozen, its membership can never change."
        actions={create}
      />
      <QueryView query={query}>
        {(cohorts) =>
          cohorts.length === 0 ? (
            <EmptyState title="No cohort yet" action={create}>
              Training and validation start from a frozen cohort.
            </EmptyState>
          ) : (
            <Table label="Cohorts">
              <thead>
                <tr>
                  <Head>Name</Head>
                  <Head isNumeric>Patients</Head>
                  <Head isNumeric>Cases</Head>
                  <Head isNumeric>Seed</Head>
                  <Head>State</Head>
                  <Head>Membership digest</Head>
                  <Head>Created</Head>
                </tr>
              </thead>
              <tbody>
                {cohorts.map((cohort) => (
                  <Row key={cohort.cohortId}>
                    <Cell>
                      <Link
                        href={`/cohorts/${cohort.cohortId}`}
                        className="font-medium text-accent-700 hover:underline"
                      >
                        {cohort.name}
                      </Link>
                      {cohort.purpose === "" ? null : (
                        <span className="block max-w-md truncate text-xs text-slate-600">
                          {cohort.purpose}
                        </span>
                      )}
                    </Cell>
                    <Cell isNumeric>{count(cohort.subjectCount)}</Cell>
                    <Cell isNumeric>{count(cohort.caseCount)}</Cell>
                    <Cell isNumeric>{cohort.seed}</Cell>
                    <Cell>
                      {cohort.frozenAt === null ? (
                        <Badge>draft</Badge>
                      ) : (
                        <Badge tone="done">
                          <Snowflake size={12} aria-hidden /> frozen
                        </Badge>
                      )}
                    </Cell>
                    <Cell>
                      {cohort.digest === null ? (
                        <span className="text-slate-500">–</span>
                      ) : (
                        <Pseudonym title={cohort.digest}>{shortHash(cohort.digest)}</Pseudonym>
                      )}
                    </Cell>
                    <Cell className="whitespace-nowrap text-slate-600">{dateTime(cohort.createdAt)}</Cell>
                  </Row>
                ))}
              </tbody>
            </Table>
          )
        }
      </QueryView>
    </>
  );
}
