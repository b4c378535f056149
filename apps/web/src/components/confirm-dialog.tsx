"use client";

import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { ErrorState } from "./error-state.tsx";

/** Says what will be lost or fixed, and does it only after a second click. */
export function ConfirmDialog(props: {
  title: string;
  confirmLabel: string;
  keepLabel: string;
  isBusy: boolean;
  error: string | undefined;
  isDanger?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <div className="flex flex-col gap-4">
        <div className="text-sm text-slate-700">{props.children}</div>
        {props.error === undefined ? null : <ErrorState message={props.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={props.onClose}>{props.keepLabel}</Button>
          <Button
            emphasis={props.isDanger === true ? "danger" : "primary"}
            disabled={props.isBusy}
            onClick={props.onConfirm}
          >
            {props.confirmLabel}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
