import { markGeometrySchema, type MarkGeometry } from "@crossread/contracts/mark";
import { expect, test } from "vitest";
import { centreOf, handlesOf, moveHandle, scaleGeometry } from "../../viewer/mark-handles.ts";
import {
  keptInFrame,
  movedInFrame,
  placedShape,
  turned,
  withCornerAfter,
  withoutCorner,
} from "./mark-shapes.ts";

const frame = { widthPx: 1_000, heightPx: 2_000 };
const ellipse = {
  shape: "ellipse",
  xPx: 100,
  yPx: 200,
  radiusXPx: 50,
  radiusYPx: 20,
  rotationRad: Math.PI / 6,
} as const;
const square: MarkGeometry = {
  shape: "polygon",
  points: [
    { xPx: 0, yPx: 0 },
    { xPx: 10, yPx: 0 },
    { xPx: 10, yPx: 10 },
    { xPx: 0, yPx: 10 },
  ],
};
const circle = { shape: "circle", xPx: 100, yPx: 100, radiusPx: 30 } as const;

test("a placed shape lies in the middle of its image and can be stored", () => {
  for (const tool of ["point", "ellipse", "polygon"] as const) {
    const shape = placedShape(tool, frame);
    expect(markGeometrySchema.parse(shape)).toEqual(shape);
    expect(centreOf(shape).xPx).toBeCloseTo(500, 9);
    expect(centreOf(shape).yPx).toBeCloseTo(1_000, 9);
  }
});

test("a handle that is put where it lies leaves the shape as it is", () => {
  for (const geometry of [ellipse, square, circle]) {
    for (const [index, at] of handlesOf(geometry).entries()) {
      const after = moveHandle(geometry, index, at);
      expect(after.shape).toBe(geometry.shape);
      for (const [place, handle] of handlesOf(after).entries()) {
        expect(handle.xPx).toBeCloseTo(handlesOf(geometry)[place]?.xPx ?? Number.NaN, 9);
        expect(handle.yPx).toBeCloseTo(handlesOf(geometry)[place]?.yPx ?? Number.NaN, 9);
      }
    }
  }
});

test("a handle goes where it is put; the other axis of an ellipse keeps its length, its centre stays", () => {
  for (const index of [0, 1]) {
    const to = { xPx: 40, yPx: 290 };
    const after = moveHandle(ellipse, index, to);
    expect(handlesOf(after)[index]?.xPx).toBeCloseTo(to.xPx, 9);
    expect(handlesOf(after)[index]?.yPx).toBeCloseTo(to.yPx, 9);
    expect(centreOf(after)).toEqual(centreOf(ellipse));
    expect(after).toMatchObject(index === 0 ? { radiusYPx: 20 } : { radiusXPx: 50 });
  }
  expect(moveHandle(circle, 0, { xPx: 100, yPx: 160 })).toEqual({ ...circle, radiusPx: 60 });
});

test("no handle makes a shape that cannot be stored", () => {
  for (const geometry of [ellipse, circle]) {
    const after = moveHandle(geometry, 0, geometry);
    expect(markGeometrySchema.parse(after)).toEqual(after);
  }
  const tiny = Array.from({ length: 200 }).reduce<MarkGeometry>(
    (shape) => scaleGeometry(shape, 0.5),
    ellipse,
  );
  expect(tiny).toMatchObject({ radiusXPx: 2, radiusYPx: 2 });
});

test("growing and shrinking, turning and turning back lead to the same shape", () => {
  const back = turned(turned(scaleGeometry(scaleGeometry(square, 1.1), 1 / 1.1), 0.3), -0.3);
  for (const [index, point] of handlesOf(back).entries()) {
    expect(point.xPx).toBeCloseTo(handlesOf(square)[index]?.xPx ?? Number.NaN, 9);
    expect(point.yPx).toBeCloseTo(handlesOf(square)[index]?.yPx ?? Number.NaN, 9);
  }
  expect(handlesOf(turned(square, Math.PI / 2))[0]?.xPx).toBeCloseTo(10, 9);
});

test("a corner is put between two others and taken away again, a triangle keeps its three", () => {
  const more = withCornerAfter(square, 3);
  expect(handlesOf(more)).toHaveLength(5);
  expect(handlesOf(more)[4]).toEqual({ xPx: 0, yPx: 5 });
  expect(withoutCorner(more, 4)).toEqual(square);
  const triangle = withoutCorner(square, 0);
  expect(withoutCorner(triangle, 0)).toBe(triangle);
});

test("what is drawn over the border comes back onto the image", () => {
  expect(keptInFrame({ ...circle, xPx: -5, yPx: 2_400 }, frame)).toEqual({ ...circle, xPx: 0, yPx: 2_000 });
  const over = moveHandle(square, 2, { xPx: 1_200, yPx: 10 });
  expect(handlesOf(keptInFrame(over, frame))[2]).toEqual({ xPx: 1_000, yPx: 10 });
});

test("a polygon that is moved against the border keeps its form", () => {
  const moved = movedInFrame(square, { xPx: 5_000, yPx: -40 }, frame);
  expect(handlesOf(moved)).toEqual([
    { xPx: 990, yPx: 0 },
    { xPx: 1_000, yPx: 0 },
    { xPx: 1_000, yPx: 10 },
    { xPx: 990, yPx: 10 },
  ]);
});
