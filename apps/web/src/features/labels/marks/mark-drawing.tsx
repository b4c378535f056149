"use client";

import type { MarkGeometry } from "@crossread/contracts/mark";
import type { ReferenceMark } from "@crossread/contracts/reference-mark";
import { useState, type PointerEvent } from "react";
import type { Point } from "../../viewer/affine.ts";
import { anchorOf, ellipseInBox } from "../../viewer/mark-geometry.ts";
import { listeningForKeys } from "../../viewer/viewer-keys.ts";
import { handlesOf, moveHandle } from "../../viewer/mark-handles.ts";
import { keptInFrame, movedInFrame, type DrawTool, type ImageFrame } from "./mark-shapes.ts";
import { kindNames } from "./mark-words.ts";

type Gesture =
  | { readonly kind: "box"; readonly from: Point; readonly to: Point; readonly isCircle: boolean }
  | { readonly kind: "corners"; readonly points: readonly Point[]; readonly to: Point }
  | { readonly kind: "move"; readonly mark: ReferenceMark; readonly from: Point; readonly to: Point }
  | { readonly kind: "handle"; readonly mark: ReferenceMark; readonly index: number; readonly to: Point };

const leastMovePx = 0.5;

/** Marks drawn and formed by hand; one unit of the drawing is one pixel of the image. */
export function MarkDrawing(props: {
  image: ImageFrame;
  /** Screen pixels a pixel of the image. */
  scale: number;
  marks: readonly ReferenceMark[];
  selected: ReferenceMark | undefined;
  selectedHandle: number | null;
  tool: DrawTool | null;
  onAdd: (geometry: MarkGeometry) => void;
  onShape: (markId: string, geometry: MarkGeometry) => void;
  onSelect: (markId: string | null) => void;
  onSelectHandle: (index: number | null) => void;
}) {
  const { image, scale, selected, tool } = props;
  const [gesture, setGesture] = useState<Gesture | null>(null);
  const toImage = (event: PointerEvent<Element>): Point | undefined => {
    const box = event.currentTarget.closest("svg")?.getBoundingClientRect();
    if (box === undefined) return undefined;
    return { xPx: (event.clientX - box.left) / scale, yPx: (event.clientY - box.top) / scale };
  };
  const add = (geometry: MarkGeometry | undefined) => {
    setGesture(null);
    if (geometry !== undefined) props.onAdd(keptInFrame(geometry, image));
  };
  const hold = (event: PointerEvent<Element>, next: Gesture) => {
    event.currentTarget.closest("svg")?.setPointerCapture(event.pointerId);
    event.stopPropagation();
    setGesture(next);
  };

  function handlePress(event: PointerEvent<SVGSVGElement>) {
    const at = toImage(event);
    if (event.button !== 0 || at === undefined) return;
    if (tool === null) return props.onSelect(null);
    if (tool === "point") return add({ shape: "point", ...at });
    if (tool === "ellipse") {
      return hold(event, { kind: "box", from: at, to: at, isCircle: event.shiftKey });
    }
    const corners = gesture?.kind === "corners" ? gesture.points : [];
    const last = corners.at(-1);
    // The second press of a double click sets no second corner.
    const isRepeated = last !== undefined && distance(last, at) * scale < 4;
    setGesture({ kind: "corners", points: isRepeated ? corners : [...corners, at], to: at });
  }

  function handleMove(event: PointerEvent<SVGSVGElement>) {
    const to = toImage(event);
    if (gesture === null || to === undefined) return;
    setGesture(gesture.kind === "box" ? { ...gesture, to, isCircle: event.shiftKey } : { ...gesture, to });
  }

  function handleRelease() {
    if (gesture === null || gesture.kind === "corners") return;
    if (gesture.kind === "box") return add(ellipseInBox(gesture.from, gesture.to, gesture.isCircle));
    const formed = formedBy(gesture, image);
    setGesture(null);
    if (gesture.kind === "handle" || distance(gesture.from, gesture.to) > leastMovePx) {
      props.onShape(gesture.mark.markId, formed);
    }
  }

  function closeCorners() {
    if (gesture?.kind !== "corners") return;
    add(gesture.points.length < 3 ? undefined : { shape: "polygon", points: [...gesture.points] });
  }

  function handleKey(event: KeyboardEvent) {
    if (event.key === "Enter" && gesture?.kind === "corners") {
      // Not for the button that has the focus.
      event.preventDefault();
      closeCorners();
    }
    if (event.key === "Escape") setGesture(null);
  }

  const shapeOf = (mark: ReferenceMark) =>
    (gesture?.kind === "move" || gesture?.kind === "handle") && gesture.mark.markId === mark.markId
      ? formedBy(gesture, image)
      : mark.geometry;
  return (
    <div className="absolute inset-0" ref={(element) => listeningForKeys(handleKey)(element)}>
      <svg
        viewBox={`0 0 ${image.widthPx} ${image.heightPx}`}
        preserveAspectRatio="none"
        className={`absolute inset-0 h-full w-full ${tool === null ? "" : "cursor-crosshair"}`}
        data-testid="mark-drawing"
        onPointerDown={handlePress}
        onPointerMove={handleMove}
        onPointerUp={handleRelease}
        onPointerCancel={() => setGesture(null)}
        onDoubleClick={closeCorners}
      >
        {props.marks.map((mark) => (
          <g
            key={mark.markId}
            className={`${mark.markId === selected?.markId ? "stroke-yellow-200" : "stroke-cyan-300"} ${tool === null ? "cursor-move" : "pointer-events-none"}`}
            onPointerDown={(event) => {
              const at = toImage(event);
              if (event.button !== 0 || at === undefined || tool !== null) return;
              props.onSelect(mark.markId);
              hold(event, { kind: "move", mark, from: at, to: at });
            }}
          >
            <Shape geometry={shapeOf(mark)} scale={scale} />
            <Label geometry={shapeOf(mark)} scale={scale} text={kindNames[mark.kind]} />
          </g>
        ))}
        {selected === undefined || tool !== null
          ? null
          : handlesOf(shapeOf(selected)).map((handle, index) => (
              <circle
                // Corners have no identity but their place.
                key={index}
                cx={handle.xPx}
                cy={handle.yPx}
                r={(props.selectedHandle === index ? 6.5 : 4.5) / scale}
                className={`cursor-grab stroke-black ${props.selectedHandle === index ? "fill-orange-300" : "fill-yellow-200"}`}
                vectorEffect="non-scaling-stroke"
                onPointerDown={(event) => {
                  const to = toImage(event);
                  if (event.button !== 0 || to === undefined) return;
                  props.onSelectHandle(index);
                  hold(event, { kind: "handle", mark: selected, index, to });
                }}
              />
            ))}
        {gesture?.kind === "box" ? (
          <g className="stroke-yellow-200">
            <Draft geometry={ellipseInBox(gesture.from, gesture.to, gesture.isCircle)} scale={scale} />
          </g>
        ) : null}
        {gesture?.kind === "corners" ? (
          <polyline
            className="fill-none stroke-yellow-200"
            strokeWidth={1.5}
            strokeDasharray="5 4"
            vectorEffect="non-scaling-stroke"
            points={[...gesture.points, gesture.to].map(({ xPx, yPx }) => `${xPx},${yPx}`).join(" ")}
          />
        ) : null}
      </svg>
    </div>
  );
}

const distance = (a: Point, b: Point) => Math.hypot(a.xPx - b.xPx, a.yPx - b.yPx);

function formedBy(gesture: Extract<Gesture, { kind: "move" | "handle" }>, image: ImageFrame): MarkGeometry {
  const { mark, to } = gesture;
  if (gesture.kind === "handle") return keptInFrame(moveHandle(mark.geometry, gesture.index, to), image);
  const { from } = gesture;
  return movedInFrame(mark.geometry, { xPx: to.xPx - from.xPx, yPx: to.yPx - from.yPx }, image);
}

const Draft = (props: { geometry: MarkGeometry | undefined; scale: number }) =>
  props.geometry === undefined ? null : <Shape geometry={props.geometry} scale={props.scale} />;

function Shape(props: { geometry: MarkGeometry; scale: number }) {
  const { geometry, scale } = props;
  const look = { fill: "transparent", strokeWidth: 1.75, vectorEffect: "non-scaling-stroke" as const };
  switch (geometry.shape) {
    case "point":
      return (
        <g transform={`translate(${geometry.xPx} ${geometry.yPx}) scale(${1 / scale})`} {...look}>
          <circle r={9} />
          <path d="M-14 0h8M6 0h8M0-14v8M0 6v8" />
        </g>
      );
    case "circle":
      return <circle cx={geometry.xPx} cy={geometry.yPx} r={geometry.radiusPx} {...look} />;
    case "ellipse":
      return (
        <ellipse
          cx={geometry.xPx}
          cy={geometry.yPx}
          rx={geometry.radiusXPx}
          ry={geometry.radiusYPx}
          transform={`rotate(${(geometry.rotationRad * 180) / Math.PI} ${geometry.xPx} ${geometry.yPx})`}
          {...look}
        />
      );
    case "polygon":
      return <polygon points={geometry.points.map(({ xPx, yPx }) => `${xPx},${yPx}`).join(" ")} {...look} />;
  }
}

function Label(props: { geometry: MarkGeometry; scale: number; text: string }) {
  const at = anchorOf(props.geometry);
  return (
    <text
      x={at.xPx}
      y={at.yPx - 8 / props.scale}
      textAnchor="middle"
      className="fill-zinc-100 font-medium select-none"
      fontSize={11 / props.scale}
      stroke="black"
      strokeWidth={3 / props.scale}
      paintOrder="stroke"
    >
      {props.text}
    </text>
  );
}
