"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../trpc/client.ts";
import { isDialogOpen, isShortcut, isTyping } from "../viewer/viewer-keys.ts";
import { sessionNotice } from "./session-notice.ts";

const askAgainMs = 30_000;
const sameSessionMs = 60_000;

/** Says at the edge of the room when a break is due and, before it is reached, when the session ends. */
export function SessionReminder(props: { readerStudyId: string }) {
  const trpc = useTRPC();
  const session = useQuery(
    trpc.reading.session.queryOptions(
      { readerStudyId: props.readerStudyId },
      { refetchInterval: askAgainMs, retry: false },
    ),
  );
  const [dismissed, setDismissed] = useState<{ key: string; startedAtMs: number } | null>(null);
  const notice = session.data === undefined ? undefined : sessionNotice(session.data);
  if (session.data === undefined || notice === undefined) return null;
  const startedAtMs = session.dataUpdatedAt - session.data.elapsedMs;
  // After a break the reminders of the new session come anew.
  const isDismissed =
    dismissed?.key === notice.key && Math.abs(dismissed.startedAtMs - startedAtMs) < sameSessionMs;
  if (isDismissed) return null;
  const dismiss = () => setDismissed({ key: notice.key, startedAtMs });
  return (
    <section
      role="status"
      aria-label="Reading session"
      ref={(element) => {
        if (element === null) return undefined;
        const handle = (event: KeyboardEvent) => {
          if (event.key !== "Q" || isShortcut(event) || isTyping(event.target) || isDialogOpen()) return;
          // Before the keys of the case, for which Q means something else.
          event.stopPropagation();
          event.preventDefault();
          dismiss();
        };
        window.addEventListener("keydown", handle, true);
        return () => window.removeEventListener("keydown", handle, true);
      }}
      className="fixed bottom-4 left-4 z-20 flex max-w-md items-center gap-4 rounded-md border border-zinc-700 bg-zinc-900/95 px-4 py-2.5 text-sm text-zinc-200 shadow-lg"
    >
      <p>{notice.text}</p>
      <button
        type="button"
        onClick={dismiss}
        aria-keyshortcuts="Shift+Q"
        className="rounded-md border border-zinc-600 px-2.5 py-1 text-xs whitespace-nowrap text-zinc-100 hover:bg-zinc-800"
      >
        Understood <span className="text-zinc-400">Shift Q</span>
      </button>
    </section>
  );
}
