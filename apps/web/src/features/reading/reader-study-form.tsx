"use client";

import { splitSchema, type Split } from "@crossread/contracts/split";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { FormField, Input, Select } from "../../components/form-field.tsx";
import { count } from "../../components/format.ts";
import { QueryView } from "../../components/query-view.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";

export function ReaderStudyForm(props: { onDone: () => void }) {
  const choices = useQuery(useTRPC().readerStudies.choices.queryOptions());
  return (
    <QueryView query={choices}>{(data) => <ChosenForm choices={data} onDone={props.onDone} />}</QueryView>
  );
}

type Choices = Outputs["readerStudies"]["choices"];

function ChosenForm(props: { choices: Choices; onDone: () => void }) {
  const { choices, onDone } = props;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [cohortId, setCohortId] = useState(choices.cohorts[0]?.cohortId ?? "");
  const [checkpointId, setCheckpointId] = useState(choices.checkpoints[0]?.checkpointId ?? "");
  const [split, setSplit] = useState<Split>("internal-test");
  const [readerIds, setReaderIds] = useState<readonly string[]>([]);
  const [caseLimit, setCaseLimit] = useState(20);
  const [seed, setSeed] = useState(42);
  const create = useMutation(
    trpc.readerStudies.create.mutationOptions({
      async onSuccess() {
        await queries.invalidateQueries({ queryKey: trpc.readerStudies.list.queryKey() });
        onDone();
      },
    }),
  );
  const cohort = choices.cohorts.find((each) => each.cohortId === cohortId);
  const isReady = name.trim() !== "" && cohortId !== "" && checkpointId !== "" && readerIds.length > 0;
  return (
    <form
      className="grid grid-cols-2 gap-x-4 gap-y-2"
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate({ name, cohortId, checkpointId, split, readerIds: [...readerIds], caseLimit, seed });
      }}
    >
      <div className="col-span-2">
        <FormField label="Name" help="Readers see it in their work list.">
          {(control) => (
            <Input
              {...control}
              required
              maxLength={200}
              value={name}
              onChange={(e) => setName(e.target.value)}
            />
          )}
        </FormField>
      </div>
      <FormField label="Frozen cohort">
        {(control) => (
          <Select {...control} value={cohortId} onChange={(event) => setCohortId(event.target.value)}>
            {choices.cohorts.map((each) => (
              <option key={each.cohortId} value={each.cohortId}>
                {each.name}
              </option>
            ))}
          </Select>
        )}
      </FormField>
      <FormField label="Split">
        {(control) => (
          <Select
            {...control}
            value={split}
            onChange={(event) => setSplit(splitSchema.parse(event.target.value))}
          >
            {splitSchema.options.map((option) => (
              <option key={option} value={option}>
                {option} ({count(cohort?.caseCounts[option] ?? 0)} cases)
              </option>
            ))}
          </Select>
        )}
      </FormField>
      <div className="col-span-2">
        <FormField label="Checkpoint" help="Its scores and maps are the aid; it must have mapped the split.">
          {(control) => (
            <Select
              {...control}
              value={checkpointId}
              onChange={(event) => setCheckpointId(event.target.value)}
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
      <FormField label="Cases at most" help="Drawn in turn from site × finding.">
        {(control) => (
          <Input
            {...control}
            type="number"
            min={1}
            max={10_000}
            value={caseLimit}
            onChange={(event) => setCaseLimit(Number(event.target.value))}
          />
        )}
      </FormField>
      <FormField label="Seed" help="Of the draw and of every reader’s order.">
        {(control) => (
          <Input
            {...control}
            type="number"
            min={0}
            value={seed}
            onChange={(event) => setSeed(Number(event.target.value))}
          />
        )}
      </FormField>
      <fieldset className="col-span-2">
        <legend className="mb-1 text-sm font-medium text-slate-800">Readers</legend>
        {choices.readers.map((reader) => (
          <label key={reader.readerId} className="flex h-7 items-center gap-2 text-sm">
            <input
              type="checkbox"
              className="size-4 accent-accent-700"
              checked={readerIds.includes(reader.readerId)}
              onChange={(event) =>
                setReaderIds((chosen) =>
                  event.target.checked
                    ? [...chosen, reader.readerId]
                    : chosen.filter((readerId) => readerId !== reader.readerId),
                )
              }
            />
            {reader.name}
          </label>
        ))}
        <p className="text-xs text-slate-600">A reader must be radiologist at every site of the cases.</p>
      </fieldset>
      {create.error === null ? null : (
        <p role="alert" className="col-span-2 text-sm text-failure-ink">
          {create.error.message}
        </p>
      )}
      <div className="col-span-2 flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" emphasis="primary" disabled={!isReady || create.isPending}>
          Open the study
        </Button>
      </div>
    </form>
  );
}
