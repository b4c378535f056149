"use client";

import dynamic from "next/dynamic";

/** Cornerstone needs a browser: nothing of the room is rendered on the server. */
export const ArbitrationRoom = dynamic(() => import("./arbitration-room.tsx"), {
  ssr: false,
  loading: () => (
    <p role="status" className="grid h-screen place-items-center text-sm text-zinc-400">
      Opening the arbitration…
    </p>
  ),
});
