"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { BackLink } from "../../components/back-link.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { dateTime, shortHash } from "../../components/format.ts";
import { PageHeader, Panel, Section } from "../../components/page-header.tsx";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { StateBadge } from "../../components/state-badge.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { isMetricName, metricLabels, splitLabels } from "../metrics/metric-name.ts";
import { useIsPlatformAdmin } from "../shell/use-actor.ts";
import { CheckpointResults } from "./checkpoint-results.tsx";
import { describeRule } from "./operating-point-text.ts";

export type ValidationRound = Outputs["validation"]["load"];

export function RoundView(props: { validationRoundId: string }) {
  const query = useQuery(
    useTRPC().validation.load.queryOptions(props, {
      refetchInterval: (state) => (state.state.data?.state === "running" ? 2_000 : false),
    }),
  );
  return (
    <QueryView query={query} rows={8}>
      {(round) => (
        <>
          <RoundHeader round={round} />
          {round.failureMessage === null ? null : (
            <div className="mb-5">
              <ErrorState message={round.failureMessage} />
            </div>
          )}
          <Plan round={round} />
          {round.evaluations.length === 0 ? (
            <EmptyState title={round.state === "draft" ? "Not started" : "No result yet"}>
              Results appear per checkpoint as they are computed.
            </EmptyState>
          ) : (
            round.checkpoints.map((checkpoint) => (
              <CheckpointResults
                key={checkpoint.checkpointId}
                checkpoint={checkpoint}
                primaryMetric={isMetricName(round.primaryMetric) ? round.primaryMetric : "auc"}
                evaluations={round.evaluations.filter((one) => one.checkpointId === checkpoint.checkpointId)}
              />
            ))
          )}
        </>
      )}
    </QueryView>
  );
}

function RoundHeader(props: { round: ValidationRound }) {
  const { round } = props;
  const isAdmin = useIsPlatformAdmin();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState<"start" | "publish">();
  const onSuccess = async () => {
    setAsking(undefined);
    await queryClient.invalidateQueries(trpc.validation.pathFilter());
  };
  const start = useMutation(trpc.validation.start.mutationOptions({ onSuccess }));
  const publish = useMutation(trpc.validation.publish.mutationOptions({ onSuccess }));
  const { validationRoundId } = round;
  return (
    <>
      <PageHeader
        title={round.name}
        showsResults
        back={<BackLink href="/validation">Validation</BackLink>}
        lead={
          <span className="inline-flex items-center gap-2">
            <StateBadge state={round.state} />
            created {dateTime(round.createdAt)} by {round.creatorName ?? "the platform"}
            {round.publishedAt === null ? "" : `, published ${dateTime(round.publishedAt)}`}
          </span>
        }
        actions={
          !isAdmin ? null : round.state === "draft" ? (
            <Button emphasis="primary" onClick={() => setAsking("start")}>
              Start
            </Button>
          ) : round.state === "reading" || round.state === "adjudication" ? (
            <Button emphasis="primary" onClick={() => setAsking("publish")}>
              Publish
            </Button>
          ) : null
        }
      />
      {asking === "start" ? (
        <ConfirmDialog
          title={`Start ${round.name}?`}
          confirmLabel="Start"
          keepLabel="Not yet"
          isBusy={start.isPending}
          error={start.error?.message}
          onClose={() => setAsking(undefined)}
          onConfirm={() => start.mutate({ validationRoundId })}
        >
          The plan below is fixed from now on: checkpoints, cohort, primary metric and operating point.
        </ConfirmDialog>
      ) : null}
      {asking === "publish" ? (
        <ConfirmDialog
          title={`Publish ${round.name}?`}
          confirmLabel="Publish for good"
          keepLabel="Not yet"
          isBusy={publish.isPending}
          error={publish.error?.message}
          onClose={() => setAsking(undefined)}
          onConfirm={() => publish.mutate({ validationRoundId })}
        >
          The round and its numbers become visible as published and can never be changed or withdrawn.
        </ConfirmDialog>
      ) : null}
    </>
  );
}

function Plan(props: { round: ValidationRound }) {
  const { round } = props;
  return (
    <Section title="Plan, fixed beforehand">
      <Panel>
        <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-1.5 text-sm">
          <dt className="text-slate-600">Cohort</dt>
          <dd>
            <Link className="text-accent-700 underline" href={`/cohorts/${round.cohortId}`}>
              {round.cohortName}
            </Link>
            , {splitLabels[round.split].toLowerCase()} split
            {round.cohortDigest === null ? null : (
              <>
                , digest <Pseudonym title={round.cohortDigest}>{shortHash(round.cohortDigest)}</Pseudonym>
              </>
            )}
          </dd>
          <dt className="text-slate-600">Primary metric</dt>
          <dd>
            {isMetricName(round.primaryMetric) ? metricLabels[round.primaryMetric] : round.primaryMetric}
          </dd>
          <dt className="text-slate-600">Operating point</dt>
          <dd>{describeRule(round.operatingPoint)}</dd>
          <dt className="text-slate-600">Checkpoints</dt>
          <dd className="flex flex-wrap gap-x-4">
            {round.checkpoints.map((checkpoint) => (
              <Link
                key={checkpoint.checkpointId}
                className="text-accent-700 hover:underline"
                href={`/models/${checkpoint.checkpointId}`}
              >
                {checkpoint.name}
              </Link>
            ))}
          </dd>
        </dl>
      </Panel>
    </Section>
  );
}
