/** Hermite step: 0 at or below low, 1 at or above high, 3t² − 2t³ between. */
export function smoothStep(low: number, high: number, value: number): number {
  const t = value <= low ? 0 : value >= high ? 1 : (value - low) / (high - low);
  return t * t * (3 - 2 * t);
}
