"use client";

import {
  strategyNameSchema,
  trainingPlanSchema,
  type TrainingPlan,
} from "@crossread/contracts/training-plan";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState, type SyntheticEvent } from "react";
import { BackLink } from "../../components/back-link.tsx";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormField, Input, Select } from "../../components/form-field.tsx";
import { PageHeader, Panel } from "../../components/page-header.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { SiteChoice } from "../sites/site-choice.tsx";
import { architectureTexts, strategyTexts } from "./plan-texts.ts";
import { PlanNumber } from "./plan-number.tsx";
import { RunEstimatePanel } from "./run-estimate-panel.tsx";

const firstPlan: TrainingPlan = {
  architecture: "compact-cbam",
  strategy: "fedavg",
  rounds: 3,
  localEpochs: 1,
  batchSize: 16,
  learningRate: 0.001,
  proximalMu: 0,
  seed: 42,
  quorum: 2,
  roundDeadlineMinutes: 60,
  isAugmented: true,
};

export function LaunchForm() {
  const trpc = useTRPC();
  const router = useRouter();
  const cohorts = useQuery(trpc.cohorts.list.queryOptions());
  const frozen = (cohorts.data ?? []).filter((cohort) => cohort.frozenAt !== null);
  const [name, setName] = useState("");
  const [chosenCohort, setCohort] = useState<string>();
  const [initial, setInitial] = useState("");
  const [excluded, setExcluded] = useState<readonly string[]>([]);
  const [plan, setPlan] = useState(firstPlan);
  const cohortId = chosenCohort ?? frozen[0]?.cohortId;
  const cohort = useQuery(
    trpc.cohorts.load.queryOptions({ cohortId: cohortId ?? "" }, { enabled: cohortId !== undefined }),
  );
  const checkpoints = useQuery(trpc.models.list.queryOptions({ offset: 0 }));
  const trainable = (cohort.data?.balances ?? [])
    .filter(({ split }) => split === "train")
    .map(({ siteId }) => siteId);
  const siteIds = trainable.filter((siteId) => !excluded.includes(siteId));
  const launch = useMutation(
    trpc.training.launch.mutationOptions({ onSuccess: ({ runId }) => router.push(`/training/${runId}`) }),
  );
  const change = (part: Partial<TrainingPlan>) => setPlan({ ...plan, ...part });
  const quorum = Math.min(plan.quorum, Math.max(1, siteIds.length));

  function submit(event: SyntheticEvent<HTMLFormElement>) {
    event.preventDefault();
    if (cohortId === undefined) return;
    launch.mutate({
      name,
      cohortId,
      siteIds,
      plan: { ...plan, quorum, proximalMu: plan.strategy === "fedprox" ? plan.proximalMu : 0 },
      initialCheckpointId: initial === "" ? null : initial,
    });
  }

  if (cohorts.data !== undefined && frozen.length === 0) {
    return (
      <>
        <PageHeader title="Launch a run" back={<BackLink href="/training">Training</BackLink>} />
        <EmptyState title="No frozen cohort">
          Create a cohort and freeze it first: a run must be able to say exactly whom it learned from.
        </EmptyState>
      </>
    );
  }
  return (
    <>
      <PageHeader title="Launch a run" back={<BackLink href="/training">Training</BackLink>} />
      <form
        onSubmit={submit}
        className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_300px]"
      >
        <Panel className="flex flex-col gap-4">
          <h2 className="text-sm font-semibold">Who takes part</h2>
          <FormField label="Name">
            {(control) => (
              <Input
                {...control}
                required
                maxLength={120}
                value={name}
                onChange={(e) => setName(e.target.value)}
              />
            )}
          </FormField>
          <FormField
            label="Cohort"
            help="Its training split is learned from, its tuning split guides, its test split judges."
          >
            {(control) => (
              <Select {...control} value={cohortId ?? ""} onChange={(e) => setCohort(e.target.value)}>
                {frozen.map((one) => (
                  <option key={one.cohortId} value={one.cohortId}>
                    {one.name}
                  </option>
                ))}
              </Select>
            )}
          </FormField>
          <SiteChoice
            excluded={excluded}
            onChange={setExcluded}
            among={trainable}
            help="Sites with training cases in this cohort. Images stay at their site."
          />
          <PlanNumber
            plan={{ ...plan, quorum }}
            field="quorum"
            label="Quorum"
            help="Sites that must deliver for a round to count; a dead site then only delays."
            bounds={{ min: 1, max: Math.max(1, siteIds.length), step: 1 }}
            onChange={change}
          />
          <PlanNumber
            plan={plan}
            field="roundDeadlineMinutes"
            label="Deadline of a round, minutes"
            help="After this a site that has not delivered is recorded as missed."
            bounds={{ min: 1, max: 10_080, step: 1 }}
            onChange={change}
          />
        </Panel>
        <Panel className="flex flex-col gap-4">
          <h2 className="text-sm font-semibold">How it learns</h2>
          <FormField label="Network" help={architectureTexts[plan.architecture].help}>
            {(control) => (
              <Select
                {...control}
                value={plan.architecture}
                onChange={(e) =>
                  change({ architecture: trainingPlanSchema.shape.architecture.parse(e.target.value) })
                }
              >
                {trainingPlanSchema.shape.architecture.options.map((one) => (
                  <option key={one} value={one}>
                    {architectureTexts[one].name}
                  </option>
                ))}
              </Select>
            )}
          </FormField>
          <FormField
            label="Start from"
            help="A new model is drawn from the seed; a checkpoint is trained on."
          >
            {(control) => (
              <Select {...control} value={initial} onChange={(e) => setInitial(e.target.value)}>
                <option value="">A new model</option>
                {(checkpoints.data?.rows ?? []).map((one) => (
                  <option key={one.checkpointId} value={one.checkpointId}>
                    {one.name}
                  </option>
                ))}
              </Select>
            )}
          </FormField>
          <FormField label="Strategy" help={strategyTexts[plan.strategy].help}>
            {(control) => (
              <Select
                {...control}
                value={plan.strategy}
                onChange={(e) => change({ strategy: strategyNameSchema.parse(e.target.value) })}
              >
                {strategyNameSchema.options.map((one) => (
                  <option key={one} value={one}>
                    {strategyTexts[one].name}
                  </option>
                ))}
              </Select>
            )}
          </FormField>
          {plan.strategy === "fedprox" ? (
            <PlanNumber
              plan={plan}
              field="proximalMu"
              label="Proximal μ"
              help="How strongly a site is held near the shared model; 0.01 to 1 is usual."
              bounds={{ min: 0, max: 10, step: "any" }}
              onChange={change}
            />
          ) : null}
          <div className="grid grid-cols-2 gap-3">
            <PlanNumber
              plan={plan}
              field="rounds"
              label="Rounds"
              help="How often weights are merged."
              bounds={{ min: 1, max: 200, step: 1 }}
              onChange={change}
            />
            <PlanNumber
              plan={plan}
              field="localEpochs"
              label="Local epochs"
              help="Passes at a site between merges."
              bounds={{ min: 1, max: 50, step: 1 }}
              onChange={change}
            />
            <PlanNumber
              plan={plan}
              field="batchSize"
              label="Batch"
              help="Images per step."
              bounds={{ min: 2, max: 64, step: 1 }}
              onChange={change}
            />
            <PlanNumber
              plan={plan}
              field="learningRate"
              label="Learning rate"
              help="Adam's step; 0.00001 when fine-tuning."
              bounds={{ min: 0.000001, max: 1, step: "any" }}
              onChange={change}
            />
          </div>
          <PlanNumber
            plan={plan}
            field="seed"
            label="Seed"
            help="The same plan, cohort and seed give the same weights."
            bounds={{ min: 0, max: 2_147_483_647, step: 1 }}
            onChange={change}
          />
          <label className="flex items-start gap-2 text-sm">
            <input
              type="checkbox"
              className="mt-0.5 size-4 accent-accent-700"
              checked={plan.isAugmented}
              onChange={(e) => change({ isAugmented: e.target.checked })}
            />
            <span>
              Augment training images
              <span className="block text-xs text-slate-600">
                Small rotations, shifts, scales, flips and brightness, after the split only.
              </span>
            </span>
          </label>
        </Panel>
        <div className="flex flex-col gap-4 lg:sticky lg:top-5">
          <RunEstimatePanel cohortId={cohortId} siteIds={siteIds} plan={plan} />
          {launch.error === null ? null : <ErrorState message={launch.error.message} />}
          <Button
            type="submit"
            emphasis="primary"
            disabled={cohortId === undefined || siteIds.length === 0 || launch.isPending}
          >
            {launch.isPending ? "Launching …" : "Launch"}
          </Button>
        </div>
      </form>
    </>
  );
}
