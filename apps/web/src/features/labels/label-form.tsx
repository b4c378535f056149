"use client";

import { assessmentSourceSchema, type CaseLabels } from "@crossread/contracts/breast-label";
import type { Laterality } from "@crossread/contracts/dataset-manifest";
import { densitySchema } from "@crossread/contracts/reading";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { FormField, Input, Select } from "../../components/form-field.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { BreastFields } from "./breast-fields.tsx";
import { FrozenWarning } from "./frozen-warning.tsx";
import { describeBreast, formProblems, sameLabels } from "./label-form-state.ts";

type Study = Outputs["studies"]["load"];

const breasts = ["R", "L"] as const satisfies readonly Laterality[];

/** Both breasts side by side, right on the left as on the light box. What others change meanwhile is shown beside it. */
export function LabelForm(props: { study: Study }) {
  const { study } = props;
  const trpc = useTRPC();
  const queries = useQueryClient();
  // What the form was made from: somebody else's change must not slip under it.
  const [base, setBase] = useState({ version: study.labelVersion, labels: study.labels });
  const [entered, setEntered] = useState<CaseLabels>(study.labels);
  const [reason, setReason] = useState("");
  const [isAcknowledged, setAcknowledged] = useState(false);
  const reload = () =>
    queries.invalidateQueries({ queryKey: trpc.studies.load.queryKey({ studyId: study.studyId }) });
  const change = useMutation(
    trpc.labels.change.mutationOptions({
      async onSuccess({ version }) {
        setBase({ version, labels: entered });
        setReason("");
        setAcknowledged(false);
        await reload();
      },
      onError: (error) => (error.data?.code === "CONFLICT" ? reload() : undefined),
    }),
  );
  const problems = formProblems(base.labels, entered);
  const hasErrors = [...problems.R, ...problems.L].some(({ severity }) => severity === "error");
  const isSame = sameLabels(base.labels, entered);
  // Whoever changes the lesion marks of the case raises the version too, and takes nothing from this form.
  const isUnmoved = sameLabels(study.labels, base.labels);
  const isOutdated =
    study.labelVersion > base.version && !isUnmoved && !change.isPending && !change.isSuccess;
  const takeStored = () => {
    setBase({ version: study.labelVersion, labels: study.labels });
    change.reset();
  };
  const imaged = new Set(study.images.map(({ laterality }) => laterality));
  return (
    <form
      aria-label="Reference standard"
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({
          caseId: study.caseId,
          version: isUnmoved ? Math.max(base.version, study.labelVersion) : base.version,
          labels: entered,
          reason,
          acknowledgesFrozen: isAcknowledged,
        });
      }}
    >
      {isOutdated ? (
        <div
          role="alert"
          className="rounded-lg border border-failure/30 bg-failure-soft px-3 py-2 text-sm text-failure-ink"
        >
          <p className="font-medium">
            The labels were changed by somebody else while this form was open. Nothing of yours was stored.
          </p>
          <p className="mt-1">
            Now in force: right {describeBreast(study.labels.breasts.R)}; left{" "}
            {describeBreast(study.labels.breasts.L)}; density {study.labels.density?.value ?? "unknown"}.
          </p>
          <span className="mt-2 flex gap-2">
            <Button onClick={takeStored}>Keep what I entered, on top of it</Button>
            <Button
              onClick={() => {
                takeStored();
                setEntered(study.labels);
              }}
            >
              Take what is in force
            </Button>
          </span>
        </div>
      ) : null}
      <div className="grid gap-3 md:grid-cols-2">
        {breasts.map((laterality) => (
          <BreastFields
            key={laterality}
            laterality={laterality}
            isImaged={imaged.has(laterality)}
            label={entered.breasts[laterality]}
            problems={problems[laterality]}
            onChange={(label) =>
              setEntered({ ...entered, breasts: { ...entered.breasts, [laterality]: label } })
            }
          />
        ))}
      </div>
      <div className="grid gap-x-3 gap-y-1 md:grid-cols-[8rem_10rem_minmax(0,1fr)]">
        <DensityFields
          density={entered.density}
          onChange={(density) => setEntered({ ...entered, density })}
        />
        <FormField
          label="Reason for the change"
          help="Kept with the label and in the audit log, with your name. No name, no number of a patient."
        >
          {(control) => (
            <Input
              {...control}
              maxLength={1_000}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </FormField>
      </div>
      {isSame ? null : (
        <FrozenWarning
          cohorts={study.frozenCohorts}
          isAcknowledged={isAcknowledged}
          onAcknowledge={setAcknowledged}
        />
      )}
      <div className="flex items-center gap-3">
        <Button
          type="submit"
          emphasis="primary"
          disabled={
            isSame ||
            hasErrors ||
            isOutdated ||
            change.isPending ||
            reason.trim().length < 3 ||
            (study.frozenCohorts.length > 0 && !isAcknowledged)
          }
        >
          Save the labels
        </Button>
        {isSame ? null : (
          <Button emphasis="quiet" onClick={() => setEntered(base.labels)}>
            Discard
          </Button>
        )}
        <p role="status" className="text-sm text-slate-600">
          {change.isPending ? "Saving…" : change.isSuccess && isSame ? "Saved." : ""}
        </p>
        {change.error === null || isOutdated ? null : (
          <p role="alert" className="text-sm text-failure-ink">
            {change.error.message}
          </p>
        )}
      </div>
    </form>
  );
}

function DensityFields(props: {
  density: CaseLabels["density"];
  onChange: (density: CaseLabels["density"]) => void;
}) {
  const { density, onChange } = props;
  return (
    <>
      <FormField label="Density" help="Of the case.">
        {(control) => (
          <Select
            {...control}
            value={density?.value ?? ""}
            onChange={(event) => {
              const value = densitySchema.safeParse(event.target.value).data;
              onChange(value === undefined ? null : { value, source: density?.source ?? "reader" });
            }}
          >
            <option value="">unknown</option>
            {densitySchema.options.map((value) => (
              <option key={value}>{value}</option>
            ))}
          </Select>
        )}
      </FormField>
      <FormField label="Density said by">
        {(control) => (
          <Select
            {...control}
            disabled={density === null}
            value={density?.source ?? ""}
            onChange={(event) => {
              const source = assessmentSourceSchema.safeParse(event.target.value).data;
              if (density !== null && source !== undefined) onChange({ ...density, source });
            }}
          >
            {density === null ? <option value="">nobody</option> : null}
            <option value="reader">a reader</option>
            <option value="vendor">vendor software</option>
            <option value="data-set">the data set</option>
          </Select>
        )}
      </FormField>
    </>
  );
}
