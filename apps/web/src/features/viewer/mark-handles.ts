import type { MarkGeometry } from "@crossread/contracts/mark";
import type { Point } from "./affine.ts";
import { smallestRadiusPx } from "./mark-geometry.ts";

export function centreOf(geometry: MarkGeometry): Point {
  if (geometry.shape !== "polygon") return { xPx: geometry.xPx, yPx: geometry.yPx };
  const { points } = geometry;
  const sum = points.reduce((at, point) => ({ xPx: at.xPx + point.xPx, yPx: at.yPx + point.yPx }));
  return { xPx: sum.xPx / points.length, yPx: sum.yPx / points.length };
}

/** Points by which a mark is reshaped, in a fixed order: the ends of an ellipse's axes, a polygon's corners. */
export function handlesOf(geometry: MarkGeometry): readonly Point[] {
  switch (geometry.shape) {
    case "point":
      return [];
    case "circle":
      return [{ xPx: geometry.xPx + geometry.radiusPx, yPx: geometry.yPx }];
    case "ellipse": {
      const { xPx, yPx, radiusXPx, radiusYPx, rotationRad } = geometry;
      const [cos, sin] = [Math.cos(rotationRad), Math.sin(rotationRad)];
      return [
        { xPx: xPx + radiusXPx * cos, yPx: yPx + radiusXPx * sin },
        { xPx: xPx - radiusYPx * sin, yPx: yPx + radiusYPx * cos },
      ];
    }
    case "polygon":
      return geometry.points;
  }
}

/** The mark with one handle put elsewhere: a corner moves alone, an ellipse turns with its handle. */
export function moveHandle(geometry: MarkGeometry, handle: number, to: Point): MarkGeometry {
  switch (geometry.shape) {
    case "point":
      return { ...geometry, ...to };
    case "circle":
      return { ...geometry, radiusPx: atLeast(distance(geometry, to)) };
    case "ellipse": {
      const radiusPx = atLeast(distance(geometry, to));
      const angle = Math.atan2(to.yPx - geometry.yPx, to.xPx - geometry.xPx);
      return handle === 0
        ? { ...geometry, radiusXPx: radiusPx, rotationRad: angle }
        : { ...geometry, radiusYPx: radiusPx, rotationRad: angle - Math.PI / 2 };
    }
    case "polygon":
      return {
        ...geometry,
        points: geometry.points.map((point, index) => (index === handle ? { ...to } : point)),
      };
  }
}

/** Larger or smaller about its middle. */
export function scaleGeometry(geometry: MarkGeometry, factor: number): MarkGeometry {
  switch (geometry.shape) {
    case "point":
      return geometry;
    case "circle":
      return { ...geometry, radiusPx: atLeast(geometry.radiusPx * factor) };
    case "ellipse":
      return {
        ...geometry,
        radiusXPx: atLeast(geometry.radiusXPx * factor),
        radiusYPx: atLeast(geometry.radiusYPx * factor),
      };
    case "polygon": {
      const middle = centreOf(geometry);
      return {
        ...geometry,
        points: geometry.points.map((point) => ({
          xPx: middle.xPx + (point.xPx - middle.xPx) * factor,
          yPx: middle.yPx + (point.yPx - middle.yPx) * factor,
        })),
      };
    }
  }
}

const distance = (from: Point, to: Point) => Math.hypot(to.xPx - from.xPx, to.yPx - from.yPx);
const atLeast = (radiusPx: number) => Math.max(smallestRadiusPx, radiusPx);
