"use client";

import type { TrainingPlan } from "@crossread/contracts/training-plan";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Stat } from "../../components/estimate.tsx";
import { bytes, count } from "../../components/format.ts";
import { Panel } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { useSites } from "../metrics/use-sites.ts";

export function RunEstimatePanel(props: {
  cohortId: string | undefined;
  siteIds: readonly string[];
  plan: TrainingPlan;
}) {
  const { architecture, rounds, localEpochs, batchSize } = props.plan;
  const sites = useSites();
  const query = useQuery(
    useTRPC().training.estimate.queryOptions(
      {
        cohortId: props.cohortId ?? "",
        siteIds: [...props.siteIds],
        plan: { architecture, rounds, localEpochs, batchSize },
      },
      {
        enabled: props.cohortId !== undefined && props.siteIds.length > 0,
        placeholderData: keepPreviousData,
      },
    ),
  );
  return (
    <Panel>
      <h2 className="mb-3 text-sm font-semibold">What this will cost</h2>
      {props.siteIds.length === 0 ? (
        <p className="text-sm text-slate-600">Choose at least one site.</p>
      ) : (
        <QueryView query={query}>
          {(estimate) => (
            <dl className="flex flex-col gap-3">
              <Stat
                label="Training steps, all rounds and sites"
                value={count(estimate.stepCount)}
                detail={`${count(props.plan.batchSize)} images each`}
              />
              <Stat
                label="Weights over the wire"
                value={bytes(estimate.transferBytes)}
                detail={`${count(estimate.parameterCount)} trainable numbers, both ways, every round`}
              />
              <div>
                <dt className="text-xs text-slate-600">Steps per round and site</dt>
                {sites.sorted(estimate.stepsPerRound).map((site) => (
                  <dd key={site.siteId} className="flex justify-between text-sm">
                    <span>{sites.nameOf(site.siteId)}</span>
                    <span>{count(site.stepCount)}</span>
                  </dd>
                ))}
              </div>
            </dl>
          )}
        </QueryView>
      )}
    </Panel>
  );
}
