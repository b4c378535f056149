"use client";

import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { FormField, Input } from "../../components/form-field.tsx";
import { count } from "../../components/format.ts";
import { Section } from "../../components/page-header.tsx";
import { FrozenWarning } from "./frozen-warning.tsx";
import { OutcomeTable, reportRows } from "./outcome-table.tsx";
import type { CheckedTable } from "./table-import.tsx";

/** What would change, row by row, and the step that changes it. */
export function ImportPreview(props: {
  checked: CheckedTable;
  isBusy: boolean;
  error: string | undefined;
  onApply: (reason: string, acknowledgesFrozen: boolean) => void;
}) {
  const { checked, isBusy, error, onApply } = props;
  const { plan } = checked;
  const [reason, setReason] = useState("");
  const [isAcknowledged, setAcknowledged] = useState(false);
  const mayApply =
    plan.changedCaseCount > 0 &&
    reason.trim().length >= 3 &&
    (plan.frozenCohorts.length === 0 || isAcknowledged) &&
    !isBusy;
  return (
    <Section title="What would change" lead="Nothing has been written yet.">
      <OutcomeTable rows={reportRows(checked)} counts={plan.counts} />
      <form
        className="mt-4 flex flex-col gap-3 rounded-lg border border-slate-200 bg-white p-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (mayApply) onApply(reason, isAcknowledged);
        }}
      >
        <FrozenWarning
          cohorts={plan.frozenCohorts}
          isAcknowledged={isAcknowledged}
          onAcknowledge={setAcknowledged}
        />
        <FormField
          label="Reason for the import"
          help="Kept with every label of the table and in the audit log, with your name."
          error={error}
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
        <div className="flex items-center gap-3">
          <Button type="submit" emphasis="primary" disabled={!mayApply}>
            {isBusy
              ? "Writing…"
              : `Write the labels of ${count(plan.changedCaseCount)} ${plan.changedCaseCount === 1 ? "case" : "cases"}`}
          </Button>
          <span className="text-sm text-slate-600">
            {plan.changedCaseCount === 0
              ? "No row changes a label."
              : plan.counts.refused === 0
                ? "All at once, or nothing."
                : `All at once, or nothing. The ${count(plan.counts.refused)} refused rows are left out.`}
          </span>
        </div>
      </form>
    </Section>
  );
}
