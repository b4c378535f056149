import type { Point } from "./affine.ts";

/**
 * Leaves out points that lie within the tolerance of the line that stays (Ramer–Douglas–Peucker).
 *
 * @param points - path in pixels, at least its two ends are kept
 * @param tolerancePx - largest distance of a left-out point from the simplified path, ≥ 0
 * @source Douglas and Peucker, Cartographica 10:112 (1973)
 */
export function simplifyPath(points: readonly Point[], tolerancePx: number): Point[] {
  if (points.length <= 2) return [...points];
  const isKept = new Uint8Array(points.length);
  isKept[0] = 1;
  isKept[points.length - 1] = 1;
  const open: (readonly [number, number])[] = [[0, points.length - 1]];
  for (let span = open.pop(); span !== undefined; span = open.pop()) {
    const [first, last] = span;
    let farthest = -1;
    let distance = tolerancePx;
    for (let index = first + 1; index < last; index++) {
      const away = distanceToSegment(points[index]!, points[first]!, points[last]!);
      if (away <= distance) continue;
      distance = away;
      farthest = index;
    }
    if (farthest === -1) continue;
    isKept[farthest] = 1;
    open.push([first, farthest], [farthest, last]);
  }
  return points.filter((_, index) => isKept[index] === 1);
}

function distanceToSegment(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.xPx - from.xPx, to.yPx - from.yPx];
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : ((point.xPx - from.xPx) * dx + (point.yPx - from.yPx) * dy) / squared;
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(point.xPx - from.xPx - share * dx, point.yPx - from.yPx - share * dy);
}
