"use client";

import { useEffect } from "react";
import { useComponent } from "../viewer/use-component.ts";

/** Cornerstone needs a browser: nothing of the room is rendered on the server. */
export function ReadingRoom(props: { assignmentId: string }) {
  const [Room, loadRoom] = useComponent(() => import("./reading-room.tsx"));
  useEffect(loadRoom, [loadRoom]);
  if (Room === undefined) {
    return (
      <p role="status" className="grid h-screen place-items-center text-sm text-zinc-400">
        Opening the reading room…
      </p>
    );
  }
  return <Room {...props} />;
}
