"use client";

import { useEffect } from "react";
import { useComponent } from "../viewer/use-component.ts";

/** Cornerstone needs a browser: nothing of the room is rendered on the server. */
export function ArbitrationRoom(props: { arbitrationId: string }) {
  const [Room, loadRoom] = useComponent(() => import("./arbitration-room.tsx"));
  useEffect(loadRoom, [loadRoom]);
  if (Room === undefined) {
    return (
      <p role="status" className="grid h-screen place-items-center text-sm text-zinc-400">
        Opening the arbitration…
      </p>
    );
  }
  return <Room {...props} />;
}
