"use client";

import { X } from "lucide-react";
import { useCallback, type ReactNode } from "react";

/** Modal on the browser's own dialog element: focus trap and Escape come with it. Mount it to open it. */
export function Dialog(props: { title: string; onClose: () => void; children: ReactNode; isWide?: boolean }) {
  const open = useCallback((element: HTMLDialogElement | null) => {
    if (element !== null && !element.open) element.showModal();
  }, []);
  return (
    <dialog
      ref={open}
      onClose={props.onClose}
      aria-label={props.title}
      className={`m-auto w-full rounded-lg border border-slate-200 bg-white p-0 text-left font-normal whitespace-normal shadow-xl backdrop:bg-slate-900/40 ${props.isWide === true ? "max-w-3xl" : "max-w-lg"}`}
    >
      <header className="flex items-center justify-between border-b border-slate-200 px-4 py-3">
        <h2 className="text-base font-semibold">{props.title}</h2>
        <button
          type="button"
          aria-label="Close"
          onClick={props.onClose}
          className="rounded-md p-1 text-slate-500 hover:bg-slate-100"
        >
          <X size={16} aria-hidden />
        </button>
      </header>
      <div className="px-4 py-4">{props.children}</div>
    </dialog>
  );
}
