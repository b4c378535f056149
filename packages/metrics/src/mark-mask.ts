/** Marks on an image or map; x to the right, y downwards, (0, 0) the top-left corner, pixel centres at +½. */
import { MetricInputError } from "./metric-input-error.ts";

export type Mark =
  | { readonly shape: "point"; readonly xPx: number; readonly yPx: number }
  | { readonly shape: "circle"; readonly xPx: number; readonly yPx: number; readonly radiusPx: number }
  | {
      readonly shape: "ellipse";
      readonly xPx: number;
      readonly yPx: number;
      readonly radiusXPx: number;
      readonly radiusYPx: number;
      /** From the x axis towards the y axis, which on the screen is clockwise. */
      readonly rotationRad: number;
    }
  | { readonly shape: "polygon"; readonly points: readonly { readonly xPx: number; readonly yPx: number }[] };

/**
 * Marks of an image on a map that covers the same frame with fewer pixels.
 *
 * @param marks - in pixels of the image
 * @param image - size of the image; `map` - size of the map
 * @returns in pixels of the map; radii by the geometric mean of both scales, which differ by rounding only
 */
export function marksOnMap(
  marks: readonly Mark[],
  image: { readonly widthPx: number; readonly heightPx: number },
  map: { readonly widthPx: number; readonly heightPx: number },
): Mark[] {
  const x = map.widthPx / image.widthPx;
  const y = map.heightPx / image.heightPx;
  const radius = Math.sqrt(x * y);
  return marks.map((mark) => {
    switch (mark.shape) {
      case "point":
        return { ...mark, xPx: mark.xPx * x, yPx: mark.yPx * y };
      case "circle":
        return { ...mark, xPx: mark.xPx * x, yPx: mark.yPx * y, radiusPx: mark.radiusPx * radius };
      case "ellipse":
        return {
          ...mark,
          xPx: mark.xPx * x,
          yPx: mark.yPx * y,
          radiusXPx: mark.radiusXPx * radius,
          radiusYPx: mark.radiusYPx * radius,
        };
      case "polygon":
        return { ...mark, points: mark.points.map((point) => ({ xPx: point.xPx * x, yPx: point.yPx * y })) };
    }
  });
}

/**
 * Pixels covered by the union of the marks: those whose centre lies inside one; a point, and a mark smaller than a pixel,
 * covers the pixel that holds its centre.
 *
 * @returns mask, row-major, 1 inside
 * @throws {MetricInputError} "mark-outside-map" if a mark covers no pixel; "out-of-range" for a radius ≤ 0 or a polygon
 *   with fewer than 3 points
 */
export function rasteriseMarks(
  frame: { readonly widthPx: number; readonly heightPx: number },
  marks: readonly Mark[],
): Uint8Array {
  const mask = new Uint8Array(frame.widthPx * frame.heightPx);
  for (const mark of marks) {
    const bounds = markBounds(mark);
    const inside = insideTest(mark);
    let covered = 0;
    const firstRow = Math.max(0, Math.floor(bounds.top));
    const lastRow = Math.min(frame.heightPx - 1, Math.floor(bounds.bottom));
    const firstColumn = Math.max(0, Math.floor(bounds.left));
    const lastColumn = Math.min(frame.widthPx - 1, Math.floor(bounds.right));
    for (let row = firstRow; row <= lastRow; row++) {
      for (let column = firstColumn; column <= lastColumn; column++) {
        if (!inside(column + 0.5, row + 0.5)) continue;
        mask[row * frame.widthPx + column] = 1;
        covered++;
      }
    }
    if (covered > 0) continue;
    const column = Math.floor((bounds.left + bounds.right) / 2);
    const row = Math.floor((bounds.top + bounds.bottom) / 2);
    if (column < 0 || row < 0 || column >= frame.widthPx || row >= frame.heightPx) {
      throw new MetricInputError(
        "mark-outside-map",
        `A ${mark.shape} about (${column}, ${row}) covers no pixel of the ${frame.widthPx}×${frame.heightPx} map.`,
      );
    }
    mask[row * frame.widthPx + column] = 1;
  }
  return mask;
}

function markBounds(mark: Mark) {
  if (mark.shape === "polygon") {
    if (mark.points.length < 3) {
      throw new MetricInputError("out-of-range", `A polygon needs three points, got ${mark.points.length}.`);
    }
    const xs = mark.points.map((point) => point.xPx);
    const ys = mark.points.map((point) => point.yPx);
    return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
  }
  const { reachX, reachY } = reachOf(mark);
  return {
    left: mark.xPx - reachX,
    right: mark.xPx + reachX,
    top: mark.yPx - reachY,
    bottom: mark.yPx + reachY,
  };
}

/** Half the width and half the height of the box around a mark with a centre. */
function reachOf(mark: Exclude<Mark, { readonly shape: "polygon" }>) {
  switch (mark.shape) {
    case "point":
      return { reachX: 0, reachY: 0 };
    case "circle":
      assertRadius("circle", mark.radiusPx);
      return { reachX: mark.radiusPx, reachY: mark.radiusPx };
    case "ellipse": {
      assertRadius("ellipse", Math.min(mark.radiusXPx, mark.radiusYPx));
      const cosine = Math.cos(mark.rotationRad);
      const sine = Math.sin(mark.rotationRad);
      return {
        reachX: Math.hypot(mark.radiusXPx * cosine, mark.radiusYPx * sine),
        reachY: Math.hypot(mark.radiusXPx * sine, mark.radiusYPx * cosine),
      };
    }
  }
}

function assertRadius(shape: string, radiusPx: number): void {
  if (!(radiusPx > 0)) {
    throw new MetricInputError("out-of-range", `A radius of a ${shape} must be above 0, got ${radiusPx}.`);
  }
}

function insideTest(mark: Mark): (x: number, y: number) => boolean {
  switch (mark.shape) {
    case "point":
      return () => false;
    case "circle":
      return (x, y) => (x - mark.xPx) ** 2 + (y - mark.yPx) ** 2 <= mark.radiusPx ** 2;
    case "ellipse": {
      const cosine = Math.cos(mark.rotationRad);
      const sine = Math.sin(mark.rotationRad);
      return (x, y) => {
        const along = (x - mark.xPx) * cosine + (y - mark.yPx) * sine;
        const across = (y - mark.yPx) * cosine - (x - mark.xPx) * sine;
        return (along / mark.radiusXPx) ** 2 + (across / mark.radiusYPx) ** 2 <= 1;
      };
    }
    case "polygon":
      return insidePolygon(mark.points);
  }
}

/** Even–odd rule. */
function insidePolygon(points: readonly { readonly xPx: number; readonly yPx: number }[]) {
  return (x: number, y: number) => {
    let isInside = false;
    for (let index = 0; index < points.length; index++) {
      const a = points[index]!;
      const b = points[(index + 1) % points.length]!;
      if (a.yPx > y !== b.yPx > y && x < a.xPx + ((y - a.yPx) / (b.yPx - a.yPx)) * (b.xPx - a.xPx)) {
        isInside = !isInside;
      }
    }
    return isInside;
  };
}
