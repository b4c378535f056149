/** x′ = a·x + c·y + e, y′ = b·x + d·y + f: the order of SVG's and CSS's matrix(). */
export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

export interface Point {
  readonly xPx: number;
  readonly yPx: number;
}

/** The map that carries (0,0), (1,0) and (0,1) to the given points. */
export function affineThrough(origin: Point, alongX: Point, alongY: Point): Affine {
  return {
    a: alongX.xPx - origin.xPx,
    b: alongX.yPx - origin.yPx,
    c: alongY.xPx - origin.xPx,
    d: alongY.yPx - origin.yPx,
    e: origin.xPx,
    f: origin.yPx,
  };
}

export const applyAffine = (m: Affine, point: Point): Point => ({
  xPx: m.a * point.xPx + m.c * point.yPx + m.e,
  yPx: m.b * point.xPx + m.d * point.yPx + m.f,
});

/** Undefined where the map is not invertible: the viewport has no size yet. */
export function invertAffine(m: Affine): Affine | undefined {
  const determinant = m.a * m.d - m.b * m.c;
  if (!Number.isFinite(determinant) || determinant === 0) return undefined;
  return {
    a: m.d / determinant,
    b: -m.b / determinant,
    c: -m.c / determinant,
    d: m.a / determinant,
    e: (m.c * m.f - m.d * m.e) / determinant,
    f: (m.b * m.e - m.a * m.f) / determinant,
  };
}

/** Length on the target of a unit length of the source; image axes stay orthogonal and equally scaled. */
export const scaleOf = (m: Affine): number => Math.hypot(m.a, m.b);

export const toCssMatrix = (m: Affine): string => `matrix(${m.a},${m.b},${m.c},${m.d},${m.e},${m.f})`;
