"use client";

import { defaultReaderStudySettings } from "@crossread/contracts/reader-study-settings";
import { splitSchema, type Split } from "@crossread/contracts/split";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { BackLink } from "../../components/back-link.tsx";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormField, Input, Select } from "../../components/form-field.tsx";
import { count } from "../../components/format.ts";
import { PageHeader, Panel } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { NumberField } from "../../components/number-field.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { PowerPanel } from "./power-panel.tsx";
import { StudySettingsFields } from "./study-settings-fields.tsx";
import { StudySizePanel } from "./study-size-panel.tsx";

type Choices = Outputs["readerStudies"]["choices"];
type Study = Outputs["readerStudies"]["load"];

/** Plans a new study, or changes a draft. */
export function ReaderStudyForm(props: { readerStudyId?: string }) {
  const trpc = useTRPC();
  const { readerStudyId } = props;
  const choices = useQuery(trpc.readerStudies.choices.queryOptions());
  const draft = useQuery(
    trpc.readerStudies.load.queryOptions(
      { readerStudyId: readerStudyId ?? "" },
      { enabled: readerStudyId !== undefined },
    ),
  );
  const back = <BackLink href="/reader-studies">Reader studies</BackLink>;
  return (
    <>
      <PageHeader
        title={readerStudyId === undefined ? "New reader study" : "Change the draft"}
        lead="It is kept as a draft first. Readers are invited when you open it."
        back={back}
      />
      <QueryView query={choices} rows={8}>
        {(data) =>
          data.cohorts.length === 0 || data.checkpoints.length === 0 ? (
            <EmptyState title="Nothing to read yet">
              A study draws its cases from a frozen cohort that a checkpoint has scored and mapped.
            </EmptyState>
          ) : readerStudyId === undefined ? (
            <PlanForm choices={data} />
          ) : (
            <QueryView query={draft} rows={8}>
              {(study) => <PlanForm choices={data} study={study} />}
            </QueryView>
          )
        }
      </QueryView>
    </>
  );
}

function firstPlan(choices: Choices, study: Study | undefined) {
  return {
    name: study?.name ?? "",
    cohortId: study?.cohortId ?? choices.cohorts[0]?.cohortId ?? "",
    checkpointId: study?.checkpointId ?? choices.checkpoints[0]?.checkpointId ?? "",
    split: study?.split ?? ("internal-test" as Split),
    readerIds: study?.readers?.map(({ readerId }) => readerId) ?? ([] as readonly string[]),
    caseLimit: study?.caseLimit ?? 20,
    seed: study?.seed ?? 42,
    settings: study?.settings ?? defaultReaderStudySettings,
  };
}

function PlanForm(props: { choices: Choices; study?: Study }) {
  const { choices, study } = props;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const [plan, setPlan] = useState(() => firstPlan(choices, study));
  const isSent = useRef(false);
  const change = (part: Partial<typeof plan>) => setPlan((before) => ({ ...before, ...part }));
  const done = async (readerStudyId: string) => {
    await queries.invalidateQueries({ queryKey: trpc.readerStudies.list.queryKey() });
    await queries.invalidateQueries({ queryKey: trpc.readerStudies.load.queryKey({ readerStudyId }) });
    router.push(`/reader-studies/${readerStudyId}`);
  };
  const create = useMutation(
    trpc.readerStudies.create.mutationOptions({ onSuccess: (created) => done(created.readerStudyId) }),
  );
  const update = useMutation(
    trpc.readerStudies.change.mutationOptions({
      onSuccess: (_changed, sent) => done(sent.readerStudyId),
    }),
  );
  const { name, readerIds, ...draw } = plan;
  const readerCount = readerIds.length;
  const preview = useQuery(
    trpc.readerStudies.preview.queryOptions(
      { ...draw, readerCount: Math.max(1, readerCount) },
      { enabled: readerCount > 0, placeholderData: keepPreviousData, retry: false },
    ),
  );
  const cohort = choices.cohorts.find((each) => each.cohortId === plan.cohortId);
  const error = create.error ?? update.error;
  const isBusy = create.isPending || update.isPending;
  return (
    <form
      className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_24rem]"
      onSubmit={(event) => {
        event.preventDefault();
        // Two clicks come before the button is drawn as disabled.
        if (isSent.current) return;
        isSent.current = true;
        const sent = { ...plan, readerIds: [...readerIds] };
        const onError = () => {
          isSent.current = false;
        };
        if (study === undefined) create.mutate(sent, { onError });
        else update.mutate({ ...sent, readerStudyId: study.readerStudyId }, { onError });
      }}
    >
      <Panel className="grid grid-cols-2 gap-x-4 gap-y-2">
        <div className="col-span-2">
          <FormField label="Name" help="Readers see it in their work list.">
            {(control) => (
              <Input
                {...control}
                required
                maxLength={200}
                value={name}
                onChange={(event) => change({ name: event.target.value })}
              />
            )}
          </FormField>
        </div>
        <div className="col-span-2">
          <FormField label="Frozen cohort">
            {(control) => (
              <Select
                {...control}
                value={plan.cohortId}
                onChange={(event) => change({ cohortId: event.target.value })}
              >
                {choices.cohorts.map((each) => (
                  <option key={each.cohortId} value={each.cohortId}>
                    {each.name}
                  </option>
                ))}
              </Select>
            )}
          </FormField>
        </div>
        <div className="col-span-2">
          <FormField label="Split">
            {(control) => (
              <Select
                {...control}
                value={plan.split}
                onChange={(event) => change({ split: splitSchema.parse(event.target.value) })}
              >
                {splitSchema.options.map((option) => (
                  <option key={option} value={option}>
                    {option} ({count(cohort?.caseCounts[option] ?? 0)} cases)
                  </option>
                ))}
              </Select>
            )}
          </FormField>
        </div>
        <div className="col-span-2">
          <FormField
            label="Checkpoint"
            help="Its scores and maps are the aid; it must have mapped the split."
          >
            {(control) => (
              <Select
                {...control}
                value={plan.checkpointId}
                onChange={(event) => change({ checkpointId: event.target.value })}
              >
                {choices.checkpoints.map((each) => (
                  <option key={each.checkpointId} value={each.checkpointId}>
                    {each.name}
                  </option>
                ))}
              </Select>
            )}
          </FormField>
        </div>
        <NumberField
          label="Cases at most"
          help="Drawn in turn from site × finding."
          value={plan.caseLimit}
          bounds={{ min: 1, max: 10_000, step: 1 }}
          onChange={(caseLimit) => change({ caseLimit })}
        />
        <NumberField
          label="Seed"
          help="Of the draw, the allocation and every order."
          value={plan.seed}
          bounds={{ min: 0, max: 2_147_483_647, step: 1 }}
          onChange={(seed) => change({ seed })}
        />
        <fieldset className="col-span-2">
          <legend className="mb-1 text-sm font-medium text-slate-800">Readers</legend>
          <div className="grid max-h-56 grid-cols-1 overflow-auto 2xl:grid-cols-2">
            {choices.readers.map((reader) => (
              <label key={reader.readerId} className="flex min-h-7 items-center gap-2 text-sm">
                <input
                  type="checkbox"
                  className="size-4 accent-accent-700"
                  checked={readerIds.includes(reader.readerId)}
                  onChange={(event) =>
                    change({
                      readerIds: event.target.checked
                        ? [...readerIds, reader.readerId]
                        : readerIds.filter((readerId) => readerId !== reader.readerId),
                    })
                  }
                />
                {reader.name}
              </label>
            ))}
          </div>
          <p className="text-xs text-slate-600">A reader must be radiologist at every site of the cases.</p>
        </fieldset>
      </Panel>
      <Panel className="grid grid-cols-2 gap-x-4 gap-y-3">
        <StudySettingsFields settings={plan.settings} onChange={(settings) => change({ settings })} />
      </Panel>
      <div className="flex flex-col gap-4">
        {readerCount === 0 ? (
          <Panel>
            <p className="text-sm text-slate-600">Choose readers to see what the study will be.</p>
          </Panel>
        ) : preview.error !== null ? (
          <ErrorState message={preview.error.message} />
        ) : preview.data === undefined ? null : (
          <>
            <StudySizePanel preview={preview.data} settings={plan.settings} />
            <PowerPanel
              size={{
                caseCount: preview.data.caseCount,
                malignantCount: preview.data.malignantCount,
                readerCount,
                allocation: plan.settings.allocation,
                groupCount: plan.settings.groupCount,
              }}
            />
          </>
        )}
        {error === null ? null : <ErrorState message={error.message} />}
        <div className="flex justify-end gap-2">
          <Button type="submit" emphasis="primary" disabled={readerCount === 0 || isBusy}>
            {study === undefined ? "Save as draft" : "Save the draft"}
          </Button>
        </div>
      </div>
    </form>
  );
}
