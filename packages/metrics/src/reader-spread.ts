/** Readers that cases connect: chains of readers of whom each shares a patient with the next; shape [R · R] of shares. */
export function readerBlocksOf(dependence: Float64Array, readerCount: number): number[][] {
  const blockOf = Array.from({ length: readerCount }, (_, reader) => reader);
  for (let left = 0; left < readerCount; left++) {
    for (let right = left + 1; right < readerCount; right++) {
      const [into, from] = [blockOf[left]!, blockOf[right]!];
      if (dependence[left * readerCount + right]! === 0 || into === from) continue;
      blockOf.forEach((block, reader) => {
        if (block === from) blockOf[reader] = into;
      });
    }
  }
  return [...new Set(blockOf)].map((block) =>
    blockOf.flatMap((other, reader) => (other === block ? [reader] : [])),
  );
}

/** Square of what rounding leaves of equal figures. */
const roundingLeft = 1e-24;

export interface SpreadForm {
  /** Q, symmetric, rows sum to 0, trace 1. */
  readonly form: (row: number, column: number) => number;
  /** x'Qx: the variance between readers. */
  readonly spread: number;
}

/**
 * Weighted variance between readers within blocks.
 *
 * x'Qx = Σ_b Σ_{r∈b} wᵣ(xᵣ − x̄_b)² / Σ_b(W_b − Σ_{r∈b} wᵣ²/W_b),  x̄_b weighted, W_b = Σ_{r∈b} wᵣ;
 * s² of all readers for equal weights and one block
 */
export function spreadForm(
  values: ArrayLike<number>,
  weights: readonly number[],
  blocks: readonly (readonly number[])[],
): SpreadForm {
  const blockOf = new Map(blocks.flatMap((block, place) => block.map((reader) => [reader, place])));
  const sums = blocks.map((block) => block.reduce((sum, reader) => sum + weights[reader]!, 0));
  let scale = 0;
  let spread = 0;
  blocks.forEach((block, place) => {
    const mean = block.reduce((sum, reader) => sum + weights[reader]! * values[reader]!, 0) / sums[place]!;
    for (const reader of block) {
      scale += weights[reader]! - weights[reader]! ** 2 / sums[place]!;
      spread += weights[reader]! * (values[reader]! - mean) ** 2;
    }
  });
  return {
    form: (row, column) => {
      const block = blockOf.get(row)!;
      if (block !== blockOf.get(column)) return 0;
      return (
        ((row === column ? weights[row]! : 0) - (weights[row]! * weights[column]!) / sums[block]!) / scale
      );
    },
    spread: spread / scale > roundingLeft ? spread / scale : 0,
  };
}
