"use client";

import type { MarkGeometry } from "@crossread/contracts/mark";
import { useState, type PointerEvent } from "react";
import { applyAffine, invertAffine, toCssMatrix, type Affine, type Point } from "./affine.ts";
import { anchorOf, ellipseInBox, moveGeometry, type MarkTool } from "./mark-geometry.ts";

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
  readonly onMove: (markId: string, geometry: MarkGeometry) => void;
  readonly onSelect: (markId: string | null) => void;
}

type Gesture =
  | { readonly kind: "none" }
  | { readonly kind: "box"; readonly from: Point; readonly to: Point; readonly isCircle: boolean }
  | { readonly kind: "polygon"; readonly points: readonly Point[]; readonly cursor: Point }
  | { readonly kind: "move"; readonly markId: string; readonly from: Point; readonly to: Point };

/** Marks in the image's own pixels, drawn and edited over the viewport. */
export function MarkLayer(props: {
  transform: Affine;
  marks: readonly ShownMark[];
  editing: MarkEditing | null;
}) {
  const { transform, marks, editing } = props;
  const [gesture, setGesture] = useState<Gesture>({ kind: "none" });
  const inverse = invertAffine(transform);
  const tool = editing?.tool ?? null;

  const toImage = (event: PointerEvent<Element>): Point | undefined => {
    const box = event.currentTarget.closest("svg")?.getBoundingClientRect();
    if (box === undefined || inverse === undefined) return undefined;
    return applyAffine(inverse, { xPx: event.clientX - box.left, yPx: event.clientY - box.top });
  };

  function handlePress(event: PointerEvent<SVGSVGElement>) {
    const at = toImage(event);
    if (event.button !== 0 || at === undefined || editing === null || tool === null) return;
    if (tool === "point") return editing.onAdd({ shape: "point", ...at });
    if (tool === "ellipse") {
      event.currentTarget.setPointerCapture(event.pointerId);
      return setGesture({ kind: "box", from: at, to: at, isCircle: event.shiftKey });
    }
    const points = gesture.kind === "polygon" ? [...gesture.points, at] : [at];
    setGesture({ kind: "polygon", points, cursor: at });
  }

  function handleMove(event: PointerEvent<SVGSVGElement>) {
    const at = toImage(event);
    if (at === undefined) return;
    if (gesture.kind === "box") setGesture({ ...gesture, to: at, isCircle: event.shiftKey });
    if (gesture.kind === "polygon") setGesture({ ...gesture, cursor: at });
    if (gesture.kind === "move") setGesture({ ...gesture, to: at });
  }

  function handleRelease() {
    if (gesture.kind === "box") {
      const drawn = ellipseInBox(gesture.from, gesture.to, gesture.isCircle);
      if (drawn !== undefined) editing?.onAdd(drawn);
      setGesture({ kind: "none" });
    }
    if (gesture.kind === "move") {
      const by = shiftOf(gesture);
      const mark = marks.find((candidate) => candidate.markId === gesture.markId);
      if (mark !== undefined && Math.hypot(by.xPx, by.yPx) > 0.5) {
        editing?.onMove(mark.markId, moveGeometry(mark.geometry, by));
      }
      setGesture({ kind: "none" });
    }
  }

  function closePolygon() {
    if (gesture.kind !== "polygon") return;
    // A double click set its last corner twice.
    const points = gesture.points.slice(0, -1);
    if (points.length >= 3) editing?.onAdd({ shape: "polygon", points: [...points] });
    setGesture({ kind: "none" });
  }

  const draft = draftOf(gesture, tool);
  return (
    <svg
      className={`absolute inset-0 h-full w-full ${tool === null ? "" : "pointer-events-auto cursor-crosshair"}`}
      onPointerDown={handlePress}
      onPointerMove={handleMove}
      onPointerUp={handleRelease}
      onDoubleClick={closePolygon}
      data-testid="mark-layer"
    >
      {marks.map((mark) => {
        const isMoved = gesture.kind === "move" && gesture.markId === mark.markId;
        const geometry = isMoved ? moveGeometry(mark.geometry, shiftOf(gesture)) : mark.geometry;
        const isSelected = editing?.selectedId === mark.markId;
        return (
          <g
            key={mark.markId}
            className={`${mark.isReference ? "stroke-orange-300" : isSelected ? "stroke-yellow-200" : "stroke-cyan-300"} ${
              editing === null || mark.isReference || tool !== null ? "" : "pointer-events-auto cursor-move"
            }`}
            onPointerDown={(event) => {
              const at = toImage(event);
              if (event.button !== 0 || editing === null || mark.isReference || tool !== null) return;
              if (at === undefined) return;
              event.currentTarget.closest("svg")?.setPointerCapture(event.pointerId);
              editing.onSelect(mark.markId);
              setGesture({ kind: "move", markId: mark.markId, from: at, to: at });
            }}
          >
            <Shape geometry={geometry} transform={transform} isDashed={mark.isReference} />
            <Label at={applyAffine(transform, anchorOf(geometry))} text={mark.label} />
          </g>
        );
      })}
      {draft === undefined ? null : (
        <g className="stroke-yellow-200">
          <Shape geometry={draft} transform={transform} isDashed />
        </g>
      )}
      {gesture.kind === "polygon" ? (
        <polyline
          className="fill-none stroke-yellow-200"
          strokeWidth={1.5}
          strokeDasharray="5 4"
          points={[...gesture.points, gesture.cursor]
            .map((point) => applyAffine(transform, point))
            .map((point) => `${point.xPx},${point.yPx}`)
            .join(" ")}
        />
      ) : null}
    </svg>
  );
}

const shiftOf = (gesture: { from: Point; to: Point }): Point => ({
  xPx: gesture.to.xPx - gesture.from.xPx,
  yPx: gesture.to.yPx - gesture.from.yPx,
});

const draftOf = (gesture: Gesture, tool: MarkTool | null): MarkGeometry | undefined =>
  gesture.kind === "box" && tool === "ellipse"
    ? ellipseInBox(gesture.from, gesture.to, gesture.isCircle)
    : undefined;

function Shape(props: { geometry: MarkGeometry; transform: Affine; isDashed: boolean }) {
  const { geometry, transform } = props;
  const look = {
    fill: "transparent",
    strokeWidth: 1.75,
    vectorEffect: "non-scaling-stroke" as const,
    ...(props.isDashed ? { strokeDasharray: "6 4" } : {}),
  };
  switch (geometry.shape) {
    case "point": {
      const { xPx, yPx } = applyAffine(transform, geometry);
      return (
        <g transform={`translate(${xPx} ${yPx})`} fill="transparent" strokeWidth={1.75}>
          <circle r={9} />
          <path d="M-14 0h8M6 0h8M0-14v8M0 6v8" />
        </g>
      );
    }
    case "circle":
      return (
        <g transform={toCssMatrix(transform)}>
          <circle cx={geometry.xPx} cy={geometry.yPx} r={geometry.radiusPx} {...look} />
        </g>
      );
    case "ellipse":
      return (
        <g transform={toCssMatrix(transform)}>
          <ellipse
            cx={geometry.xPx}
            cy={geometry.yPx}
            rx={geometry.radiusXPx}
            ry={geometry.radiusYPx}
            transform={`rotate(${(geometry.rotationRad * 180) / Math.PI} ${geometry.xPx} ${geometry.yPx})`}
            {...look}
          />
        </g>
      );
    case "polygon":
      return (
        <g transform={toCssMatrix(transform)}>
          <polygon points={geometry.points.map((point) => `${point.xPx},${point.yPx}`).join(" ")} {...look} />
        </g>
      );
  }
}

function Label(props: { at: Point; text: string }) {
  return (
    <text
      x={props.at.xPx}
      y={props.at.yPx - 8}
      textAnchor="middle"
      className="fill-zinc-100 text-[11px] font-medium select-none"
      stroke="black"
      strokeWidth={3}
      paintOrder="stroke"
    >
      {props.text}
    </text>
  );
}
