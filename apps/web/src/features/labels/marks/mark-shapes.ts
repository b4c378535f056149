/** Shapes of lesion marks in image pixels; every function gives a new shape that can be stored. */
import type { MarkGeometry } from "@crossread/contracts/mark";
import type { Point } from "../../viewer/affine.ts";
import { moveGeometry, smallestRadiusPx } from "../../viewer/mark-geometry.ts";
import { centreOf } from "../../viewer/mark-handles.ts";

export type DrawTool = "ellipse" | "polygon" | "point";

export interface ImageFrame {
  readonly widthPx: number;
  readonly heightPx: number;
}

const placedShare = 1 / 16;
const placedCorners = 6;

/** For whoever has no pointer: a shape in the middle of the image, to be moved and formed from there. */
export function placedShape(tool: DrawTool, frame: ImageFrame): MarkGeometry {
  const centre = { xPx: frame.widthPx / 2, yPx: frame.heightPx / 2 };
  const radiusPx = Math.max(smallestRadiusPx, Math.min(frame.widthPx, frame.heightPx) * placedShare);
  if (tool === "point") return { shape: "point", ...centre };
  if (tool === "ellipse") {
    return { shape: "ellipse", ...centre, radiusXPx: radiusPx, radiusYPx: radiusPx, rotationRad: 0 };
  }
  const points = Array.from({ length: placedCorners }, (_, index) => {
    const angle = (index / placedCorners) * 2 * Math.PI;
    return {
      xPx: centre.xPx + radiusPx * Math.cos(angle),
      yPx: centre.yPx + radiusPx * Math.sin(angle),
    };
  });
  return { shape: "polygon", points };
}

export function turned(geometry: MarkGeometry, byRad: number): MarkGeometry {
  if (geometry.shape === "ellipse") return { ...geometry, rotationRad: geometry.rotationRad + byRad };
  if (geometry.shape !== "polygon") return geometry;
  const centre = centreOf(geometry);
  const [cos, sin] = [Math.cos(byRad), Math.sin(byRad)];
  return {
    ...geometry,
    points: geometry.points.map(({ xPx, yPx }) => {
      const [dx, dy] = [xPx - centre.xPx, yPx - centre.yPx];
      return { xPx: centre.xPx + dx * cos - dy * sin, yPx: centre.yPx + dx * sin + dy * cos };
    }),
  };
}

/** A new corner half-way to the next one. */
export function withCornerAfter(geometry: MarkGeometry, index: number): MarkGeometry {
  if (geometry.shape !== "polygon") return geometry;
  const { points } = geometry;
  const [from, to] = [points[index], points[(index + 1) % points.length]];
  if (from === undefined || to === undefined) return geometry;
  const between = { xPx: (from.xPx + to.xPx) / 2, yPx: (from.yPx + to.yPx) / 2 };
  return { ...geometry, points: points.toSpliced(index + 1, 0, between) };
}

export function withoutCorner(geometry: MarkGeometry, index: number): MarkGeometry {
  if (geometry.shape !== "polygon" || geometry.points.length <= 3) return geometry;
  return { ...geometry, points: geometry.points.toSpliced(index, 1) };
}

/** Brought back onto the image where a hand drew over its border: centre and corners lie on it. */
export function keptInFrame(geometry: MarkGeometry, frame: ImageFrame): MarkGeometry {
  const kept = ({ xPx, yPx }: Point) => ({
    xPx: Math.min(frame.widthPx, Math.max(0, xPx)),
    yPx: Math.min(frame.heightPx, Math.max(0, yPx)),
  });
  if (geometry.shape === "polygon") return { ...geometry, points: geometry.points.map(kept) };
  return { ...geometry, ...kept(geometry) };
}

/** Moves the shape as a whole, as far as its image goes. */
export function movedInFrame(geometry: MarkGeometry, by: Point, frame: ImageFrame): MarkGeometry {
  if (geometry.shape !== "polygon") return keptInFrame(moveGeometry(geometry, by), frame);
  const within = (places: readonly number[], wanted: number, end: number) =>
    Math.min(end - Math.max(...places), Math.max(-Math.min(...places), wanted));
  const xs = geometry.points.map(({ xPx }) => xPx);
  const ys = geometry.points.map(({ yPx }) => yPx);
  return moveGeometry(geometry, {
    xPx: within(xs, by.xPx, frame.widthPx),
    yPx: within(ys, by.yPx, frame.heightPx),
  });
}
