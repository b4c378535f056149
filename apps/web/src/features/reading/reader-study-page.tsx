"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { BackLink } from "../../components/back-link.tsx";
import { buttonLook } from "../../components/button.tsx";
import { Stat } from "../../components/estimate.tsx";
import { count, dateTime } from "../../components/format.ts";
import { PageHeader, Panel, Section } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { StateBadge } from "../../components/state-badge.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { useIsPlatformAdmin } from "../shell/use-actor.ts";
import { PowerPanel } from "./power-panel.tsx";
import { AddReader } from "./reader-changes.tsx";
import { ReaderProgressTable } from "./reader-progress-table.tsx";
import { ReaderStudyResults } from "./reader-study-results.tsx";
import { CloseStudy, DiscardDraft, OpenStudy } from "./study-state-changes.tsx";
import { StudySizePanel } from "./study-size-panel.tsx";
import { designLine } from "./study-texts.ts";

type Study = Outputs["readerStudies"]["load"];

const refreshMs = 10_000;

/** A draft to be reviewed, an open study's progress, or the results of a closed one. */
export function ReaderStudyPage(props: { readerStudyId: string }) {
  const { readerStudyId } = props;
  const query = useQuery(
    useTRPC().readerStudies.load.queryOptions(
      { readerStudyId },
      { refetchInterval: ({ state }) => (state.data?.state === "open" ? refreshMs : false) },
    ),
  );
  return (
    <QueryView query={query} rows={8}>
      {(study) =>
        study.state === "closed" ? (
          <>
            <ReaderStudyResults readerStudyId={readerStudyId} />
            <div id="how-it-was-read" className="mt-6">
              <HowItWasRead study={study} />
            </div>
          </>
        ) : (
          <UnfinishedStudy study={study} />
        )
      }
    </QueryView>
  );
}

function HowItWasRead(props: { study: Study }) {
  const { study } = props;
  return (
    <Section
      title="How it was read"
      lead={`${designLine(study.settings)} · seed ${study.seed}${study.openedAt === null ? "" : ` · open from ${dateTime(study.openedAt)}`}${study.closedAt === null ? "" : ` to ${dateTime(study.closedAt)}`}`}
    >
      {study.readers === null ? null : <ReaderProgressTable study={study} readers={study.readers} />}
    </Section>
  );
}

function UnfinishedStudy(props: { study: Study }) {
  const { study } = props;
  const isAdmin = useIsPlatformAdmin();
  const isDraft = study.state === "draft";
  return (
    <>
      <PageHeader
        title={study.name}
        back={<BackLink href="/reader-studies">Reader studies</BackLink>}
        lead={
          <span className="flex flex-wrap items-center gap-2">
            <StateBadge state={study.state} />
            {study.cohortName} · {study.checkpointName} · seed {study.seed}
          </span>
        }
        actions={
          !isAdmin ? null : isDraft ? (
            <>
              <DiscardDraft study={study} />
              <Link href={`/reader-studies/${study.readerStudyId}/edit`} className={buttonLook()}>
                Change
              </Link>
              <OpenStudy study={study} />
            </>
          ) : (
            <>
              <AddReader study={study} />
              <CloseStudy study={study} />
            </>
          )
        }
      />
      <Section title="Plan">
        <Panel>
          <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
            <Stat label="Design" value={designLine(study.settings)} />
            {study.cases === null ? null : (
              <Stat
                label="Cases"
                value={count(study.cases.caseCount)}
                detail={`${study.cases.malignantCount === null ? "" : `${count(study.cases.malignantCount)} malignant · `}${study.cases.sites.map(({ siteName, caseCount }) => `${siteName}: ${count(caseCount)}`).join(", ")}`}
              />
            )}
            <Stat
              label="Submitted"
              value={`${count(study.submittedCount)} of ${count(study.readingCount)}`}
              detail={
                study.settings.design === "crossover" ? "readings of all readers" : "cases of all readers"
              }
            />
            <Stat
              label="Sessions"
              value={`${study.settings.sessionMinutes} min at most`}
              detail={`break of ${study.settings.breakMinutes} min reminded after ${study.settings.breakAfterMinutes}`}
            />
          </dl>
        </Panel>
      </Section>
      {study.readers === null ? (
        <p className="text-sm text-slate-600">
          Who reads is shown with the results, once the study is closed.
        </p>
      ) : (
        <Section
          title="Readers"
          lead={isDraft ? "Invited when the study is opened." : "Nothing is read before a reader accepts."}
        >
          <ReaderProgressTable study={study} readers={study.readers} canWithdraw={isAdmin && !isDraft} />
        </Section>
      )}
      {isDraft && isAdmin ? <DraftReview study={study} /> : null}
    </>
  );
}

function DraftReview(props: { study: Study }) {
  const { study } = props;
  const readerCount = study.readers?.length ?? 0;
  const preview = useQuery(
    useTRPC().readerStudies.preview.queryOptions(
      {
        cohortId: study.cohortId,
        checkpointId: study.checkpointId,
        split: study.split ?? "internal-test",
        caseLimit: study.caseLimit ?? study.cases?.caseCount ?? 1,
        seed: study.seed,
        settings: study.settings,
        readerCount,
      },
      { enabled: study.split !== null && readerCount > 0, retry: false },
    ),
  );
  return (
    <QueryView query={preview}>
      {(data) => (
        <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
          <StudySizePanel preview={data} settings={study.settings} />
          <PowerPanel
            size={{
              caseCount: data.caseCount,
              malignantCount: data.malignantCount,
              readerCount,
              allocation: study.settings.allocation,
              groupCount: study.settings.groupCount,
            }}
          />
        </div>
      )}
    </QueryView>
  );
}
