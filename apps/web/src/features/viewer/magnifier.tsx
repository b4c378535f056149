"use client";

import { useSyncExternalStore } from "react";
import { applyAffine, invertAffine } from "./affine.ts";
import type { Cursor } from "./cursor.ts";
import { magnify } from "./magnify.ts";
import type { MarkKeyHandler } from "./mark-layer.tsx";
import type { ViewportFrame } from "./image-pane.ts";

const lensPx = 220;
const stepScreenPx = 10;
const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A lens over the image's own pixels: at least twice one to one, at the hand or moved by the arrow keys. */
export function Magnifier(props: {
  viewportId: string;
  frame: ViewportFrame;
  cursor: Cursor;
  isActive: boolean;
  register: (viewportId: string, handler: MarkKeyHandler | null) => void;
}) {
  const { viewportId, frame, cursor, isActive, register } = props;
  const { transform, sizePx, display, window: range, isInverted } = frame;
  const known = useSyncExternalStore(cursor.subscribe, cursor.get, cursor.get);
  const inverse = invertAffine(transform);
  // One lens at a time: where the hand is, or in the middle of the viewport that keys work on.
  const isHere = known === undefined ? isActive : known.viewportId === viewportId;
  if (inverse === undefined || !isHere) return null;
  const at = known?.at ?? applyAffine(inverse, { xPx: sizePx.width / 2, yPx: sizePx.height / 2 });
  const onScreen = applyAffine(transform, at);
  const scale = Math.hypot(transform.a, transform.b);
  const factor = Math.max(2 / globalThis.devicePixelRatio, scale * 2);

  const handleKey: MarkKeyHandler = (event) => {
    const arrow = arrows[event.key];
    if (arrow === undefined) return false;
    const length = event.shiftKey ? 1 : stepScreenPx;
    const to = { xPx: onScreen.xPx + arrow[0] * length, yPx: onScreen.yPx + arrow[1] * length };
    const kept = {
      xPx: Math.min(sizePx.width, Math.max(0, to.xPx)),
      yPx: Math.min(sizePx.height, Math.max(0, to.yPx)),
    };
    cursor.set({ viewportId, at: applyAffine(inverse, kept), isByKeys: true });
    return true;
  };

  const draw = (canvas: HTMLCanvasElement | null) => {
    if (canvas === null) return;
    const rgba = magnify({
      display,
      at,
      sizePx: lensPx,
      factor,
      window: range,
      isInverted,
      isMirrored: transform.a < 0,
    });
    canvas.getContext("2d")?.putImageData(new ImageData(rgba, lensPx, lensPx), 0, 0);
    const id = `magnifier-${viewportId}`;
    register(id, handleKey);
    return () => register(id, null);
  };
  return (
    <div
      className="pointer-events-none absolute overflow-hidden rounded-full border-2 border-zinc-400 shadow-lg shadow-black"
      style={{
        width: lensPx,
        height: lensPx,
        left: onScreen.xPx - lensPx / 2,
        top: onScreen.yPx - lensPx / 2,
      }}
      data-testid="magnifier"
      data-at={`${Math.round(at.xPx)} ${Math.round(at.yPx)}`}
    >
      <canvas ref={draw} width={lensPx} height={lensPx} aria-hidden />
      <span className="absolute inset-x-0 bottom-1.5 text-center text-[11px] text-zinc-100 [text-shadow:0_0_3px_black]">
        {factor.toFixed(1)} × image pixels
      </span>
    </div>
  );
}
