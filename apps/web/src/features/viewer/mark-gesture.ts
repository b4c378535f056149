/** Drawing as a sequence of placing points and moving on: the hand and the keys go the same way. */
import type { MarkGeometry } from "@crossread/contracts/mark";
import type { Point } from "./affine.ts";
import { ellipseInBox, type MarkTool } from "./mark-geometry.ts";
import { simplifyPath } from "./simplify-path.ts";

export type Gesture =
  | { readonly kind: "none" }
  | { readonly kind: "box"; readonly from: Point; readonly to: Point; readonly isCircle: boolean }
  | { readonly kind: "polygon"; readonly points: readonly Point[]; readonly next: Point }
  | { readonly kind: "freehand"; readonly points: readonly Point[] };

export interface Drawing {
  readonly gesture: Gesture;
  /** A mark that this step completed. */
  readonly drawn?: MarkGeometry | undefined;
}

interface Step {
  readonly tool: MarkTool;
  readonly at: Point;
  readonly isCircle: boolean;
  /** Length of a screen pixel in pixels of the image. */
  readonly screenPx: number;
}

export const noGesture: Gesture = { kind: "none" };
const sameCornerScreenPx = 3;
const closingScreenPx = 9;

/** A press of the button or Enter. */
export function place(gesture: Gesture, step: Step): Drawing {
  const { tool, at, isCircle, screenPx } = step;
  switch (tool) {
    case "point":
      return { gesture: noGesture, drawn: { shape: "point", ...at } };
    case "ellipse":
      return gesture.kind === "box"
        ? { gesture: noGesture, drawn: ellipseInBox(gesture.from, at, isCircle) }
        : { gesture: { kind: "box", from: at, to: at, isCircle } };
    case "freehand":
      return gesture.kind === "freehand"
        ? { gesture: noGesture, drawn: outline(gesture.points, screenPx) }
        : { gesture: { kind: "freehand", points: [at] } };
    case "polygon": {
      if (gesture.kind !== "polygon") return { gesture: { kind: "polygon", points: [at], next: at } };
      const [first] = gesture.points;
      const last = gesture.points.at(-1);
      if (last !== undefined && distance(last, at) < sameCornerScreenPx * screenPx) return { gesture };
      const isClosing = first !== undefined && distance(first, at) < closingScreenPx * screenPx;
      if (isClosing && gesture.points.length >= 3) return close(gesture);
      return { gesture: { kind: "polygon", points: [...gesture.points, at], next: at } };
    }
  }
}

/** A movement between two places. */
export function follow(gesture: Gesture, step: { at: Point; isCircle: boolean }): Gesture {
  switch (gesture.kind) {
    case "none":
      return gesture;
    case "box":
      return { ...gesture, to: step.at, isCircle: step.isCircle };
    case "polygon":
      return { ...gesture, next: step.at };
    case "freehand":
      return { ...gesture, points: [...gesture.points, step.at] };
  }
}

/** Ends a polygon where it stands; one with fewer than three corners is dropped. */
export function close(gesture: Gesture): Drawing {
  if (gesture.kind !== "polygon") return { gesture };
  const { points } = gesture;
  return points.length < 3
    ? { gesture: noGesture }
    : { gesture: noGesture, drawn: { shape: "polygon", points: [...points] } };
}

/** Takes the last corner back. */
export function stepBack(gesture: Gesture): Gesture {
  if (gesture.kind !== "polygon" || gesture.points.length < 2) return noGesture;
  return { ...gesture, points: gesture.points.slice(0, -1) };
}

/** The mark as it would be if it ended here. */
export function previewOf(gesture: Gesture): MarkGeometry | undefined {
  return gesture.kind === "box" ? ellipseInBox(gesture.from, gesture.to, gesture.isCircle) : undefined;
}

function outline(points: readonly Point[], screenPx: number): MarkGeometry | undefined {
  let tolerancePx = screenPx / 2;
  let simplified = simplifyPath(points, tolerancePx);
  while (simplified.length > mostPoints) {
    tolerancePx *= 2;
    simplified = simplifyPath(points, tolerancePx);
  }
  return simplified.length < 3 ? undefined : { shape: "polygon", points: simplified };
}

const mostPoints = 2_000;
const distance = (a: Point, b: Point) => Math.hypot(a.xPx - b.xPx, a.yPx - b.yPx);
