"use client";

import type { DiscordanceRules } from "@crossread/contracts/discordance";
import { FormField, Input, Select } from "../../components/form-field.tsx";
import { decimal } from "../../components/format.ts";
import { Panel } from "../../components/page-header.tsx";
import type { Outputs } from "../../trpc/client.ts";
import { kindLeads, kindNames, kindOrder } from "./discordance-words.ts";

export type RulesChoice = Omit<DiscordanceRules, "model">;
type Decision = Outputs["arbitration"]["choices"]["decision"];

/** By what rules discordances are found; they are kept with the queue once it is opened. */
export function DiscordanceRulesForm(props: {
  rules: RulesChoice;
  /** Undefined for those who may only look. */
  decision: Decision | undefined;
  threshold: number | null;
  onChange: (rules: RulesChoice) => void;
}) {
  const { decision, onChange, rules } = props;
  const { thresholds } = rules;
  const setNumber = (name: keyof RulesChoice["thresholds"], most: number) => (text: string) => {
    const given = Number(text);
    const value = text === "" ? null : Math.min(most, Math.max(1, Math.round(given)));
    onChange({ ...rules, thresholds: { ...thresholds, [name]: value } });
  };
  return (
    <Panel className="grid gap-x-8 gap-y-3 lg:grid-cols-2">
      <fieldset className="flex flex-col gap-1.5">
        <legend className="mb-1 text-sm font-medium text-slate-800">Looked for</legend>
        {kindOrder.map((kind) => {
          const isChosen = rules.kinds.includes(kind);
          return (
            <label key={kind} className="flex items-start gap-2 text-sm">
              <input
                type="checkbox"
                className="mt-0.5 size-4 shrink-0 accent-accent-700"
                checked={isChosen}
                disabled={isChosen && rules.kinds.length === 1}
                onChange={() =>
                  onChange({
                    ...rules,
                    kinds: kindOrder.filter((each) =>
                      each === kind ? !isChosen : rules.kinds.includes(each),
                    ),
                  })
                }
              />
              <span>
                {kindNames[kind]}: <span className="text-slate-600">{kindLeads[kind]}</span>
              </span>
            </label>
          );
        })}
        <p className="text-xs text-slate-600">
          Recall: BI-RADS 0, 4, 5 or 6.{" "}
          {props.threshold === null
            ? "The model has no evaluation on this cohort, so it has no operating point and is not compared."
            : `The model recalls from a score of ${decimal(props.threshold, 3)}, the highest of a breast’s views.`}
        </p>
      </fieldset>
      <div className="grid content-start gap-3 sm:grid-cols-2">
        <FormField label="BI-RADS apart" help="steps on 1, 2, 3, 4A, 4B, 4C, 5; empty: not compared">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={6}
              value={thresholds.biradsSteps ?? ""}
              onChange={(event) => setNumber("biradsSteps", 6)(event.target.value)}
            />
          )}
        </FormField>
        <FormField label="Suspicion apart" help="points of 100; empty: not compared">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={100}
              value={thresholds.suspicionPoints ?? ""}
              onChange={(event) => setNumber("suspicionPoints", 100)(event.target.value)}
            />
          )}
        </FormField>
        {decision === undefined ? null : (
          <div className="sm:col-span-2">
            <FormField
              label="Earlier checkpoint"
              help={`compared with ${decision.checkpointName} at the same operating point`}
            >
              {(control) => (
                <Select
                  {...control}
                  value={rules.earlierCheckpointId ?? ""}
                  disabled={decision.earlier.length === 0}
                  onChange={(event) =>
                    onChange({ ...rules, earlierCheckpointId: event.target.value || null })
                  }
                >
                  <option value="">
                    {decision.earlier.length === 0 ? "None scored these images" : "None"}
                  </option>
                  {decision.earlier.map((checkpoint) => (
                    <option key={checkpoint.checkpointId} value={checkpoint.checkpointId}>
                      {checkpoint.name}
                    </option>
                  ))}
                </Select>
              )}
            </FormField>
          </div>
        )}
      </div>
    </Panel>
  );
}
