import { DomainError } from "@crossread/contracts/errors";
import type { Random } from "@crossread/metrics/random";

export interface BalancedSampler {
  /** Positions of the next `count` examples, drawn with replacement. */
  draw(count: number): number[];
}

/**
 * Draws examples so that every class is expected equally often.
 *
 * p(i) = w(cᵢ) / Σⱼ w(cⱼ),  w(c) = 1 / N_c
 *
 * @param labels - class of each example, length N
 * @throws {DomainError} "one-class-cohort" if fewer than two classes occur
 * @complexity O(N) to build, O(1) per draw: a class uniformly, then one of its examples uniformly, has the same law
 * @source paper, eq. 4–6 (WeightedRandomSampler with replacement)
 */
export function createBalancedSampler(labels: readonly number[], random: Random): BalancedSampler {
  const positionsByClass = new Map<number, number[]>();
  labels.forEach((label, position) => {
    const positions = positionsByClass.get(label);
    if (positions === undefined) positionsByClass.set(label, [position]);
    else positions.push(position);
  });
  const classes = [...positionsByClass.keys()]
    .sort((a, b) => a - b)
    .map((label) => positionsByClass.get(label)!);
  if (classes.length < 2) {
    throw new DomainError(
      "one-class-cohort",
      `Balanced sampling needs at least two classes, got ${classes.length} among ${labels.length} examples.`,
    );
  }
  const drawOne = (): number => {
    const positions = classes[random.nextInt(classes.length)]!;
    return positions[random.nextInt(positions.length)]!;
  };
  return { draw: (count) => Array.from({ length: count }, drawOne) };
}
