"use client";

import { draftDifferences } from "./draft-differences.ts";
import type { DraftContent } from "./draft-saver.ts";

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
