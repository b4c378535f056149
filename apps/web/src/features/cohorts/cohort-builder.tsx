"use client";

import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState, type SyntheticEvent } from "react";
import { BackLink } from "../../components/back-link.tsx";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormField, Input } from "../../components/form-field.tsx";
import { PageHeader, Panel, Section } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { SiteChoice } from "../sites/site-choice.tsx";
import { useSites } from "../metrics/use-sites.ts";
import { BalanceTable } from "./balance-table.tsx";

export function CohortBuilder() {
  const trpc = useTRPC();
  const router = useRouter();
  const { sites } = useSites();
  const [name, setName] = useState("");
  const [purpose, setPurpose] = useState("");
  const [excluded, setExcluded] = useState<readonly string[]>([]);
  const [trainPercent, setTrainPercent] = useState(60);
  const [tuningPercent, setTuningPercent] = useState(15);
  const [seed, setSeed] = useState(42);
  const [isMixtureAllowed, setMixtureAllowed] = useState(false);

  const siteIds = sites.map(({ siteId }) => siteId).filter((siteId) => !excluded.includes(siteId));
  const testPercent = 100 - trainPercent - tuningPercent;
  const isPossible = testPercent >= 0 && siteIds.length > 0;
  const recipe = {
    siteIds,
    fractions: {
      train: trainPercent / 100,
      tuning: tuningPercent / 100,
      "internal-test": (100 - trainPercent - tuningPercent) / 100,
    },
    seed,
  };
  const preview = useQuery(
    trpc.cohorts.preview.queryOptions(recipe, { enabled: isPossible, placeholderData: keepPreviousData }),
  );
  const create = useMutation(
    trpc.cohorts.create.mutationOptions({
      onSuccess: ({ cohortId }) => router.push(`/cohorts/${cohortId}`),
    }),
  );
  const chosen = sites.filter(({ siteId }) => siteIds.includes(siteId));
  const acquisitions = new Set(chosen.map(({ acquisition }) => acquisition));

  function submit(event: SyntheticEvent<HTMLFormElement>) {
    event.preventDefault();
    create.mutate({ ...recipe, name, purpose, allowsMixedAcquisition: isMixtureAllowed });
  }

  return (
    <>
      <PageHeader
        title="New cohort"
        back={<BackLink href="/cohorts">Cohorts</BackLink>}
        lead="Patients, not images, are drawn into the splits, separately per site and class. The same seed always draws the same patients."
      />
      <form onSubmit={submit} className="grid grid-cols-1 gap-6 lg:grid-cols-[300px_minmax(0,1fr)]">
        <Panel className="flex flex-col gap-4 self-start">
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
          <FormField label="Purpose" help="What question this cohort answers.">
            {(control) => (
              <Input
                {...control}
                maxLength={1000}
                value={purpose}
                onChange={(e) => setPurpose(e.target.value)}
              />
            )}
          </FormField>
          <SiteChoice
            excluded={excluded}
            onChange={setExcluded}
            help="Only patients with images and a reference standard are taken."
          />
          {acquisitions.size > 1 ? (
            <div className="rounded-md bg-warning-soft px-3 py-2 text-xs text-warning-ink">
              <p>
                These sites differ in acquisition ({[...acquisitions].join(", ")}). Their images are different
                domains; compare sites rather than the pool.
              </p>
              <label className="mt-2 flex items-center gap-2">
                <input
                  type="checkbox"
                  checked={isMixtureAllowed}
                  onChange={(event) => setMixtureAllowed(event.target.checked)}
                />
                Mix them all the same
              </label>
            </div>
          ) : null}
          <div className="grid grid-cols-3 gap-2">
            <FormField label="Train %">
              {(control) => (
                <Input
                  {...control}
                  type="number"
                  min={0}
                  max={100}
                  value={trainPercent}
                  onChange={(e) => setTrainPercent(Number(e.target.value))}
                />
              )}
            </FormField>
            <FormField label="Tuning %">
              {(control) => (
                <Input
                  {...control}
                  type="number"
                  min={0}
                  max={100}
                  value={tuningPercent}
                  onChange={(e) => setTuningPercent(Number(e.target.value))}
                />
              )}
            </FormField>
            <FormField label="Test %" error={testPercent < 0 ? "The shares exceed 100 %." : undefined}>
              {(control) => <Input {...control} disabled value={testPercent} />}
            </FormField>
          </div>
          <FormField label="Seed" help="Decides who is drawn into which split.">
            {(control) => (
              <Input
                {...control}
                type="number"
                min={0}
                max={2_147_483_647}
                value={seed}
                onChange={(e) => setSeed(Number(e.target.value))}
              />
            )}
          </FormField>
          {create.error === null ? null : <ErrorState message={create.error.message} />}
          <Button
            type="submit"
            emphasis="primary"
            disabled={!isPossible || create.isPending || (acquisitions.size > 1 && !isMixtureAllowed)}
          >
            Create cohort
          </Button>
        </Panel>
        <Section title="What this gives" lead="Counted now, from the studies that are there.">
          {isPossible ? (
            <QueryView query={preview}>
              {(balances) =>
                balances.length === 0 ? (
                  <EmptyState title="The chosen sites have no usable patients yet" />
                ) : (
                  <BalanceTable balances={balances} />
                )
              }
            </QueryView>
          ) : (
            <EmptyState title="Choose at least one site and shares of at most 100 %" />
          )}
        </Section>
      </form>
    </>
  );
}
