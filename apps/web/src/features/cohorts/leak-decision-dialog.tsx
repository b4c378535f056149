"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormField, Input, Select } from "../../components/form-field.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";

export type Leak = Outputs["cohorts"]["leaks"][number];
export type LeakAction = "exclude" | "link" | "no-leak" | "undo";

const texts: Record<LeakAction, { title: string; confirm: string; lead: string; example: string }> = {
  exclude: {
    title: "Exclude a case from this cohort",
    confirm: "Exclude the case",
    lead: "The case leaves this cohort only; the study stays. A patient without cases leaves it too. To take her back, draw the cohort anew.",
    example: "e.g. augmented copy from the public set",
  },
  link: {
    title: "Same woman",
    confirm: "Link the patients",
    lead: "From now on new cohorts keep both pseudonyms in one split. Frozen cohorts keep their members and digest; one that has her in two splits stays refused. It can be undone.",
    example: "e.g. repeated examination, both sides agree",
  },
  "no-leak": {
    title: "No leak",
    confirm: "Record that it is none",
    lead: "The pair stays on record and no longer stands in the way of any cohort. It can be undone.",
    example: "e.g. looked at: two different films",
  },
  undo: {
    title: "Undo the decision",
    confirm: "Undo",
    lead: "The pair counts as undecided again. The decision stays in the audit log.",
    example: "e.g. decided on the wrong pair",
  },
};

/** One decision about one pair, with its reason. */
export function LeakDecisionDialog(props: {
  leak: Leak;
  action: LeakAction;
  cohortId: string;
  onClose: () => void;
}) {
  const { action, cohortId, leak } = props;
  const text = texts[action];
  const [reason, setReason] = useState("");
  const [caseId, setCaseId] = useState(leak.second.caseId);
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const options = {
    onSuccess: async () => {
      props.onClose();
      await queryClient.invalidateQueries(trpc.cohorts.pathFilter());
    },
  };
  const exclude = useMutation(trpc.cohorts.excludeCase.mutationOptions(options));
  const link = useMutation(trpc.cohorts.linkPatients.mutationOptions(options));
  const noLeak = useMutation(trpc.cohorts.recordNoLeak.mutationOptions(options));
  const undo = useMutation(trpc.cohorts.undoLeakDecision.mutationOptions(options));
  const all = [exclude, link, noLeak, undo];
  const error = all.find((one) => one.error !== null)?.error;

  function submit(event: SyntheticEvent<HTMLFormElement>) {
    event.preventDefault();
    const { decision, pairId } = leak;
    switch (action) {
      case "exclude":
        return exclude.mutate({ pairId, cohortId, caseId, reason });
      case "link":
        return link.mutate({ pairId, reason });
      case "no-leak":
        return noLeak.mutate({ pairId, reason });
      case "undo":
        if (decision !== null) undo.mutate({ decisionId: decision.id, verdict: decision.verdict, reason });
    }
  }

  return (
    <Dialog title={text.title} onClose={props.onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <p className="text-sm text-slate-700">{text.lead}</p>
        {action === "exclude" ? (
          <FormField label="Case">
            {(control) => (
              <Select {...control} value={caseId} onChange={(event) => setCaseId(event.target.value)}>
                {[leak.first, leak.second].map((side) => (
                  <option key={side.caseId} value={side.caseId}>
                    {side.caseLabel} ({side.split})
                  </option>
                ))}
              </Select>
            )}
          </FormField>
        ) : null}
        <FormField label="Reason" help="Kept in the audit log.">
          {(control) => (
            <Input
              {...control}
              required
              autoFocus
              minLength={3}
              maxLength={500}
              placeholder={text.example}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </FormField>
        {error === undefined || error === null ? null : <ErrorState message={error.message} />}
        <div className="flex justify-end gap-2">
          <Button onClick={props.onClose}>Cancel</Button>
          <Button type="submit" emphasis="primary" disabled={all.some((one) => one.isPending)}>
            {text.confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
