"use client";

import { Button } from "./button.tsx";

export function ErrorState(props: { message: string; onRetry?: (() => void) | undefined }) {
  return (
    <div
      role="alert"
      className="flex items-center justify-between gap-4 rounded-lg border border-failure/30 bg-failure-soft px-4 py-3"
    >
      <p className="text-sm text-failure-ink">{props.message}</p>
      {props.onRetry === undefined ? null : <Button onClick={props.onRetry}>Try again</Button>}
    </div>
  );
}
