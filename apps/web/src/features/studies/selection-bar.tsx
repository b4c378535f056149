"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Input, Select } from "../../components/form-field.tsx";
import { count } from "../../components/format.ts";
import { useTRPC } from "../../trpc/client.ts";
import type { StudyRow } from "./study-rows.tsx";

/** What can be done with the chosen studies, also with those chosen on other pages. */
export function SelectionBar(props: {
  rows: readonly StudyRow[];
  selected: ReadonlySet<string>;
  onSelect: (studyIds: readonly string[], isSelected: boolean) => void;
  onClear: () => void;
}) {
  const { rows, selected, onSelect, onClear } = props;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [tag, setTag] = useState("");
  const change = useMutation(
    trpc.studies.changeTags.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.studies.pathFilter()),
    }),
  );
  const shown = rows.filter(({ studyId }) => selected.has(studyId));
  const shownTags = [...new Set(shown.flatMap(({ tags }) => tags))].toSorted();
  const elsewhere = selected.size - shown.length;
  const studyIds = [...selected];
  return (
    <div
      role="region"
      aria-label="Chosen studies"
      className="sticky top-2 z-20 mb-3 flex flex-wrap items-center gap-2 rounded-lg border border-accent-200 bg-accent-50 px-3 py-2 text-sm shadow-sm"
    >
      <span className="mr-2 font-medium text-accent-800">
        {count(selected.size)} chosen{elsewhere === 0 ? "" : `, ${count(elsewhere)} on other pages`}
      </span>
      <Button
        emphasis="quiet"
        onClick={() =>
          onSelect(
            rows.map(({ studyId }) => studyId),
            true,
          )
        }
      >
        All on this page
      </Button>
      <form
        className="flex gap-1"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ studyIds, add: [tag], remove: [] }, { onSuccess: () => setTag("") });
        }}
      >
        <Input
          aria-label="Tag to add"
          placeholder="Tag to add"
          className="w-36!"
          maxLength={40}
          value={tag}
          onChange={(event) => setTag(event.target.value)}
        />
        <Button type="submit" disabled={tag.trim() === "" || change.isPending}>
          Add
        </Button>
      </form>
      {shownTags.length === 0 ? null : (
        <Select
          aria-label="Remove a tag"
          className="w-36!"
          value=""
          disabled={change.isPending}
          onChange={(event) => change.mutate({ studyIds, add: [], remove: [event.target.value] })}
        >
          <option value="">Remove a tag</option>
          {shownTags.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </Select>
      )}
      <Button emphasis="quiet" className="ml-auto" onClick={onClear}>
        Clear
      </Button>
      {change.error === null ? null : (
        <p role="alert" className="w-full text-sm text-failure-ink">
          {change.error.message}
        </p>
      )}
    </div>
  );
}
