"use client";

import { Button } from "./button.tsx";

const looks = {
  light: { box: "border-failure/30 bg-failure-soft", text: "text-failure-ink", button: "" },
  /** Of the reading room, where nothing is brighter than the images. */
  dark: {
    box: "border-orange-300/30 bg-zinc-900",
    text: "text-orange-300",
    button: "border-zinc-600! bg-transparent! text-zinc-100! hover:bg-zinc-800!",
  },
} as const;

export function ErrorState(props: {
  message: string;
  onRetry?: (() => void) | undefined;
  look?: keyof typeof looks;
}) {
  const look = looks[props.look ?? "light"];
  return (
    <div
      role="alert"
      className={`flex items-center justify-between gap-4 rounded-lg border px-4 py-3 ${look.box}`}
    >
      <p className={`text-sm ${look.text}`}>{props.message}</p>
      {props.onRetry === undefined ? null : (
        <Button className={look.button} onClick={props.onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}
