import { assertUnitInterval, type Numbers } from "./input-assertions.ts";
import { MetricInputError } from "./metric-input-error.ts";

/**
 * Distance from the ideal position, as a score: 1 at the ideal point, 0 at its opposite corner.
 *
 * DIP = 1 − √( Σᵢ (1−mᵢ)² / N )
 *
 * @param metrics - the mᵢ, shape [N], each in [0, 1]; precision and recall by default of the paper
 * @returns in [0, 1]
 * @throws {MetricInputError} "empty" if N = 0; "out-of-range" if any mᵢ is outside [0, 1] or NaN
 * @source ASG-MammoNet, eq. 19; Nandi (2023)
 * @golden golden/paper/cases.json
 */
export function dip(metrics: Numbers): number {
  if (metrics.length === 0) throw new MetricInputError("empty", "DIP needs at least one metric, got none.");
  let sum = 0;
  for (let index = 0; index < metrics.length; index++) {
    assertUnitInterval(`Metric ${index} of DIP`, metrics[index]!);
    sum += (1 - metrics[index]!) ** 2;
  }
  return 1 - Math.sqrt(sum / metrics.length); // eq. 19
}
