"use client";

import { useState, useSyncExternalStore } from "react";
import { getGraphics, subscribeToGraphics } from "./graphics.ts";

const texts = {
  "graphics-card": null,
  software: {
    short: "Software rendering",
    long: "WebGL runs in software: slower than on a graphics card, the same pixels.",
  },
  "no-webgl": {
    short: "No WebGL: slower",
    long: "This browser offers no WebGL. Zooming and windowing take longer; the pixel values are the same.",
  },
} as const;

const useGraphics = () => useSyncExternalStore(subscribeToGraphics, getGraphics, getGraphics);

/** How the images are drawn where that is not by a graphics card. */
export function GraphicsPath() {
  const text = texts[useGraphics().path];
  if (text === null) return null;
  return (
    <span
      role="status"
      title={text.long}
      aria-label={text.long}
      className="text-xs whitespace-nowrap text-zinc-400"
    >
      {text.short}
    </span>
  );
}

/** Over the images: what was lost was set up again. */
export function RecoveryNotice() {
  const { generation, path } = useGraphics();
  const [seenGeneration, setSeenGeneration] = useState(generation);
  if (generation === seenGeneration) return null;
  return (
    <div
      role="status"
      className="absolute bottom-3 left-1/2 z-10 flex -translate-x-1/2 items-center gap-3 rounded-md border border-orange-300/50 bg-zinc-900 px-3 py-1.5 text-xs whitespace-nowrap text-orange-100 shadow-lg shadow-black"
    >
      {path === "no-webgl"
        ? "The graphics context was lost again: drawing goes on without WebGL, slower, with the same pixels."
        : "The graphics context was lost; the images were set up again as they were."}
      <button
        type="button"
        onClick={() => setSeenGeneration(generation)}
        className="rounded-sm border border-orange-200/50 px-1.5 py-0.5 hover:bg-zinc-800"
      >
        Understood
      </button>
    </div>
  );
}
