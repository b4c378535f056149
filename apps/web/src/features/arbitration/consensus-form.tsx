"use client";

import { allowedFindings, consensusWarning } from "@crossread/contracts/arbitration";
import { findingSchema, type Finding } from "@crossread/contracts/dataset-manifest";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormField, Input, Select } from "../../components/form-field.tsx";
import { Panel } from "../../components/page-header.tsx";
import { useTRPC, type Outputs } from "../../trpc/client.ts";
import { FrozenWarning } from "../labels/frozen-warning.tsx";
import { useIsPlatformAdmin } from "../shell/use-actor.ts";
import { FindingBadge } from "../studies/finding-badge.tsx";

type Recorded = Outputs["arbitration"]["record"];
type Breast = Recorded["breasts"][number];
type Proposal = Exclude<Breast["proposal"], { readonly basis: null }>;

/** What is in force of a breast, what readers settled, and the way from one to the other. */
export function ConsensusForm(props: { record: Recorded; breast: Breast }) {
  const { breast, record } = props;
  const { label, proposal } = breast;
  const isAdmin = useIsPlatformAdmin();
  const isDone =
    proposal.basis !== null && label.source === "reader-consensus" && label.finding === proposal.finding;
  return (
    <Panel className="flex flex-col gap-3">
      <h3 className="text-sm font-semibold">{breast.laterality === "R" ? "Right breast" : "Left breast"}</h3>
      <dl className="grid grid-cols-[7rem_1fr] items-center gap-x-3 gap-y-1.5 text-sm">
        <dt className="text-slate-600">In force</dt>
        <dd className="flex flex-wrap items-center gap-1.5">
          <FindingBadge finding={label.finding} />
          {label.source?.replace("-", " ") ?? "nothing entered"}
          {label.birads === null ? "" : `, BI-RADS ${label.birads}`}
        </dd>
        <dt className="text-slate-600">Consensus</dt>
        <dd className="flex flex-wrap items-center gap-1.5">
          {proposal.basis === null ? (
            <span className="text-slate-600">{proposal.why}</span>
          ) : (
            <>
              <FindingBadge finding={proposal.finding} />
              BI-RADS {proposal.birads},{" "}
              {proposal.basis === "arbitration"
                ? `arbitration of ${proposal.readingIds.length} readings`
                : `${proposal.readingIds.length} unanimous readings`}
            </>
          )}
        </dd>
      </dl>
      {proposal.basis === null || !isAdmin ? null : isDone ? (
        <p className="text-sm text-slate-600">A reader consensus in force says this.</p>
      ) : label.source === "pathology" ? (
        <p className="text-sm text-slate-600">
          Pathology is in force: a consensus of readers does not replace it.
        </p>
      ) : (
        <ApplyForm record={record} breast={breast} proposal={proposal} />
      )}
    </Panel>
  );
}

function ApplyForm(props: { record: Recorded; breast: Breast; proposal: Proposal }) {
  const { breast, proposal, record } = props;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [finding, setFinding] = useState<Finding>(proposal.finding);
  const [reason, setReason] = useState("");
  const [isAcknowledged, setIsAcknowledged] = useState(false);
  const apply = useMutation(
    trpc.arbitration.applyConsensus.mutationOptions({
      onSuccess: () =>
        Promise.all([
          queries.invalidateQueries(trpc.arbitration.pathFilter()),
          queries.invalidateQueries(trpc.studies.pathFilter()),
        ]),
    }),
  );
  const isReady = reason.trim() !== "" && (record.frozenCohorts.length === 0 || isAcknowledged);
  const findings = allowedFindings(proposal.finding);
  return (
    <form
      className="flex flex-col gap-3 border-t border-slate-200 pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        apply.mutate({
          readerStudyId: record.readerStudyId,
          caseId: record.caseId,
          laterality: breast.laterality,
          finding,
          reason,
          version: record.labelVersion,
          acknowledgesFrozen: isAcknowledged,
        });
      }}
    >
      <p className="rounded-lg border border-warning-ink/30 bg-warning-soft px-3 py-2 text-sm text-warning-ink">
        {consensusWarning}
      </p>
      <div className="grid gap-3 sm:grid-cols-[9rem_1fr]">
        <FormField label="Finding" help={`of BI-RADS ${proposal.birads}`}>
          {(control) => (
            <Select
              {...control}
              value={finding}
              disabled={findings.length === 1}
              onChange={(event) => setFinding(findingSchema.parse(event.target.value))}
            >
              {findings.map((each) => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
            </Select>
          )}
        </FormField>
        <FormField label="Reason" help="kept with the label and in the audit log">
          {(control) => (
            <Input
              {...control}
              value={reason}
              maxLength={1_000}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </FormField>
      </div>
      <FrozenWarning
        cohorts={record.frozenCohorts}
        isAcknowledged={isAcknowledged}
        onAcknowledge={setIsAcknowledged}
      />
      {apply.error === null ? null : <ErrorState message={apply.error.message} />}
      <Button type="submit" emphasis="primary" disabled={!isReady || apply.isPending} className="self-end">
        Put in force as reference standard
      </Button>
    </form>
  );
}
