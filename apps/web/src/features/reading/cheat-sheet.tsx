"use client";

import { X } from "lucide-react";
import { useCallback } from "react";
import type { KeyHelp } from "../viewer/viewer-keys.ts";

export interface KeyGroup {
  readonly title: string;
  readonly keys: readonly KeyHelp[];
}

export function CheatSheet(props: { groups: readonly KeyGroup[]; onClose: () => void }) {
  const open = useCallback((element: HTMLDialogElement | null) => {
    if (element !== null && !element.open) element.showModal();
  }, []);
  return (
    <dialog
      ref={open}
      onClose={props.onClose}
      aria-label="Keys"
      className="m-auto w-full max-w-3xl rounded-lg border border-zinc-700 bg-zinc-900 p-0 text-zinc-200 backdrop:bg-black/60"
    >
      <header className="flex items-center justify-between border-b border-zinc-700 px-4 py-3">
        <h2 className="text-sm font-semibold">Keys</h2>
        <button
          type="button"
          aria-label="Close"
          onClick={props.onClose}
          className="rounded-md p-1 hover:bg-zinc-800"
        >
          <X size={16} aria-hidden />
        </button>
      </header>
      <div className="grid gap-x-8 gap-y-5 px-4 py-4 sm:grid-cols-2">
        {props.groups.map((group) => (
          <section key={group.title} aria-label={group.title}>
            <h3 className="mb-1.5 text-xs font-semibold text-zinc-400">{group.title}</h3>
            <dl className="grid grid-cols-[7.5rem_1fr] gap-x-3 gap-y-1 text-xs">
              {group.keys.map((help) => (
                <div key={help.keys} className="contents">
                  <dt>
                    <kbd className="font-mono text-accent-200">{help.keys}</kbd>
                  </dt>
                  <dd className="text-zinc-300">{help.does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </dialog>
  );
}
