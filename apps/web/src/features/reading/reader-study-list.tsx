"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { count, dateTime, duration } from "../../components/format.ts";
import { PageHeader, Section } from "../../components/page-header.tsx";
import { ProgressBar } from "../../components/progress-bar.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { StateBadge } from "../../components/state-badge.tsx";
import { Cell, Head, Row, Table } from "../../components/table.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { useIsPlatformAdmin } from "../shell/use-actor.ts";
import { ReaderStudyForm } from "./reader-study-form.tsx";

type ReaderStudy = Outputs["readerStudies"]["list"][number];

export function ReaderStudyList() {
  const trpc = useTRPC();
  const query = useQuery(trpc.readerStudies.list.queryOptions());
  const isAdmin = useIsPlatformAdmin();
  const [isCreating, setIsCreating] = useState(false);
  const create = isAdmin ? (
    <Button emphasis="primary" onClick={() => setIsCreating(true)}>
      New reader study
    </Button>
  ) : null;
  return (
    <>
      <PageHeader
        title="Reader studies"
        lead="Every reader reads every case, unaided and then with the model’s aid, in an order of their own."
        actions={create}
      />
      <QueryView query={query}>
        {(studies) =>
          studies.length === 0 ? (
            <EmptyState title="No reader study yet" action={create}>
              A study draws its cases from a frozen cohort that a checkpoint has scored and mapped.
            </EmptyState>
          ) : (
            studies.map((study) => (
              <StudySection key={study.readerStudyId} study={study} canClose={isAdmin} />
            ))
          )
        }
      </QueryView>
      {isCreating ? (
        <Dialog title="New reader study" onClose={() => setIsCreating(false)}>
          <ReaderStudyForm onDone={() => setIsCreating(false)} />
        </Dialog>
      ) : null}
    </>
  );
}

function StudySection(props: { study: ReaderStudy; canClose: boolean }) {
  const { study } = props;
  return (
    <Section
      title={study.name}
      lead={`${study.cohortName} · ${study.checkpointName} · seed ${study.seed} · ${dateTime(study.createdAt)}`}
      actions={
        <span className="flex items-center gap-3">
          <StateBadge state={study.state} />
          {props.canClose && study.state === "open" ? <CloseStudy study={study} /> : null}
          {study.state === "closed" ? (
            <Link href={`/reader-studies/${study.readerStudyId}`} className="text-sm underline">
              Results
            </Link>
          ) : null}
        </span>
      }
    >
      <Table label={`Readers of ${study.name}`}>
        <thead>
          <tr>
            <Head>Reader</Head>
            <Head className="w-1/2">Progress</Head>
            <Head isNumeric>Cases read</Head>
            <Head isNumeric>Median time a case</Head>
          </tr>
        </thead>
        <tbody>
          {study.readers.map((reader) => (
            <Row key={reader.readerId}>
              <Cell>{reader.readerName}</Cell>
              <Cell>
                <ProgressBar
                  label={`Progress of ${reader.readerName}`}
                  value={reader.submittedCount / reader.caseCount}
                />
              </Cell>
              <Cell isNumeric>
                {count(reader.submittedCount)} of {count(reader.caseCount)}
              </Cell>
              <Cell isNumeric>
                {reader.medianDurationMs === null ? "–" : duration(reader.medianDurationMs)}
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}

function CloseStudy(props: { study: ReaderStudy }) {
  const { study } = props;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [isAsking, setIsAsking] = useState(false);
  const close = useMutation(
    trpc.readerStudies.close.mutationOptions({
      async onSuccess() {
        setIsAsking(false);
        await queries.invalidateQueries({ queryKey: trpc.readerStudies.list.queryKey() });
      },
    }),
  );
  const openCount = study.readers.reduce((sum, reader) => sum + reader.caseCount - reader.submittedCount, 0);
  return (
    <>
      <Button emphasis="danger" onClick={() => setIsAsking(true)}>
        Close the study
      </Button>
      {isAsking ? (
        <Dialog title={`Close ${study.name}?`} onClose={() => setIsAsking(false)}>
          <p className="text-sm text-slate-700">
            Nothing more can be read in it. {count(openCount)} of the assigned readings are not submitted and
            stay so; drafts are kept.
          </p>
          {close.error === null ? null : (
            <p role="alert" className="mt-2 text-sm text-failure-ink">
              {close.error.message}
            </p>
          )}
          <div className="mt-4 flex justify-end gap-2">
            <Button onClick={() => setIsAsking(false)}>Keep it open</Button>
            <Button
              emphasis="danger"
              disabled={close.isPending}
              onClick={() => close.mutate({ readerStudyId: study.readerStudyId })}
            >
              Close it
            </Button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
