"use client";

import { useQuery } from "@tanstack/react-query";
import { ShieldAlert, ShieldCheck } from "lucide-react";
import { Button } from "../../components/button.tsx";
import { count, shortHash } from "../../components/format.ts";
import { Pseudonym } from "../../components/pseudonym.tsx";
import { useTRPC } from "../../trpc/client.ts";

const problems = {
  "missing-row": "an event is missing",
  "broken-link": "an event does not follow from the one before it",
  "changed-content": "an event was changed after it was written",
} as const;

/** Recomputes the chain; shown to those who may see all of it. */
export function ChainState() {
  const query = useQuery(useTRPC().audit.verify.queryOptions(undefined, { staleTime: 60_000 }));
  if (query.data === undefined) return null;
  const { isIntact, checkedCount, headHash, firstBroken } = query.data;
  return (
    <div
      role="status"
      className={`mb-4 flex items-center justify-between gap-4 rounded-lg border px-4 py-2.5 text-sm ${
        isIntact
          ? "border-accent-200 bg-accent-50 text-accent-800"
          : "border-failure/40 bg-failure-soft text-failure-ink"
      }`}
    >
      <span className="inline-flex items-center gap-2">
        {isIntact ? <ShieldCheck size={16} aria-hidden /> : <ShieldAlert size={16} aria-hidden />}
        {isIntact ? (
          <span>
            Chain intact: {count(checkedCount)} events recomputed, newest hash{" "}
            <Pseudonym title={headHash}>{shortHash(headHash)}</Pseudonym>
          </span>
        ) : (
          <span>
            Chain broken at event {firstBroken?.sequence}:{" "}
            {firstBroken === undefined ? "" : problems[firstBroken.problem]}. {count(checkedCount)} events
            before it are intact.
          </span>
        )}
      </span>
      <Button emphasis="quiet" disabled={query.isFetching} onClick={() => void query.refetch()}>
        {query.isFetching ? "Verifying …" : "Verify again"}
      </Button>
    </div>
  );
}
