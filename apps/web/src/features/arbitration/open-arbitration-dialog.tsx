"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormField, Input } from "../../components/form-field.tsx";
import { count } from "../../components/format.ts";
import { useTRPC, type Outputs } from "../../trpc/client.ts";

type Discordances = Outputs["arbitration"]["discordances"];
type Choices = Outputs["arbitration"]["choices"];

/** Who arbitrates, how many controls are mixed in, by which seed. */
export function OpenArbitrationDialog(props: {
  readerStudyId: string;
  found: Discordances;
  choices: Choices;
  onClose: () => void;
}) {
  const { choices, found, onClose } = props;
  const { model: _model, ...rules } = found.rules;
  const isNew = found.queue === null;
  const concordantCount = found.caseCount - found.discordantCaseCount;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [arbitratorIds, setArbitratorIds] = useState<readonly string[]>([]);
  const [controls, setControls] = useState(() => Math.min(concordantCount, found.discordantCaseCount));
  const [seed, setSeed] = useState(found.queue?.seed ?? 1);
  const open = useMutation(
    trpc.arbitration.open.mutationOptions({
      async onSuccess() {
        await queries.invalidateQueries(trpc.arbitration.pathFilter());
        onClose();
      },
    }),
  );
  const isComplete = choices.choices.some(
    ({ caseCount, userId }) => arbitratorIds.includes(userId) && caseCount === choices.caseCount,
  );
  return (
    <Dialog
      title={isNew ? "Open arbitration" : "Add new discordances to arbitration"}
      onClose={onClose}
      isWide
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          open.mutate({
            readerStudyId: props.readerStudyId,
            rules,
            arbitratorIds: [...arbitratorIds],
            controlCount: isNew ? controls : 0,
            seed,
          });
        }}
      >
        <p className="text-sm text-slate-700">
          {isNew
            ? `${count(found.discordantCaseCount)} discordant cases go to arbitration. Readings, discordances and rules stay as they are now, whatever is decided.`
            : "Cases that became discordant since are added by the same rules; what is there stays as it is."}
        </p>
        <fieldset>
          <legend className="mb-1 text-sm font-medium text-slate-800">Arbitrators</legend>
          {choices.choices.length === 0 ? (
            <p className="rounded-lg border border-warning-ink/30 bg-warning-soft px-3 py-2 text-sm text-warning-ink">
              Nobody is left: every radiologist of these sites reads in this study or another one with its
              cases. Give somebody the role of radiologist at the sites first (Admin).
            </p>
          ) : (
            <ul className="flex max-h-56 flex-col gap-1 overflow-y-auto">
              {choices.choices.map(({ caseCount, name, userId }) => (
                <li key={userId}>
                  <label className="flex items-center gap-2 text-sm">
                    <input
                      type="checkbox"
                      className="size-4 accent-accent-700"
                      checked={arbitratorIds.includes(userId)}
                      onChange={(event) =>
                        setArbitratorIds(
                          event.target.checked
                            ? [...arbitratorIds, userId]
                            : arbitratorIds.filter((each) => each !== userId),
                        )
                      }
                    />
                    {name}
                    <span className="text-slate-600">
                      may take {count(caseCount)} of {count(choices.caseCount)} cases
                    </span>
                  </label>
                </li>
              ))}
            </ul>
          )}
          <p className="mt-1 text-xs text-slate-600">
            Radiologists of the case’s site who have no part in reading it.
            {arbitratorIds.length > 0 && !isComplete
              ? " Nobody chosen may take every case; together they may still be enough."
              : ""}
          </p>
        </fieldset>
        {isNew ? (
          <div className="grid gap-4 sm:grid-cols-2">
            <FormField
              label="Control cases"
              help={`of ${count(concordantCount)} without a discordance. Without controls, readings that agree would tell an arbitrator that model or reference disagree with them.`}
            >
              {(control) => (
                <Input
                  {...control}
                  type="number"
                  min={0}
                  max={concordantCount}
                  value={controls}
                  onChange={(event) => setControls(Math.max(0, Math.round(Number(event.target.value))))}
                />
              )}
            </FormField>
            <FormField label="Seed" help="of the order of cases and readings, and of the controls">
              {(control) => (
                <Input
                  {...control}
                  type="number"
                  min={0}
                  max={2_147_483_647}
                  value={seed}
                  onChange={(event) => setSeed(Math.max(0, Math.round(Number(event.target.value))))}
                />
              )}
            </FormField>
          </div>
        ) : null}
        {open.error === null ? null : <ErrorState message={open.error.message} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" emphasis="primary" disabled={open.isPending || arbitratorIds.length === 0}>
            {isNew ? "Open arbitration" : "Add"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
