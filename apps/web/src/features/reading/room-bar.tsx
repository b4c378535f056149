"use client";

import { ArrowLeft, CircleHelp } from "lucide-react";
import Link from "next/link";
import type { SaveState } from "./draft-saver.ts";

const saveTexts: Readonly<Record<SaveState["kind"], string>> = {
  saved: "Draft saved",
  saving: "Saving…",
  waiting: "Not saved yet, kept in this browser",
  conflict: "Changed elsewhere",
};

/** Where a person is: which study, which case, which of its steps, and whether the draft is safe. */
export function RoomBar(props: {
  title: string;
  /** 0-based. */
  position: number;
  caseCount: number;
  steps: readonly string[];
  currentStep: string;
  save: SaveState;
  onHelp: () => void;
}) {
  const { save } = props;
  const isTroubled = save.kind === "waiting" || save.kind === "conflict";
  return (
    <header className="col-span-2 flex h-11 items-center gap-4 border-b border-zinc-800 bg-zinc-900 px-3">
      <Link
        href="/reading"
        className="flex items-center gap-1.5 rounded-md px-2 py-1 text-sm text-zinc-300 hover:bg-zinc-800"
      >
        <ArrowLeft size={16} aria-hidden />
        Work list
      </Link>
      <h1 className="min-w-0 truncate text-sm font-semibold text-zinc-100">{props.title}</h1>
      <p className="text-sm whitespace-nowrap text-zinc-300">
        Case {props.position + 1} of {props.caseCount}
      </p>
      <ol className="flex items-center gap-1 text-xs whitespace-nowrap" aria-label="Steps">
        {props.steps.map((step, index) => (
          <li
            key={step}
            aria-current={props.currentStep === step ? "step" : undefined}
            className={`rounded-sm px-2 py-0.5 ${props.currentStep === step ? "bg-accent-500 font-semibold text-black" : "text-zinc-400"}`}
          >
            {props.steps.length > 1 ? `${index + 1} ` : ""}
            {step}
          </li>
        ))}
      </ol>
      <span className="rounded-sm border border-orange-300/40 px-1.5 py-0.5 text-xs whitespace-nowrap text-orange-200">
        Research use only
      </span>
      <p
        role="status"
        className={`ml-auto text-xs whitespace-nowrap ${isTroubled ? "text-orange-300" : "text-zinc-400"}`}
        title={save.kind === "waiting" ? save.message : undefined}
      >
        {saveTexts[save.kind]}
      </p>
      <button
        type="button"
        onClick={props.onHelp}
        aria-keyshortcuts="?"
        className="flex items-center gap-1.5 rounded-md px-2 py-1 text-sm text-zinc-300 hover:bg-zinc-800"
      >
        <CircleHelp size={16} aria-hidden />
        Keys (?)
      </button>
    </header>
  );
}
