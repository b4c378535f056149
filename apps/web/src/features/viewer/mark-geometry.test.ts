import { expect, test } from "vitest";
import { anchorOf, ellipseInBox, moveGeometry } from "./mark-geometry.ts";

test("draws an ellipse in the box, whichever corner comes first", () => {
  const expected = { shape: "ellipse", xPx: 20, yPx: 15, radiusXPx: 10, radiusYPx: 5, rotationRad: 0 };
  expect(ellipseInBox({ xPx: 10, yPx: 10 }, { xPx: 30, yPx: 20 }, false)).toEqual(expected);
  expect(ellipseInBox({ xPx: 30, yPx: 20 }, { xPx: 10, yPx: 10 }, false)).toEqual(expected);
});

test("draws a circle from the corner where the drag began", () => {
  expect(ellipseInBox({ xPx: 30, yPx: 30 }, { xPx: 10, yPx: 24 }, true)).toEqual({
    shape: "circle",
    xPx: 20,
    yPx: 20,
    radiusPx: 10,
  });
});

test("takes a click for no ellipse", () => {
  expect(ellipseInBox({ xPx: 10, yPx: 10 }, { xPx: 11, yPx: 40 }, false)).toBeUndefined();
});

test("moves every point of a polygon", () => {
  const points = [
    { xPx: 0, yPx: 0 },
    { xPx: 4, yPx: 0 },
    { xPx: 0, yPx: 4 },
  ];
  expect(moveGeometry({ shape: "polygon", points }, { xPx: 1, yPx: -1 })).toEqual({
    shape: "polygon",
    points: [
      { xPx: 1, yPx: -1 },
      { xPx: 5, yPx: -1 },
      { xPx: 1, yPx: 3 },
    ],
  });
});

test("anchors a label at the top of a turned ellipse", () => {
  const turned = { xPx: 0, yPx: 0, radiusXPx: 8, radiusYPx: 2, rotationRad: Math.PI / 2 };
  expect(anchorOf({ shape: "ellipse", ...turned }).yPx).toBeCloseTo(-8, 12);
});
