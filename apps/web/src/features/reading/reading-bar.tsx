"use client";

import type { Condition } from "@crossread/contracts/reading";
import { ArrowLeft, CircleHelp } from "lucide-react";
import Link from "next/link";
import { draftDifferences } from "./draft-differences.ts";
import type { DraftContent, SaveState } from "./draft-saver.ts";
import type { OpenedCase } from "./reading-room.tsx";

const saveTexts: Readonly<Record<SaveState["kind"], string>> = {
  saved: "Draft saved",
  saving: "Saving…",
  waiting: "Not saved yet, kept in this browser",
  conflict: "Changed elsewhere",
};

export function ReadingBar(props: {
  readCase: OpenedCase;
  condition: Condition;
  save: SaveState;
  onHelp: () => void;
}) {
  const { readCase, condition, save } = props;
  const place = readCase.position + 1;
  return (
    <header className="col-span-2 flex h-11 items-center gap-4 border-b border-zinc-800 bg-zinc-900 px-3">
      <Link
        href="/reading"
        className="flex items-center gap-1.5 rounded-md px-2 py-1 text-sm text-zinc-300 hover:bg-zinc-800"
      >
        <ArrowLeft size={16} aria-hidden />
        Work list
      </Link>
      <h1 className="min-w-0 truncate text-sm font-semibold text-zinc-100">{readCase.readerStudyName}</h1>
      <p className="text-sm whitespace-nowrap text-zinc-300">
        Case {place} of {readCase.caseCount}
      </p>
      <ol className="flex items-center gap-1 text-xs" aria-label="Steps">
        {readCase.conditions.map((step, index) => (
          <li
            key={step}
            aria-current={condition === step ? "step" : undefined}
            className={`rounded-sm px-2 py-0.5 ${condition === step ? "bg-accent-500 font-semibold text-black" : "text-zinc-400"}`}
          >
            {readCase.conditions.length > 1 ? `${index + 1} ` : ""}
            {step === "unaided" ? "Unaided" : "With aid"}
          </li>
        ))}
      </ol>
      <span className="rounded-sm border border-orange-300/40 px-1.5 py-0.5 text-xs whitespace-nowrap text-orange-200">
        Research use only
      </span>
      <p
        role="status"
        className={`ml-auto text-xs whitespace-nowrap ${save.kind === "waiting" || save.kind === "conflict" ? "text-orange-300" : "text-zinc-400"}`}
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

export function ConflictNotice(props: {
  here: DraftContent;
  there: DraftContent;
  onChoose: (choice: "mine" | "stored") => void;
}) {
  const differences = draftDifferences(props.here, props.there);
  return (
    <section role="alert" className="rounded-md border border-orange-300/50 bg-orange-300/10 p-3">
      <p className="text-xs text-orange-100">
        This reading was changed in another window or on another computer. Which version holds?
      </p>
      <table className="mt-2 w-full table-fixed text-xs text-orange-100 tabular-nums">
        <thead>
          <tr className="text-left text-orange-200/80">
            <th className="font-normal">Differs in</th>
            <th className="font-normal">Here</th>
            <th className="font-normal">There</th>
          </tr>
        </thead>
        <tbody>
          {differences.map(({ what, here, there }) => (
            <tr key={what} className="border-t border-orange-300/20 align-top">
              <th scope="row" className="py-0.5 text-left font-normal">
                {what}
              </th>
              <td className="break-words">{here}</td>
              <td className="break-words">{there}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="mt-2 flex gap-2">
        <button
          type="button"
          onClick={() => props.onChoose("mine")}
          className="h-7 flex-1 rounded-md border border-zinc-500 text-xs text-zinc-100 hover:bg-zinc-800"
        >
          The one shown here
        </button>
        <button
          type="button"
          onClick={() => props.onChoose("stored")}
          className="h-7 flex-1 rounded-md border border-zinc-500 text-xs text-zinc-100 hover:bg-zinc-800"
        >
          The other one
        </button>
      </div>
    </section>
  );
}

/** The version that a conflict put aside stays at hand. */
export function AsideNotice(props: { onExchange: () => void; onDrop: () => void }) {
  return (
    <section
      aria-label="Version set aside"
      className="flex flex-wrap items-center justify-end gap-2 rounded-md border border-zinc-600 px-3 py-2 text-xs text-zinc-300"
    >
      <p className="basis-full">The version that you did not choose is kept aside.</p>
      <button
        type="button"
        onClick={props.onExchange}
        className="h-7 rounded-md border border-zinc-500 px-2 text-zinc-100 hover:bg-zinc-800"
      >
        Take it instead
      </button>
      <button
        type="button"
        onClick={props.onDrop}
        className="h-7 rounded-md border border-zinc-500 px-2 text-zinc-100 hover:bg-zinc-800"
      >
        Discard
      </button>
    </section>
  );
}
