"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useState } from "react";
import { BackLink } from "../../components/back-link.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { Stat } from "../../components/estimate.tsx";
import { dateTime, duration } from "../../components/format.ts";
import { PageHeader, Panel, Section } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { StateBadge } from "../../components/state-badge.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { useIsPlatformAdmin } from "../shell/use-actor.ts";
import { LossCurves } from "./loss-curves.tsx";
import { architectureTexts, strategyTexts } from "./plan-texts.ts";
import { RoundTimeline } from "./round-timeline.tsx";

export type Run = Outputs["training"]["load"];

export function RunView(props: { runId: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.training.load.queryOptions({ runId: props.runId }));
  const live = useSubscription(trpc.training.watch.subscriptionOptions({ runId: props.runId }));
  const data = live.data ?? query.data;
  return (
    <QueryView query={{ data, error: query.error, refetch: query.refetch }} rows={8}>
      {(run) => (
        <>
          <RunHeader run={run} isLive={live.status === "pending"} />
          {run.failureMessage === null ? null : (
            <div className="mb-5">
              <ErrorState message={`${run.failureCode ?? "failed"}: ${run.failureMessage}`} />
            </div>
          )}
          <PlanSummary run={run} />
          <Section
            title="Sites and rounds"
            lead="Every site trains on its own images; the round ends when enough updates were accepted, merged and evaluated."
          >
            <RoundTimeline run={run} />
          </Section>
          <LossCurves run={run} />
        </>
      )}
    </QueryView>
  );
}

const cancellable = new Set(["queued", "preparing", "running"]);

function RunHeader(props: { run: Run; isLive: boolean }) {
  const { run } = props;
  const isAdmin = useIsPlatformAdmin();
  const [isCancelling, setCancelling] = useState(false);
  const cancel = useMutation(
    useTRPC().training.cancel.mutationOptions({ onSuccess: () => setCancelling(false) }),
  );
  return (
    <>
      <PageHeader
        title={run.name}
        back={<BackLink href="/training">Training</BackLink>}
        lead={
          <span className="inline-flex flex-wrap items-center gap-2">
            <StateBadge state={run.state} />
            <span>
              {run.cohortName} · created {dateTime(run.createdAt)} by {run.creatorName ?? "the platform"}
            </span>
            {props.isLive && run.finishedAt === null ? (
              <span className="inline-flex items-center gap-1 text-xs text-accent-700">
                <span aria-hidden className="size-1.5 rounded-full bg-accent-600" /> live
              </span>
            ) : null}
          </span>
        }
        actions={
          isAdmin && cancellable.has(run.state) ? (
            <Button emphasis="danger" onClick={() => setCancelling(true)}>
              Cancel run
            </Button>
          ) : null
        }
      />
      {isCancelling ? (
        <ConfirmDialog
          title={`Cancel ${run.name}?`}
          confirmLabel="Cancel the run"
          keepLabel="Let it go on"
          isDanger
          isBusy={cancel.isPending}
          error={cancel.error?.message}
          onClose={() => setCancelling(false)}
          onConfirm={() => cancel.mutate({ runId: run.runId })}
        >
          Training in progress at the sites is lost. Checkpoints of completed rounds stay. A cancelled run
          cannot be taken up again.
        </ConfirmDialog>
      ) : null}
    </>
  );
}

function PlanSummary(props: { run: Run }) {
  const { plan, startedAt, finishedAt, rounds } = props.run;
  const completed = rounds.filter(({ state }) => state === "completed").length;
  return (
    <Panel className="mb-6">
      <dl className="flex flex-wrap gap-x-10 gap-y-3">
        <Stat label="Rounds" value={`${completed} / ${plan.rounds}`} detail={`quorum ${plan.quorum}`} />
        <Stat
          label="Strategy"
          value={strategyTexts[plan.strategy].name}
          detail={
            plan.strategy === "fedprox"
              ? `μ ${plan.proximalMu}`
              : `${plan.localEpochs} local ${plan.localEpochs === 1 ? "epoch" : "epochs"}`
          }
        />
        <Stat
          label="Network"
          value={architectureTexts[plan.architecture].name}
          detail={plan.isAugmented ? "augmented" : "not augmented"}
        />
        <Stat
          label="Optimiser"
          value={`Adam ${plan.learningRate}`}
          detail={`batch ${plan.batchSize}, seed ${plan.seed}`}
        />
        {startedAt === null || finishedAt === null ? null : (
          <Stat label="Took" value={duration(finishedAt.getTime() - startedAt.getTime())} />
        )}
      </dl>
    </Panel>
  );
}
