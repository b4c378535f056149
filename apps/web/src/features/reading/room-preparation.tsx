"use client";

import { useEffect } from "react";
import { whenIdle } from "../viewer/when-idle.ts";

async function getRoomReady(): Promise<void> {
  const [{ prepareViewer }] = await Promise.all([
    import("../viewer/cornerstone.ts"),
    import("./reading-room.tsx"),
  ]);
  await prepareViewer();
}

/** Beside the work list: whoever looks at it reads a case next. */
export function RoomPreparation() {
  useEffect(() => whenIdle(() => void getRoomReady()), []);
  return null;
}
