"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { count } from "../../components/format.ts";
import { Section } from "../../components/page-header.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { useIsOverseer, useIsPlatformAdmin } from "../shell/use-actor.ts";
import { contaminationText } from "./contamination-text.ts";
import { LeakCard } from "./leak-card.tsx";
import { LeakDecisionDialog, type Leak, type LeakAction } from "./leak-decision-dialog.tsx";

const pageSize = 20;

/** Copies of one image under two patients: what was found in this cohort, and what was decided. */
export function GuardianSection(props: { cohortId: string; isFrozen: boolean }) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.cohorts.cleanliness.queryOptions(
      { cohortId: props.cohortId },
      // Images that have just come in are compared in the background.
      { refetchInterval: ({ state }) => ((state.data?.uncomparedCount ?? 0) > 0 ? 3_000 : false) },
    ),
  );
  const isOverseer = useIsOverseer();
  return (
    <Section
      title="Split guardian"
      lead="Every image is compared once with all others, of all sites: turned, mirrored, cropped, resized and brightened copies are found by their texture."
    >
      <QueryView query={query} rows={2}>
        {(found) => {
          const refusal = contaminationText(found);
          return (
            <div className="flex flex-col gap-3">
              {found.uncomparedCount > 0 ? (
                <p role="status" className="rounded-md bg-warning-soft px-3 py-2 text-sm text-warning-ink">
                  {count(found.uncomparedCount)} images are still being compared. Training and publishing wait
                  for them.
                </p>
              ) : null}
              {refusal === "" ? null : (
                <p role="status" className="rounded-md bg-failure-soft px-3 py-2 text-sm text-failure-ink">
                  {refusal} Training and publishing are refused until every pair is decided.
                </p>
              )}
              {found.pairCount === 0 ? (
                found.uncomparedCount > 0 || refusal !== "" ? null : (
                  <EmptyState title="No copies found">
                    No image of this cohort shows what another patient&apos;s image shows.
                  </EmptyState>
                )
              ) : isOverseer ? (
                <LeakList {...props} />
              ) : (
                <p className="text-sm text-slate-700">
                  {count(found.pairCount)} pairs are known; the platform&apos;s administrators decide about
                  them.
                </p>
              )}
            </div>
          );
        }}
      </QueryView>
    </Section>
  );
}

function LeakList(props: { cohortId: string; isFrozen: boolean }) {
  const query = useQuery(useTRPC().cohorts.leaks.queryOptions({ cohortId: props.cohortId }));
  const isAdmin = useIsPlatformAdmin();
  const [shownCount, setShownCount] = useState(pageSize);
  const [open, setOpen] = useState<{ leak: Leak; action: LeakAction }>();
  return (
    <QueryView query={query} rows={4}>
      {(leaks) => (
        <>
          <ul className="flex flex-col gap-3" aria-label="Pairs of copied images">
            {leaks.slice(0, shownCount).map((leak) => (
              <li key={leak.pairId}>
                <LeakCard
                  leak={leak}
                  canDecide={isAdmin}
                  canExclude={!props.isFrozen}
                  onAct={(action) => setOpen({ leak, action })}
                />
              </li>
            ))}
          </ul>
          {leaks.length > shownCount ? (
            <Button onClick={() => setShownCount(shownCount + pageSize)}>
              Show {count(Math.min(pageSize, leaks.length - shownCount))} more of {count(leaks.length)}
            </Button>
          ) : null}
          {open === undefined ? null : (
            <LeakDecisionDialog {...open} cohortId={props.cohortId} onClose={() => setOpen(undefined)} />
          )}
        </>
      )}
    </QueryView>
  );
}
