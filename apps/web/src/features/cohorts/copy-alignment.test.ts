import type { CopyTransform } from "@crossread/contracts/copy-transform";
import { expect, it } from "vitest";
import { alignSecond, describeTransform } from "./copy-alignment.ts";

const first = { widthPx: 300, heightPx: 400 };
const side = 200;

/** By the contract's words: mirrored first, then a similarity, in shares of the longest side. */
function toSecond(t: CopyTransform, x: number, y: number): readonly [number, number] {
  const u = t.isMirrored ? first.widthPx / first.heightPx - x : x;
  return [t.a * u - t.b * y + t.tx, t.b * u + t.a * y + t.ty];
}

it.each<[string, CopyTransform]>([
  ["nothing", { isMirrored: false, a: 1, b: 0, tx: 0, ty: 0 }],
  ["a turn, a size and a shift", { isMirrored: false, a: 0.3, b: 0.8, tx: 0.7, ty: -0.2 }],
  ["a mirror too", { isMirrored: true, a: -0.9, b: 0.2, tx: 0.4, ty: 0.9 }],
])("brings every place of the second image back to the first after %s", (_name, transform) => {
  const values = alignSecond(transform, first, side)
    .replace(/^matrix\(|\)$/g, "")
    .split(",")
    .map(Number);
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = values;
  for (const [x, y] of [
    [0.1, 0.2],
    [0.6, 0.9],
  ] as const) {
    const [u, v] = toSecond(transform, x, y);
    expect(a * u * side + c * v * side + e).toBeCloseTo(x * side, 2);
    expect(b * u * side + d * v * side + f).toBeCloseTo(y * side, 2);
  }
});

it("says in words what was done", () => {
  expect(describeTransform({ isMirrored: true, a: 0, b: 0.9, tx: 0, ty: 0 })).toBe(
    "mirrored, turned 90°, 0.90 times the size",
  );
  expect(describeTransform({ isMirrored: false, a: 1, b: 0.001, tx: 0, ty: 0 })).toBe(
    "same orientation and size",
  );
});
