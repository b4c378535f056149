const keyCount = 65_536;
/** Sixteen bits at a look: the upper half of a value's key, then the lower half of those that share the upper one. */
const keptCounts = new Uint32Array(keyCount);

/**
 * Values at two ranks of the sorted values, without sorting them.
 *
 * @param values - no NaN
 * @param ranks - from 0
 * @complexity O(n + 2^16)
 */
export function orderStatistics(
  values: Float32Array,
  ranks: readonly [first: number, second: number],
): [first: number, second: number] {
  const keys = new Uint32Array(values.slice().buffer);
  const { length } = keys;
  for (let index = 0; index < length; index++) keys[index] = keyOf(keys[index]!);
  return [valueAt(keys, ranks[0]), valueAt(keys, ranks[1])];
}

/** Bits of float32 that are ordered as their values: all turned round below 0, the sign above. */
const keyOf = (bits: number): number => (bits >>> 31 === 1 ? ~bits : bits | 0x80000000) >>> 0;
const bitsOf = (key: number): number => (key >>> 31 === 1 ? key & 0x7fffffff : ~key) >>> 0;

function valueAt(keys: Uint32Array, rank: number): number {
  const { length } = keys;
  keptCounts.fill(0);
  for (let index = 0; index < length; index++) keptCounts[keys[index]! >>> 16]!++;
  const upper = find(rank);
  keptCounts.fill(0);
  for (let index = 0; index < length; index++) {
    const key = keys[index]!;
    if (key >>> 16 === upper.half) keptCounts[key & 0xffff]!++;
  }
  const lower = find(upper.rest);
  return new Float32Array(Uint32Array.of(bitsOf(((upper.half << 16) | lower.half) >>> 0)).buffer)[0]!;
}

/** The half of a key that the rank falls on, and the rank among the values that share it. */
function find(rank: number): { readonly half: number; readonly rest: number } {
  let rest = rank;
  let half = 0;
  while (half < keyCount - 1 && rest >= keptCounts[half]!) rest -= keptCounts[half++]!;
  return { half, rest };
}
