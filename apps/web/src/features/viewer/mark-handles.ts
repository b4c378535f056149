import type { MarkGeometry } from "@crossread/contracts/mark";
import type { Point } from "./affine.ts";
import { smallestRadiusPx } from "./mark-geometry.ts";

/** A freehand outline has too many corners to take hold of each: it is moved, scaled or drawn anew. */
const mostCorners = 40;

/** Points by which a mark is reshaped, in a fixed order. */
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
      return geometry.points.length <= mostCorners ? geometry.points : [];
  }
}

/** The mark with one handle put elsewhere: a corner moves alone, an ellipse's first end also turns it. */
export function moveHandle(geometry: MarkGeometry, handle: number, to: Point): MarkGeometry {
  switch (geometry.shape) {
    case "point":
      return { ...geometry, ...to };
    case "circle":
      return { ...geometry, radiusPx: atLeast(distance(geometry, to)) };
    case "ellipse":
      return handle === 0
        ? {
            ...geometry,
            radiusXPx: atLeast(distance(geometry, to)),
            rotationRad: Math.atan2(to.yPx - geometry.yPx, to.xPx - geometry.xPx),
          }
        : { ...geometry, radiusYPx: atLeast(distance(geometry, to)) };
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
      const { points } = geometry;
      const middle = {
        xPx: points.reduce((sum, point) => sum + point.xPx, 0) / points.length,
        yPx: points.reduce((sum, point) => sum + point.yPx, 0) / points.length,
      };
      return {
        ...geometry,
        points: points.map((point) => ({
          xPx: middle.xPx + (point.xPx - middle.xPx) * factor,
          yPx: middle.yPx + (point.yPx - middle.yPx) * factor,
        })),
      };
    }
  }
}

const distance = (from: Point, to: Point) => Math.hypot(to.xPx - from.xPx, to.yPx - from.yPx);
const atLeast = (radiusPx: number) => Math.max(smallestRadiusPx, radiusPx);
