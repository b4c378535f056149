/**
 * Inverse 8 × 8 DCT in integers, as the IJG library's accurate method computes it for 12-bit samples, so that its
 * decoders (dcmtk's among them) give the same values to the last bit.
 *
 * @source C. Loeffler, A. Ligtenberg, G. Moschytz, ICASSP 1989, p. 988, with factors of 13 fraction bits
 */
const fractionBits = 13;
/** Fraction bits kept between the two passes; 1 leaves room for 12-bit samples in 32 bits. */
const passBits = 1;

const f = (value: number): number => Math.round(value * 2 ** fractionBits);
const f0298 = f(0.298631336);
const f0390 = f(0.390180644);
const f0541 = f(0.5411961);
const f0765 = f(0.765366865);
const f0899 = f(0.899976223);
const f1175 = f(1.175875602);
const f1501 = f(1.50132111);
const f1847 = f(1.847759065);
const f1961 = f(1.96157056);
const f2053 = f(2.053119869);
const f2562 = f(2.562915447);
const f3072 = f(3.072711026);

/** Dequantised coefficients, row-major, are replaced by samples around 0. */
export function inverseDct(block: Int32Array): void {
  for (let column = 0; column < 8; column++)
    transform(block, { start: column, step: 8, shift: fractionBits - passBits });
  for (let row = 0; row < 64; row += 8)
    transform(block, { start: row, step: 1, shift: fractionBits + passBits + 3 });
}

interface Line {
  readonly start: number;
  readonly step: number;
  readonly shift: number;
}

function transform(block: Int32Array, { start, step, shift }: Line): void {
  const at = (index: number) => block[start + index * step]!;
  const evenShared = Math.imul(at(2) + at(6), f0541);
  const even2 = evenShared - Math.imul(at(6), f1847);
  const even3 = evenShared + Math.imul(at(2), f0765);
  const even0 = (at(0) + at(4)) << fractionBits;
  const even1 = (at(0) - at(4)) << fractionBits;
  const sums = [even0 + even3, even1 + even2, even1 - even2, even0 - even3] as const;

  const z1 = -Math.imul(at(7) + at(1), f0899);
  const z2 = -Math.imul(at(5) + at(3), f2562);
  const z5 = Math.imul(at(7) + at(3) + at(5) + at(1), f1175);
  const z3 = z5 - Math.imul(at(7) + at(3), f1961);
  const z4 = z5 - Math.imul(at(5) + at(1), f0390);
  const odds = [
    Math.imul(at(1), f1501) + z1 + z4,
    Math.imul(at(3), f3072) + z2 + z3,
    Math.imul(at(5), f2053) + z2 + z4,
    Math.imul(at(7), f0298) + z1 + z3,
  ] as const;

  const half = 1 << (shift - 1);
  for (let index = 0; index < 4; index++) {
    block[start + index * step] = (sums[index]! + odds[index]! + half) >> shift;
    block[start + (7 - index) * step] = (sums[index]! - odds[index]! + half) >> shift;
  }
}
