"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { FormField, Input } from "../../components/form-field.tsx";
import { count } from "../../components/format.ts";
import { useTRPC } from "../../trpc/client.ts";

export function DismissDialog(props: {
  refusedFileIds: readonly string[];
  onClose: () => void;
  onDone: () => void;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const dismiss = useMutation(
    trpc.quarantine.dismiss.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: trpc.quarantine.pathKey() });
        props.onDone();
      },
    }),
  );
  const many = props.refusedFileIds.length;
  return (
    <ConfirmDialog
      title={many === 1 ? "Dismiss this file?" : `Dismiss ${count(many)} files?`}
      confirmLabel="Dismiss"
      keepLabel="Keep"
      isBusy={dismiss.isPending || reason.trim().length < 3}
      error={dismiss.error?.message}
      onClose={props.onClose}
      onConfirm={() => dismiss.mutate({ refusedFileIds: [...props.refusedFileIds], reason: reason.trim() })}
    >
      <p className="mb-3">
        Nobody will be asked to mend {many === 1 ? "it" : "them"}. Sent again,{" "}
        {many === 1 ? "it is" : "they are"} looked at again.
      </p>
      <FormField label="Reason" help="Goes into the audit log. No names of patients.">
        {(control) => (
          <Input
            {...control}
            value={reason}
            maxLength={1_000}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </FormField>
    </ConfirmDialog>
  );
}
