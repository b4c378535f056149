import type { Numbers } from "./input-assertions.ts";

/** Indices that sort the values ascending. */
export function ascendingOrder(values: Numbers): Uint32Array {
  const order = Uint32Array.from({ length: values.length }, (_, index) => index);
  return order.sort((left, right) => values[left]! - values[right]!);
}

/**
 * Ranks from 1, equal values share the mean of their ranks.
 *
 * @param values - finite, any scale
 * @returns shape of values; multiples of ½
 * @complexity O(n log n) time, O(n) memory
 */
export function midranks(values: Numbers): Float64Array {
  const order = ascendingOrder(values);
  const ranks = new Float64Array(values.length);
  let start = 0;
  while (start < order.length) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    const shared = (start + 1 + end) / 2;
    for (let position = start; position < end; position++) ranks[order[position]!] = shared;
    start = end;
  }
  return ranks;
}
