"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import { useTRPC, type Outputs } from "../../trpc/client.ts";

export function StudyTags(props: { study: Outputs["studies"]["load"]; mayWrite: boolean }) {
  const { study, mayWrite } = props;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [tag, setTag] = useState("");
  const change = useMutation(
    trpc.studies.changeTags.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.studies.pathFilter()),
    }),
  );
  const studyIds = [study.studyId];
  return (
    <span className="flex flex-wrap items-center gap-1">
      {study.tags.map((each) => (
        <span
          key={each}
          className="inline-flex items-center gap-1 rounded-sm bg-accent-50 px-1.5 py-0.5 text-xs text-accent-800"
        >
          {each}
          {mayWrite ? (
            <button
              type="button"
              aria-label={`Remove the tag ${each}`}
              className="-mr-1 rounded-sm p-0.5 hover:bg-accent-200"
              onClick={() => change.mutate({ studyIds, add: [], remove: [each] })}
            >
              <X size={12} aria-hidden />
            </button>
          ) : null}
        </span>
      ))}
      {mayWrite ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (tag.trim() === "") return;
            change.mutate({ studyIds, add: [tag], remove: [] }, { onSuccess: () => setTag("") });
          }}
        >
          <input
            aria-label="Add a tag"
            placeholder="+ tag"
            maxLength={40}
            value={tag}
            onChange={(event) => setTag(event.target.value)}
            className="h-6 w-20 rounded-sm border border-transparent bg-transparent px-1 text-xs placeholder:text-slate-600 hover:border-slate-300 focus:border-slate-300 focus:bg-white"
          />
        </form>
      ) : null}
      {change.error === null ? null : (
        <span role="alert" className="text-xs text-failure-ink">
          {change.error.message}
        </span>
      )}
    </span>
  );
}
