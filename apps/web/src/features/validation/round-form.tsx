"use client";

import type { OperatingPointRule } from "@crossread/contracts/operating-point";
import type { ReportMetricName } from "@crossread/contracts/evaluation-report";
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
import { isMetricName, metricLabels, metricNames } from "../metrics/metric-name.ts";
import { CheckpointChoice } from "./checkpoint-choice.tsx";
import { OperatingPointField } from "./operating-point-field.tsx";

type TestSplit = "internal-test" | "external-test";

export function RoundForm() {
  const trpc = useTRPC();
  const router = useRouter();
  const cohorts = useQuery(trpc.cohorts.list.queryOptions());
  const frozen = (cohorts.data ?? []).filter((cohort) => cohort.frozenAt !== null);
  const [name, setName] = useState("");
  const [chosenCohort, setCohort] = useState<string>();
  const [split, setSplit] = useState<TestSplit>("internal-test");
  const [primaryMetric, setPrimaryMetric] = useState<ReportMetricName>("auc");
  const [operatingPoint, setOperatingPoint] = useState<OperatingPointRule>({ rule: "youden" });
  const [checkpointIds, setCheckpointIds] = useState<readonly string[]>([]);
  const cohortId = chosenCohort ?? frozen[0]?.cohortId;
  const create = useMutation(
    trpc.validation.create.mutationOptions({
      onSuccess: ({ validationRoundId }) => router.push(`/validation/${validationRoundId}`),
    }),
  );

  function submit(event: SyntheticEvent<HTMLFormElement>) {
    event.preventDefault();
    if (cohortId === undefined) return;
    create.mutate({
      name,
      cohortId,
      split,
      primaryMetric,
      operatingPoint,
      checkpointIds: [...checkpointIds],
    });
  }

  const header = (
    <PageHeader
      title="New validation round"
      back={<BackLink href="/validation">Validation</BackLink>}
      lead="The draft fixes the plan. Start it when it is right: the plan cannot be changed afterwards."
    />
  );
  if (cohorts.data !== undefined && frozen.length === 0) {
    return (
      <>
        {header}
        <EmptyState title="No frozen cohort">
          Freeze a cohort first, so that results name their patients.
        </EmptyState>
      </>
    );
  }
  return (
    <>
      {header}
      <form onSubmit={submit} className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
        <Panel className="flex flex-col gap-4">
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
          <FormField label="Cohort" help="Frozen cohorts only; the round records its digest.">
            {(control) => (
              <Select {...control} value={cohortId ?? ""} onChange={(e) => setCohort(e.target.value)}>
                {frozen.map((cohort) => (
                  <option key={cohort.cohortId} value={cohort.cohortId}>
                    {cohort.name}
                  </option>
                ))}
              </Select>
            )}
          </FormField>
          <FormField label="Split" help="Patients that no training has seen.">
            {(control) => (
              <Select
                {...control}
                value={split}
                onChange={(e) =>
                  setSplit(e.target.value === "external-test" ? "external-test" : "internal-test")
                }
              >
                <option value="internal-test">Internal test</option>
                <option value="external-test">External test</option>
              </Select>
            )}
          </FormField>
          <FormField
            label="Primary metric"
            help="The one number that the round is judged by; the others are shown beside it."
          >
            {(control) => (
              <Select
                {...control}
                value={primaryMetric}
                onChange={(e) => {
                  if (isMetricName(e.target.value)) setPrimaryMetric(e.target.value);
                }}
              >
                {metricNames.map((metric) => (
                  <option key={metric} value={metric}>
                    {metricLabels[metric]}
                  </option>
                ))}
              </Select>
            )}
          </FormField>
          <OperatingPointField rule={operatingPoint} onChange={setOperatingPoint} />
        </Panel>
        <Panel className="flex flex-col gap-4">
          <CheckpointChoice chosen={checkpointIds} onChange={setCheckpointIds} />
          {create.error === null ? null : <ErrorState message={create.error.message} />}
          <Button
            type="submit"
            emphasis="primary"
            disabled={cohortId === undefined || checkpointIds.length === 0 || create.isPending}
          >
            Create draft
          </Button>
        </Panel>
      </form>
    </>
  );
}
