"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { buttonLook } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { count, dateTime } from "../../components/format.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { ProgressBar } from "../../components/progress-bar.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { StateBadge } from "../../components/state-badge.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { useIsPlatformAdmin } from "../shell/use-actor.ts";
import { allocationTexts, designTexts } from "./study-texts.ts";

type ReaderStudy = Outputs["readerStudies"]["list"][number];

export function ReaderStudyList() {
  const query = useQuery(useTRPC().readerStudies.list.queryOptions());
  const isAdmin = useIsPlatformAdmin();
  const create = isAdmin ? (
    <Link href="/reader-studies/new" className={buttonLook("primary")}>
      New reader study
    </Link>
  ) : null;
  return (
    <>
      <PageHeader
        title="Reader studies"
        lead="Radiologists read cases without and with the model’s aid, blinded, in an order of their own."
        actions={create}
      />
      <QueryView query={query}>
        {(studies) =>
          studies.length === 0 ? (
            <EmptyState title="No reader study yet" action={create}>
              A study draws its cases from a frozen cohort that a checkpoint has scored and mapped.
            </EmptyState>
          ) : (
            <Table label="Reader studies">
              <thead>
                <tr>
                  <Head>Name</Head>
                  <Head>State</Head>
                  <Head>Design</Head>
                  <Head isNumeric>Cases</Head>
                  <Head isNumeric>Readers</Head>
                  <Head className="w-1/5">Progress</Head>
                  <Head>Created</Head>
                </tr>
              </thead>
              <tbody>
                {studies.map((study) => (
                  <StudyRow key={study.readerStudyId} study={study} />
                ))}
              </tbody>
            </Table>
          )
        }
      </QueryView>
    </>
  );
}

function StudyRow(props: { study: ReaderStudy }) {
  const { study } = props;
  return (
    <Row>
      <Cell>
        <Link
          href={`/reader-studies/${study.readerStudyId}`}
          className="font-medium text-accent-700 hover:underline"
        >
          {study.name}
        </Link>
        <span className="block max-w-md truncate text-xs text-slate-600">
          {study.cohortName} · {study.checkpointName}
        </span>
      </Cell>
      <Cell>
        <StateBadge state={study.state} />
      </Cell>
      <Cell>
        {designTexts[study.design].title}
        <span className="block text-xs text-slate-600">{allocationTexts[study.allocation].title}</span>
      </Cell>
      <Cell isNumeric>{count(study.caseCount)}</Cell>
      <Cell isNumeric>
        {count(study.readerCount)}
        {study.invitedCount === 0 ? null : (
          <span className="block text-xs whitespace-nowrap text-slate-600">
            {count(study.invitedCount)} not answered
          </span>
        )}
      </Cell>
      <Cell>
        {study.state === "draft" ? (
          <span className="text-slate-600">Not open</span>
        ) : (
          <>
            <ProgressBar
              label={`Progress of ${study.name}`}
              value={study.readingCount === 0 ? 0 : study.submittedCount / study.readingCount}
            />
            <span className="text-xs text-slate-600">
              {count(study.submittedCount)} of {count(study.readingCount)} submitted
            </span>
          </>
        )}
      </Cell>
      <Cell className="whitespace-nowrap">{dateTime(study.createdAt)}</Cell>
    </Row>
  );
}
