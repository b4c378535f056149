import type { MarkGeometry } from "@crossread/contracts/mark";
import type { Point } from "./affine.ts";

export type MarkTool = "point" | "ellipse" | "polygon" | "freehand";

export const smallestRadiusPx = 2;

/** Ellipse inside the box from one corner to the other; undefined where a click left no box. */
export function ellipseInBox(from: Point, to: Point, isCircle: boolean): MarkGeometry | undefined {
  const width = to.xPx - from.xPx;
  const height = to.yPx - from.yPx;
  const side = Math.max(Math.abs(width), Math.abs(height));
  const boxWidth = isCircle ? Math.sign(width) * side : width;
  const boxHeight = isCircle ? Math.sign(height) * side : height;
  const radiusXPx = Math.abs(boxWidth) / 2;
  const radiusYPx = Math.abs(boxHeight) / 2;
  if (radiusXPx < smallestRadiusPx || radiusYPx < smallestRadiusPx) return undefined;
  const centre = { xPx: from.xPx + boxWidth / 2, yPx: from.yPx + boxHeight / 2 };
  return isCircle
    ? { shape: "circle", ...centre, radiusPx: radiusXPx }
    : { shape: "ellipse", ...centre, radiusXPx, radiusYPx, rotationRad: 0 };
}

export function moveGeometry(geometry: MarkGeometry, by: Point): MarkGeometry {
  if (geometry.shape === "polygon") {
    return {
      ...geometry,
      points: geometry.points.map((point) => ({ xPx: point.xPx + by.xPx, yPx: point.yPx + by.yPx })),
    };
  }
  return { ...geometry, xPx: geometry.xPx + by.xPx, yPx: geometry.yPx + by.yPx };
}

/** Where a label of the mark is anchored: its topmost point. */
export function anchorOf(geometry: MarkGeometry): Point {
  switch (geometry.shape) {
    case "point":
      return geometry;
    case "circle":
      return { xPx: geometry.xPx, yPx: geometry.yPx - geometry.radiusPx };
    case "ellipse": {
      const { radiusXPx, radiusYPx, rotationRad } = geometry;
      const reach = Math.hypot(radiusXPx * Math.sin(rotationRad), radiusYPx * Math.cos(rotationRad));
      return { xPx: geometry.xPx, yPx: geometry.yPx - reach };
    }
    case "polygon":
      return geometry.points.reduce((top, point) => (point.yPx < top.yPx ? point : top));
  }
}
