"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { FormField, Input } from "../../components/form-field.tsx";
import { count, dateTime } from "../../components/format.ts";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { FrozenWarning } from "./frozen-warning.tsx";

type UndoPlan = Outputs["labels"]["previewUndo"];

/** Says what comes back and what stays before anything is undone. */
export function UndoDialog(props: {
  importRow: { importId: string; createdAt: Date; reason: string };
  onClose: () => void;
}) {
  const { importRow, onClose } = props;
  const plan = useQuery(
    useTRPC().labels.previewUndo.queryOptions({ importId: importRow.importId }, { staleTime: 0 }),
  );
  return (
    <Dialog title="Undo the import" onClose={onClose} isWide>
      <p className="mb-3 text-sm text-slate-700">
        Import of {dateTime(importRow.createdAt)}: {importRow.reason}
      </p>
      <QueryView query={plan}>
        {(shown) => <UndoForm importId={importRow.importId} plan={shown} onClose={onClose} />}
      </QueryView>
    </Dialog>
  );
}

function UndoForm(props: { importId: string; plan: UndoPlan; onClose: () => void }) {
  const { importId, plan, onClose } = props;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const [isAcknowledged, setAcknowledged] = useState(false);
  const undo = useMutation(
    trpc.labels.undo.mutationOptions({
      async onSuccess() {
        onClose();
        await Promise.all([
          queries.invalidateQueries(trpc.labels.pathFilter()),
          queries.invalidateQueries(trpc.studies.pathFilter()),
        ]);
      },
    }),
  );
  return (
    <form
      className="flex flex-col gap-3 text-sm"
      onSubmit={(event) => {
        event.preventDefault();
        undo.mutate({ importId, reason, acknowledgesFrozen: isAcknowledged });
      }}
    >
      <p>
        The labels that were in force before come back on {count(plan.restoredCaseCount)}{" "}
        {plan.restoredCaseCount === 1 ? "case" : "cases"}. The import stays in the history.
      </p>
      {plan.kept.length === 0 ? null : (
        <div className="rounded-lg border border-slate-200 px-3 py-2">
          <p className="font-medium">
            {count(plan.kept.length)}{" "}
            {plan.kept.length === 1 ? "label stays as it is" : "labels stay as they are"}
          </p>
          <ul className="mt-1 max-h-40 overflow-y-auto">
            {plan.kept.map((label, index) => (
              <li key={index}>
                <Pseudonym>{label.caseLabel}</Pseudonym>, {label.what}: {label.why}
              </li>
            ))}
          </ul>
        </div>
      )}
      <FrozenWarning
        cohorts={plan.frozenCohorts}
        isAcknowledged={isAcknowledged}
        onAcknowledge={setAcknowledged}
      />
      <FormField label="Reason for the undo" error={undo.error?.message}>
        {(control) => (
          <Input
            {...control}
            maxLength={1_000}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </FormField>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Keep the import</Button>
        <Button
          type="submit"
          emphasis="danger"
          disabled={
            undo.isPending || reason.trim().length < 3 || (plan.frozenCohorts.length > 0 && !isAcknowledged)
          }
        >
          {undo.isPending ? "Undoing…" : "Undo the import"}
        </Button>
      </div>
    </form>
  );
}
