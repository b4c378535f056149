import type { PectoralMuscle } from "./phantom-breast.ts";
import { smoothStep } from "./smooth-step.ts";

/** Signed distance in mm to the slightly convex edge of the muscle triangle, positive inside. */
export function muscleDistanceMm(pectoral: PectoralMuscle, xMm: number, yMm: number): number {
  const along = Math.max(0, 1 - yMm / pectoral.heightMm);
  const edgeX = pectoral.widthMm * along ** 0.86;
  const slope = pectoral.heightMm / Math.hypot(pectoral.heightMm, pectoral.widthMm);
  return (edgeX - xMm) * slope;
}

/** Share of muscle in the beam, [0, 1]: soft edge, thicker towards the axilla. */
export function muscleShare(pectoral: PectoralMuscle, xMm: number, yMm: number): number {
  if (yMm >= pectoral.heightMm || xMm > pectoral.widthMm + 3) return 0;
  const insideMm = muscleDistanceMm(pectoral, xMm, yMm);
  return smoothStep(-1.5, 5, insideMm) * (0.72 + 0.28 * smoothStep(4, 40, insideMm));
}
