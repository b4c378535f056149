/** Seeded pseudo-random numbers: xoshiro128** seeded by splitmix32; streams fork by label so that order of use does not matter. */
export interface Random {
  /** Uniform in [0, 1) with 32 random bits. */
  next(): number;
  /** Uniform integer in [0, bound). */
  nextInt(bound: number): number;
  /** Standard normal (Box–Muller). */
  normal(): number;
  /** Independent stream that depends on this stream's seed and the label only. */
  fork(label: string): Random;
  /** New array, uniformly permuted (Fisher–Yates). */
  shuffle<TItem>(items: readonly TItem[]): TItem[];
}

function splitMix32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
}

function hashLabel(seed: number, label: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < label.length; index++) {
    hash = Math.imul(hash ^ label.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}

const rotateLeft = (value: number, bits: number) => ((value << bits) | (value >>> (32 - bits))) >>> 0;

/**
 * Deterministic generator; not for cryptography.
 *
 * @param seed - any integer; reduced modulo 2³²
 * @source Blackman & Vigna, "Scrambled linear pseudorandom number generators" (2018), xoshiro128**
 */
export function createRandom(seed: number): Random {
  const expand = splitMix32(seed);
  let a = expand();
  let b = expand();
  let c = expand();
  let d = expand();
  let spareNormal: number | undefined;

  const nextUint32 = () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5) >>> 0, 7), 9) >>> 0;
    const t = (b << 9) >>> 0;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c = (c ^ t) >>> 0;
    d = rotateLeft(d >>> 0, 11);
    return result;
  };

  const random: Random = {
    next: () => nextUint32() / 0x1_0000_0000,
    nextInt: (bound) => Math.floor(random.next() * bound),
    normal: () => {
      if (spareNormal !== undefined) {
        const value = spareNormal;
        spareNormal = undefined;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
      const angle = 2 * Math.PI * random.next();
      spareNormal = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    fork: (label) => createRandom(hashLabel(seed, label)),
    shuffle: (items) => {
      const result = [...items];
      for (let index = result.length - 1; index > 0; index--) {
        const other = random.nextInt(index + 1);
        const swap = result[index]!;
        result[index] = result[other]!;
        result[other] = swap;
      }
      return result;
    },
  };
  return random;
}
