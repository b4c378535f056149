"use client";

import type { ReferenceMark } from "@crossread/contracts/reference-mark";
import { useState } from "react";
import { dateTime } from "../../../components/format.ts";
import type { Outputs } from "../../../trpc/client.ts";
import { FrozenWarning } from "../frozen-warning.tsx";
import { SmallButton } from "./mark-fields.tsx";
import { marksVersions } from "./marks-state.ts";

type Study = Outputs["studies"]["load"];

/** Reason, conflict, former versions and the button that stores. */
export function SaveMarks(props: {
  study: Study;
  marks: readonly ReferenceMark[];
  isSame: boolean;
  isOutdated: boolean;
  hasProblems: boolean;
  isLeaving: boolean;
  save: { readonly isPending: boolean; readonly message: string | null };
  onSave: (reason: string, acknowledgesFrozen: boolean) => void;
  onKeepMine: () => void;
  onTakeStored: () => void;
  /** Marks of a former version, into the editor. */
  onShow: (marks: readonly ReferenceMark[]) => void;
  onLeave: () => void;
  onStay: () => void;
}) {
  const { study, isSame, isOutdated, save } = props;
  const [reason, setReason] = useState("");
  const [isAcknowledged, setAcknowledged] = useState(false);
  return (
    <form
      aria-label="Save the lesion marks"
      className="flex flex-col gap-2 border-t border-zinc-800 pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        props.onSave(reason, isAcknowledged);
      }}
    >
      <FormerVersions study={study} onShow={props.onShow} />
      {isOutdated ? (
        <div role="alert" className="rounded-md border border-orange-300/50 p-2 text-xs text-orange-200">
          <p>Somebody else changed the lesion marks meanwhile. Nothing of yours was stored.</p>
          <span className="mt-2 flex flex-wrap gap-1">
            <SmallButton onClick={props.onKeepMine}>Keep what I drew, in place of it</SmallButton>
            <SmallButton onClick={props.onTakeStored}>Take what is in force</SmallButton>
          </span>
        </div>
      ) : null}
      <label className="flex flex-col gap-0.5 text-[11px] text-zinc-400">
        Reason for the change; no name, no number of a patient
        <input
          value={reason}
          maxLength={1_000}
          onChange={(event) => setReason(event.target.value)}
          className="h-8 rounded-sm border border-zinc-600 bg-zinc-950 px-2 text-sm text-zinc-100"
        />
      </label>
      {isSame ? null : (
        <FrozenWarning
          cohorts={study.frozenCohorts}
          isAcknowledged={isAcknowledged}
          onAcknowledge={setAcknowledged}
        />
      )}
      <button
        type="submit"
        disabled={
          isSame ||
          props.hasProblems ||
          isOutdated ||
          save.isPending ||
          reason.trim().length < 3 ||
          (study.frozenCohorts.length > 0 && !isAcknowledged)
        }
        className="h-9 rounded-md bg-accent-500 text-sm font-semibold text-black hover:bg-accent-200 disabled:bg-zinc-700 disabled:text-zinc-400"
      >
        Save the lesion marks
      </button>
      <p role="status" className="min-h-4 text-xs text-zinc-400">
        {save.isPending ? "Saving…" : isSame ? "Nothing changed." : ""}
      </p>
      {save.message === null || isOutdated ? null : (
        <p role="alert" className="text-xs text-orange-300">
          {save.message}
        </p>
      )}
      {props.isLeaving && !isSame ? (
        <div role="alert" className="flex flex-wrap items-center gap-1 text-xs text-orange-200">
          What you drew is not saved.
          <SmallButton onClick={props.onLeave}>Discard it</SmallButton>
          <SmallButton onClick={props.onStay}>Stay</SmallButton>
        </div>
      ) : null}
    </form>
  );
}

/** Undo after saving: a former version comes into the editor and is stored as a new one. */
function FormerVersions(props: { study: Study; onShow: (marks: readonly ReferenceMark[]) => void }) {
  const rows = props.study.labelHistory.flatMap(({ statement, ...row }) =>
    statement.kind === "mark" ? [{ ...row, statement }] : [],
  );
  const former = marksVersions(rows).slice(1);
  if (rows.length === 0) return null;
  return (
    <details className="text-xs">
      <summary className="cursor-pointer text-zinc-300">Former versions</summary>
      <ul className="mt-1 flex flex-col gap-1">
        {former.map((version) => (
          <li key={version.at.getTime()} className="flex items-center gap-2">
            <span className="min-w-0 flex-1 text-zinc-400">
              {dateTime(version.at)}, {version.byName ?? "import of the data set"}: {version.marks.length}{" "}
              {version.marks.length === 1 ? "mark" : "marks"}
              {version.reason === null ? "" : `, “${version.reason}”`}
            </span>
            <SmallButton onClick={() => props.onShow(version.marks)}>Bring back</SmallButton>
          </li>
        ))}
        <li className="flex items-center gap-2">
          <span className="min-w-0 flex-1 text-zinc-400">Before the first mark</span>
          <SmallButton onClick={() => props.onShow([])}>Bring back</SmallButton>
        </li>
      </ul>
    </details>
  );
}
