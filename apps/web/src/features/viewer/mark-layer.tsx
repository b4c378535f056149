"use client";

import type { MarkGeometry } from "@crossread/contracts/mark";
import { useState, useSyncExternalStore, type PointerEvent } from "react";
import { applyAffine, invertAffine, scaleOf, type Affine, type Point } from "./affine.ts";
import type { Cursor } from "./cursor.ts";
import { anchorOf, moveGeometry, type MarkTool } from "./mark-geometry.ts";
import { close, follow, noGesture, place, previewOf, stepBack, type Drawing } from "./mark-gesture.ts";
import { handlesOf, moveHandle, scaleGeometry } from "./mark-handles.ts";
import { MarkLabel, MarkShape } from "./mark-shape.tsx";

export interface ShownMark {
  readonly markId: string;
  readonly geometry: MarkGeometry;
  readonly label: string;
  /** Reference marks are drawn dashed and cannot be touched. */
  readonly isReference: boolean;
}

export interface MarkEditing {
  readonly tool: MarkTool | null;
  readonly selectedId: string | null;
  readonly onAdd: (geometry: MarkGeometry) => void;
  /** Changes that carry the same gesture belong together. */
  readonly onMove: (markId: string, geometry: MarkGeometry, gesture: string | null) => void;
  readonly onSelect: (markId: string | null) => void;
}

/** A key that this layer may take: true where it was meant for drawing or for the selected mark. */
export type MarkKeyHandler = (event: KeyboardEvent) => boolean;

/** Keys of one viewport's layer; without them it is drawn and moved by hand only. */
export interface MarkKeys {
  readonly viewportId: string;
  readonly sizePx: { readonly width: number; readonly height: number };
  readonly isActive: boolean;
  readonly cursor: Cursor;
  readonly register: (viewportId: string, handler: MarkKeyHandler | null) => void;
}

/** Taking hold of a mark as a whole (handle null) or of one of its handles. */
interface Grip {
  readonly markId: string;
  readonly handle: number | null;
  readonly from: Point;
  readonly to: Point;
}

const stepScreenPx = 10;

/** A freehand outline has too many corners to take hold of each: it is moved, scaled or drawn anew. */
const mostGrips = 40;

function gripsOf(geometry: MarkGeometry): readonly Point[] {
  const handles = handlesOf(geometry);
  return handles.length <= mostGrips ? handles : [];
}

const arrows: Readonly<Record<string, Point>> = {
  ArrowLeft: { xPx: -1, yPx: 0 },
  ArrowRight: { xPx: 1, yPx: 0 },
  ArrowUp: { xPx: 0, yPx: -1 },
  ArrowDown: { xPx: 0, yPx: 1 },
};

/** Marks in the image's own pixels, drawn and edited over the viewport by hand or by keys. */
export function MarkLayer(props: {
  transform: Affine;
  marks: readonly ShownMark[];
  editing: MarkEditing | null;
  keys?: MarkKeys;
}) {
  const { transform, marks, editing, keys } = props;
  const [gesture, setGesture] = useState(noGesture);
  const [grip, setGrip] = useState<Grip | null>(null);
  const [chosenHandle, setChosenHandle] = useState<{ markId: string; handle: number } | null>(null);
  const inverse = invertAffine(transform);
  const tool = editing?.tool ?? null;
  const screenPx = 1 / scaleOf(transform);
  const selected = marks.find((mark) => mark.markId === editing?.selectedId && !mark.isReference);
  const handle =
    chosenHandle !== null && chosenHandle.markId === selected?.markId ? chosenHandle.handle : null;

  const toImage = (event: PointerEvent<Element>): Point | undefined => {
    const box = event.currentTarget.closest("svg")?.getBoundingClientRect();
    if (box === undefined || inverse === undefined) return undefined;
    return applyAffine(inverse, { xPx: event.clientX - box.left, yPx: event.clientY - box.top });
  };
  function draw(drawing: Drawing) {
    setGesture(drawing.gesture);
    if (drawing.drawn !== undefined) editing?.onAdd(drawing.drawn);
  }

  function handlePress(event: PointerEvent<SVGSVGElement>) {
    const at = toImage(event);
    if (event.button !== 0 || at === undefined || tool === null) return;
    if (tool === "ellipse" || tool === "freehand") event.currentTarget.setPointerCapture(event.pointerId);
    draw(place(gesture, { tool, at, isCircle: event.shiftKey, screenPx }));
  }

  function handleMove(event: PointerEvent<SVGSVGElement>) {
    const at = toImage(event);
    if (at === undefined) return;
    if (grip !== null) setGrip({ ...grip, to: at });
    else if (gesture.kind !== "none") setGesture(follow(gesture, { at, isCircle: event.shiftKey }));
  }

  function handleRelease(event: PointerEvent<SVGSVGElement>) {
    const at = toImage(event);
    if (tool !== null && at !== undefined && (gesture.kind === "box" || gesture.kind === "freehand")) {
      const drawing = place(gesture, { tool, at, isCircle: event.shiftKey, screenPx });
      // A click without a movement leaves its first corner: the second click sets the other one.
      const isClick = gesture.kind === "box" && drawing.drawn === undefined;
      if (!isClick) draw(drawing);
    }
    if (grip !== null) {
      const mark = marks.find((candidate) => candidate.markId === grip.markId);
      const isMoved = Math.hypot(grip.to.xPx - grip.from.xPx, grip.to.yPx - grip.from.yPx) > 0.5;
      if (mark !== undefined && isMoved) editing?.onMove(mark.markId, gripped(mark.geometry, grip), null);
      setGrip(null);
    }
  }

  function startGrip(event: PointerEvent<Element>, mark: ShownMark, gripHandle: number | null) {
    const at = toImage(event);
    if (event.button !== 0 || editing === null || mark.isReference || tool !== null || at === undefined)
      return;
    event.stopPropagation();
    event.currentTarget.closest("svg")?.setPointerCapture(event.pointerId);
    editing.onSelect(mark.markId);
    setGrip({ markId: mark.markId, handle: gripHandle, from: at, to: at });
  }

  /** One arrow press as a distance in the image, whichever way the image is turned on the screen. */
  function stepOf(event: KeyboardEvent): Point | undefined {
    const arrow = arrows[event.key];
    if (arrow === undefined || inverse === undefined) return undefined;
    const length = event.shiftKey ? 1 : stepScreenPx;
    const zero = applyAffine(inverse, { xPx: 0, yPx: 0 });
    const to = applyAffine(inverse, { xPx: arrow.xPx * length, yPx: arrow.yPx * length });
    return { xPx: to.xPx - zero.xPx, yPx: to.yPx - zero.yPx };
  }

  function drawByKey(event: KeyboardEvent, activeTool: MarkTool): boolean {
    if (inverse === undefined || keys === undefined) return false;
    const { viewportId, sizePx, cursor } = keys;
    const middle = { xPx: sizePx.width / 2, yPx: sizePx.height / 2 };
    const known = cursor.get();
    const start = known?.viewportId === viewportId ? known.at : applyAffine(inverse, middle);
    const step = stepOf(event);
    if (step !== undefined) {
      const at = { xPx: start.xPx + step.xPx, yPx: start.yPx + step.yPx };
      cursor.set({ viewportId, at, isByKeys: true });
      setGesture(follow(gesture, { at, isCircle: false }));
      return true;
    }
    if (event.key === "Enter" && event.shiftKey) {
      draw(close(gesture));
      return true;
    }
    if (event.key === "Enter") {
      cursor.set({ viewportId, at: start, isByKeys: true });
      draw(place(gesture, { tool: activeTool, at: start, isCircle: false, screenPx }));
      return true;
    }
    if (gesture.kind === "none") return false;
    if (event.key === "Backspace") setGesture(stepBack(gesture));
    if (event.key === "Escape") setGesture(noGesture);
    return event.key === "Backspace" || event.key === "Escape";
  }

  function editByKey(event: KeyboardEvent, mark: ShownMark): boolean {
    const handles = gripsOf(mark.geometry);
    const change = (geometry: MarkGeometry, kind: string) =>
      editing?.onMove(mark.markId, geometry, `${mark.markId}.${kind}`);
    const step = stepOf(event);
    const held = handle === null ? undefined : handles[handle];
    if (step !== undefined) {
      if (handle === null || held === undefined) change(moveGeometry(mark.geometry, step), "move");
      else {
        const to = { xPx: held.xPx + step.xPx, yPx: held.yPx + step.yPx };
        change(moveHandle(mark.geometry, handle, to), `handle-${handle}`);
      }
      return true;
    }
    if (event.key === "Enter") {
      const next = (handle ?? -1) + 1;
      setChosenHandle(next < handles.length ? { markId: mark.markId, handle: next } : null);
      return true;
    }
    if (event.key === "+" || event.key === "-") {
      change(scaleGeometry(mark.geometry, event.key === "+" ? 1.05 : 1 / 1.05), "scale");
      return true;
    }
    return false;
  }

  const handleKey: MarkKeyHandler = (event) => {
    if (editing === null) return false;
    if (tool !== null) return keys?.isActive === true && drawByKey(event, tool);
    return selected !== undefined && editByKey(event, selected);
  };

  const draft = previewOf(gesture);
  const path = gesture.kind === "polygon" ? [...gesture.points, gesture.next] : [];
  const trail = gesture.kind === "freehand" ? gesture.points : path;
  return (
    <svg
      ref={(element) => {
        if (element === null || keys === undefined) return;
        keys.register(keys.viewportId, handleKey);
        return () => keys.register(keys.viewportId, null);
      }}
      className={`absolute inset-0 h-full w-full ${tool === null ? "" : "pointer-events-auto cursor-crosshair touch-none"}`}
      onPointerDown={handlePress}
      onPointerMove={handleMove}
      onPointerUp={handleRelease}
      onDoubleClick={() => draw(close(gesture))}
      data-testid="mark-layer"
    >
      {marks.map((mark) => {
        const geometry =
          grip !== null && grip.markId === mark.markId ? gripped(mark.geometry, grip) : mark.geometry;
        const isSelected = editing?.selectedId === mark.markId;
        return (
          <g
            key={mark.markId}
            data-selected={isSelected}
            className={`[filter:drop-shadow(0_0_1px_black)] ${mark.isReference ? "stroke-orange-300" : isSelected ? "stroke-yellow-200" : "stroke-cyan-300"} ${
              editing === null || mark.isReference || tool !== null ? "" : "pointer-events-auto cursor-move"
            }`}
            onPointerDown={(event) => startGrip(event, mark, null)}
          >
            <MarkShape geometry={geometry} transform={transform} isDashed={mark.isReference} />
            <MarkLabel at={applyAffine(transform, anchorOf(geometry))} text={mark.label} />
            {isSelected && keys !== undefined && !mark.isReference && tool === null
              ? gripsOf(geometry).map((point, index) => {
                  const { xPx, yPx } = applyAffine(transform, point);
                  return (
                    <circle
                      // Handles of a mark keep their order.
                      key={index}
                      cx={xPx}
                      cy={yPx}
                      r={handle === index ? 6 : 4}
                      strokeWidth={1.5}
                      className={`cursor-grab ${handle === index ? "fill-yellow-200" : "fill-black"}`}
                      onPointerDown={(event) => startGrip(event, mark, index)}
                    />
                  );
                })
              : null}
          </g>
        );
      })}
      {draft === undefined ? null : (
        <g className="stroke-yellow-200">
          <MarkShape geometry={draft} transform={transform} isDashed />
        </g>
      )}
      {trail.length === 0 ? null : (
        <polyline
          className="fill-none stroke-yellow-200"
          strokeWidth={1.5}
          strokeDasharray={gesture.kind === "polygon" ? "5 4" : undefined}
          points={trail
            .map((point) => applyAffine(transform, point))
            .map((point) => `${point.xPx},${point.yPx}`)
            .join(" ")}
        />
      )}
      {tool !== null && keys?.isActive === true ? <KeyCursor keys={keys} transform={transform} /> : null}
    </svg>
  );
}

function gripped(geometry: MarkGeometry, grip: Grip): MarkGeometry {
  const by = { xPx: grip.to.xPx - grip.from.xPx, yPx: grip.to.yPx - grip.from.yPx };
  const held = grip.handle === null ? undefined : handlesOf(geometry)[grip.handle];
  if (grip.handle === null || held === undefined) return moveGeometry(geometry, by);
  return moveHandle(geometry, grip.handle, { xPx: held.xPx + by.xPx, yPx: held.yPx + by.yPx });
}

/** The cross that the arrow keys move. */
function KeyCursor(props: { keys: MarkKeys; transform: Affine }) {
  const { cursor, viewportId } = props.keys;
  const place = useSyncExternalStore(cursor.subscribe, cursor.get, cursor.get);
  if (place === undefined || !place.isByKeys || place.viewportId !== viewportId) return null;
  const { xPx, yPx } = applyAffine(props.transform, place.at);
  return (
    <g transform={`translate(${xPx} ${yPx})`} className="pointer-events-none" data-testid="key-cursor">
      <path d="M-16 0H-4M4 0H16M0-16V-4M0 4V16" className="stroke-black" strokeWidth={4} />
      <path d="M-16 0H-4M4 0H16M0-16V-4M0 4V16" className="stroke-yellow-200" strokeWidth={1.75} />
    </g>
  );
}
