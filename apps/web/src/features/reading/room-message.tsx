"use client";

import Link from "next/link";

const look = "rounded-md border border-zinc-600 px-3 py-1.5 text-sm text-zinc-100 hover:bg-zinc-800";

/** The whole room while there is no case in it, with the way back. */
export function RoomMessage(props: { title: string; isBusy?: boolean; onRetry?: (() => void) | undefined }) {
  const isBusy = props.isBusy === true;
  return (
    <main className="grid h-screen place-items-center px-6">
      <div role={isBusy ? "status" : "alert"} className="flex flex-col items-center gap-4 text-center">
        <p className="text-zinc-200">{props.title}</p>
        {isBusy ? null : (
          <div className="flex gap-2">
            {props.onRetry === undefined ? null : (
              <button type="button" onClick={props.onRetry} className={look}>
                Try again
              </button>
            )}
            <Link href="/reading" className={look}>
              Back to the work list
            </Link>
          </div>
        )}
      </div>
    </main>
  );
}
