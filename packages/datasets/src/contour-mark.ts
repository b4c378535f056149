import type { LesionMark } from "@crossread/contracts/dataset-manifest";

/** A drawn contour as a mark: the smallest circle about its box's centre that holds it, and the contour itself. */
export function toContourMark(
  points: readonly (readonly [number, number])[],
  meaning: Pick<LesionMark, "kind" | "finding">,
): LesionMark {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const xPx = (Math.min(...xs) + Math.max(...xs)) / 2;
  const yPx = (Math.min(...ys) + Math.max(...ys)) / 2;
  const radiusPx = Math.max(1, ...points.map(([x, y]) => Math.hypot(x - xPx, y - yPx)));
  return {
    shape: "circle",
    xPx,
    yPx,
    radiusPx,
    ...(points.length < 3 ? {} : { outlinePx: points.map(([x, y]): [number, number] => [x, y]) }),
    ...meaning,
  };
}
