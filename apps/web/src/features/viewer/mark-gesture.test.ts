import { describe, expect, test } from "vitest";
import type { Point } from "./affine.ts";
import { close, follow, noGesture, place, stepBack, type Gesture } from "./mark-gesture.ts";
import type { MarkTool } from "./mark-geometry.ts";
import { handlesOf, moveHandle, scaleGeometry } from "./mark-handles.ts";
import { simplifyPath } from "./simplify-path.ts";

const at = (xPx: number, yPx: number): Point => ({ xPx, yPx });
const step = (tool: MarkTool, point: Point) => ({ tool, at: point, isCircle: false, screenPx: 2 });

function placeAll(tool: MarkTool, points: readonly Point[]) {
  return points.reduce<{ gesture: Gesture; drawn?: unknown }>(
    ({ gesture }, point) => place(gesture, step(tool, point)),
    { gesture: noGesture },
  );
}

describe("drawing point by point", () => {
  test("makes a point at once and an ellipse of two corners", () => {
    expect(placeAll("point", [at(3, 4)]).drawn).toEqual({ shape: "point", xPx: 3, yPx: 4 });
    expect(placeAll("ellipse", [at(10, 10), at(50, 30)]).drawn).toEqual({
      shape: "ellipse",
      xPx: 30,
      yPx: 20,
      radiusXPx: 20,
      radiusYPx: 10,
      rotationRad: 0,
    });
  });

  test("closes a polygon at its first corner, and takes a double click for one corner", () => {
    const corners = [at(0, 0), at(100, 0), at(101, 1), at(100, 100)];
    const closed = placeAll("polygon", [...corners, at(5, 5)]);
    expect(closed).toEqual({
      gesture: noGesture,
      drawn: { shape: "polygon", points: [at(0, 0), at(100, 0), at(100, 100)] },
    });
  });

  test("drops a polygon of two corners and takes the last corner back", () => {
    const two = placeAll("polygon", [at(0, 0), at(100, 0)]).gesture;
    expect(close(two)).toEqual({ gesture: noGesture });
    expect(stepBack(two)).toMatchObject({ kind: "polygon", points: [at(0, 0)] });
    expect(stepBack(stepBack(two))).toEqual(noGesture);
  });

  test("keeps a freehand outline's shape with few points", () => {
    let { gesture } = place(noGesture, step("freehand", at(0, 0)));
    for (let x = 1; x <= 100; x++) gesture = follow(gesture, { at: at(x, 0), isCircle: false });
    for (let y = 1; y <= 100; y++) gesture = follow(gesture, { at: at(100, y), isCircle: false });
    expect(place(gesture, step("freehand", at(100, 100))).drawn).toEqual({
      shape: "polygon",
      points: [at(0, 0), at(100, 0), at(100, 100)],
    });
  });
});

test("a simplified path stays within its tolerance", () => {
  const wave = Array.from({ length: 400 }, (_, index) => at(index, 30 * Math.sin(index / 20)));
  const simplified = simplifyPath(wave, 1);
  expect(simplified.length).toBeLessThan(60);
  expect(simplified[0]).toEqual(wave[0]);
  expect(simplified.at(-1)).toEqual(wave.at(-1));
});

describe("reshaping a mark", () => {
  const ellipse = {
    shape: "ellipse",
    xPx: 50,
    yPx: 50,
    radiusXPx: 20,
    radiusYPx: 10,
    rotationRad: 0,
  } as const;

  test("an ellipse is turned by its first end and widened by its second", () => {
    expect(handlesOf(ellipse)).toEqual([at(70, 50), at(50, 60)]);
    const turned = moveHandle(ellipse, 0, at(50, 80));
    expect(turned).toMatchObject({ radiusXPx: 30, radiusYPx: 10, rotationRad: Math.PI / 2 });
    const [end] = handlesOf(turned);
    expect(end?.xPx).toBeCloseTo(50, 9);
    expect(end?.yPx).toBeCloseTo(80, 9);
    expect(moveHandle(ellipse, 1, at(50, 51))).toMatchObject({ radiusYPx: 2 });
  });

  test("a polygon's corner moves alone, and scaling keeps its middle", () => {
    const square = { shape: "polygon" as const, points: [at(0, 0), at(10, 0), at(10, 10), at(0, 10)] };
    expect(moveHandle(square, 2, at(20, 20))).toEqual({
      shape: "polygon",
      points: [at(0, 0), at(10, 0), at(20, 20), at(0, 10)],
    });
    expect(scaleGeometry(square, 2)).toEqual({
      shape: "polygon",
      points: [at(-5, -5), at(15, -5), at(15, 15), at(-5, 15)],
    });
  });
});
