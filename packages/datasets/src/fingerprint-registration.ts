/**
 * Whether two fingerprints show one image: the similarity transform (turn, scale, shift, mirror) on which most of their
 * points agree in place, scale, direction and code.
 */
import { mirrorFingerprint, type Fingerprint } from "./image-fingerprint.ts";
import { codeWords } from "./keypoint-code.ts";

/** Bits of 128 in which two codes of the same place may differ. */
const maxCodeDistance = 40;
const maxPairs = 160;
const coarseReachPx = 5;
/** Within this, and with this code distance, lie the points of copies; coincidences lie anywhere within the coarse reach. */
const fineReachPx = 2.5;
export const maxAgreeingDistance = 36;
const maxLogScaleGap = 0.5;
const maxAngleGap = 0.45;
const leastScale = 0.4;
const evidenceCellPx = 32;
const maxPlacesPerCell = 3;
const placePx = 3;

/**
 * What a copy must reach. Of the 51,681 pairs of mini-MIAS one reaches both: a woman who is in the set twice, under two
 * numbers. No other pair has more than 10 places or, having 10, a score above 0.2. What planted copies reach is in
 * bench/RESULTS.md.
 */
export const leastAgreeing = 11;
export const leastScore = 0.22;

/** Maps a point of the first image, mirrored first where isMirrored, to the second: x' = a·x − b·y + tx, y' = b·x + a·y + ty. */
export interface Registration {
  readonly isMirrored: boolean;
  readonly scale: number;
  readonly rotationDegrees: number;
  readonly a: number;
  readonly b: number;
  readonly txPx: number;
  readonly tyPx: number;
  /** Distinct places on which the images agree, at most three in a cell of an eighth of the frame. */
  readonly agreeingCount: number;
  /** The same as a share of what could agree where the images overlap, in [0, 1]. */
  readonly score: number;
}

export const isCopy = (found: Registration): boolean =>
  found.agreeingCount >= leastAgreeing && found.score >= leastScore;

/**
 * Best similarity transform between two fingerprints and how much speaks for it.
 *
 * @returns undefined where no three points agree
 * @complexity O(points²) code distances and O(pairs²) checks of agreement, below 1 ms
 */
export function registerFingerprints(first: Fingerprint, second: Fingerprint): Registration | undefined {
  const straight = registerOneWay(first, second, false);
  const mirrored = registerOneWay(mirrorFingerprint(first), second, true);
  if (straight === undefined || mirrored === undefined) return straight ?? mirrored;
  return mirrored.agreeingCount > straight.agreeingCount ? mirrored : straight;
}

interface PointPair {
  readonly i: number;
  readonly j: number;
  readonly distance: number;
}

function registerOneWay(a: Fingerprint, b: Fingerprint, isMirrored: boolean): Registration | undefined {
  const pairs = pairUp(a, b);
  let best: PointPair[] = [];
  for (const seed of pairs) {
    const hypothesis = fromOnePair(a, b, seed);
    if (hypothesis === undefined) continue;
    const agreeing = pairs.filter((pair) => agrees(a, b, pair, { by: hypothesis, reachPx: coarseReachPx }));
    if (agreeing.length > best.length) best = agreeing;
  }
  if (best.length < 3) return undefined;
  let fitted = fit(a, b, best);
  for (let pass = 0; pass < 2; pass++) {
    const again = pairs.filter((pair) => agrees(a, b, pair, { by: fitted, reachPx: coarseReachPx }));
    if (again.length < 3) break;
    best = again;
    fitted = fit(a, b, best);
  }
  const agreeing = best.filter(
    (pair) =>
      pair.distance <= maxAgreeingDistance && agrees(a, b, pair, { by: fitted, reachPx: fineReachPx }),
  );
  return summarize(a, b, { pairs: agreeing, fitted, isMirrored });
}

/** For every point of the second the most similar of the first. */
function pairUp(a: Fingerprint, b: Fingerprint): PointPair[] {
  const pairs: PointPair[] = [];
  for (let j = 0; j < b.count; j++) {
    let best = maxCodeDistance + 1;
    let bestI = -1;
    for (let i = 0; i < a.count; i++) {
      const distance = codeDistance(a.codes, i * codeWords, b.codes, j * codeWords);
      if (distance < best) {
        best = distance;
        bestI = i;
      }
    }
    if (bestI >= 0) pairs.push({ i: bestI, j, distance: best });
  }
  return pairs.sort((x, y) => x.distance - y.distance).slice(0, maxPairs);
}

export function codeDistance(a: Uint32Array, aAt: number, b: Uint32Array, bAt: number): number {
  let count = 0;
  for (let word = 0; word < codeWords; word++) count += popCount(a[aAt + word]! ^ b[bAt + word]!);
  return count;
}

function popCount(bits: number): number {
  let v = bits - ((bits >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly txPx: number;
  readonly tyPx: number;
  readonly logScale: number;
  readonly angle: number;
}

function fromOnePair(a: Fingerprint, b: Fingerprint, { i, j }: PointPair): Similarity | undefined {
  const logScale = b.logScale[j]! - a.logScale[i]!;
  if (Math.abs(logScale) > -Math.log2(leastScale)) return undefined;
  const angle = b.angle[j]! - a.angle[i]!;
  const scale = 2 ** logScale;
  const cosine = scale * Math.cos(angle);
  const sine = scale * Math.sin(angle);
  return {
    a: cosine,
    b: sine,
    txPx: b.xPx[j]! - (cosine * a.xPx[i]! - sine * a.yPx[i]!),
    tyPx: b.yPx[j]! - (sine * a.xPx[i]! + cosine * a.yPx[i]!),
    logScale,
    angle,
  };
}

function agrees(
  a: Fingerprint,
  b: Fingerprint,
  { i, j }: PointPair,
  { by, reachPx }: { readonly by: Similarity; readonly reachPx: number },
): boolean {
  const dx = by.a * a.xPx[i]! - by.b * a.yPx[i]! + by.txPx - b.xPx[j]!;
  const dy = by.b * a.xPx[i]! + by.a * a.yPx[i]! + by.tyPx - b.yPx[j]!;
  if (dx * dx + dy * dy > reachPx * reachPx) return false;
  if (Math.abs(b.logScale[j]! - a.logScale[i]! - by.logScale) > maxLogScaleGap) return false;
  const turn = Math.abs(b.angle[j]! - a.angle[i]! - by.angle) % (2 * Math.PI);
  return Math.min(turn, 2 * Math.PI - turn) <= maxAngleGap;
}

/** Least-squares similarity. */
function fit(a: Fingerprint, b: Fingerprint, pairs: readonly PointPair[]): Similarity {
  const n = pairs.length;
  let ax = 0;
  let ay = 0;
  let bx = 0;
  let by = 0;
  for (const { i, j } of pairs) {
    ax += a.xPx[i]! / n;
    ay += a.yPx[i]! / n;
    bx += b.xPx[j]! / n;
    by += b.yPx[j]! / n;
  }
  let along = 0;
  let across = 0;
  let squares = 0;
  for (const { i, j } of pairs) {
    const x = a.xPx[i]! - ax;
    const y = a.yPx[i]! - ay;
    const u = b.xPx[j]! - bx;
    const v = b.yPx[j]! - by;
    along += x * u + y * v;
    across += x * v - y * u;
    squares += x * x + y * y;
  }
  const cosine = squares === 0 ? 1 : along / squares;
  const sine = squares === 0 ? 0 : across / squares;
  return {
    a: cosine,
    b: sine,
    txPx: bx - (cosine * ax - sine * ay),
    tyPx: by - (sine * ax + cosine * ay),
    logScale: Math.log2(Math.hypot(cosine, sine)),
    angle: Math.atan2(sine, cosine),
  };
}

function summarize(
  a: Fingerprint,
  b: Fingerprint,
  found: { readonly pairs: readonly PointPair[]; readonly fitted: Similarity; readonly isMirrored: boolean },
): Registration {
  const { fitted, isMirrored, pairs } = found;
  const evidence = Math.min(
    spreadEvidence(pairs.map(({ i }) => [a.xPx[i]!, a.yPx[i]!])),
    spreadEvidence(pairs.map(({ j }) => [b.xPx[j]!, b.yPx[j]!])),
  );
  const possible = Math.min(
    spreadEvidence(
      pointsInside(a, b, (x, y) => [
        fitted.a * x - fitted.b * y + fitted.txPx,
        fitted.b * x + fitted.a * y + fitted.tyPx,
      ]),
    ),
    spreadEvidence(pointsInside(b, a, inverseOf(fitted))),
  );
  return {
    isMirrored,
    scale: 2 ** fitted.logScale,
    rotationDegrees: (fitted.angle * 180) / Math.PI,
    a: fitted.a,
    b: fitted.b,
    txPx: fitted.txPx,
    tyPx: fitted.tyPx,
    agreeingCount: evidence,
    score: Math.min(1, evidence / Math.max(evidence, possible, 1)),
  };
}

type Place = readonly [number, number];

/** Distinct places, few in a cell: a marker plate that many films share must not speak for the breast. */
function spreadEvidence(points: readonly Place[]): number {
  const places = new Set(points.map(([x, y]) => Math.round(y / placePx) * 1024 + Math.round(x / placePx)));
  const perCell = new Map<number, number>();
  for (const place of places) {
    const column = Math.floor(((place % 1024) * placePx) / evidenceCellPx);
    const row = Math.floor((Math.floor(place / 1024) * placePx) / evidenceCellPx);
    const cell = row * 1024 + column;
    perCell.set(cell, Math.min(maxPlacesPerCell, (perCell.get(cell) ?? 0) + 1));
  }
  return [...perCell.values()].reduce((sum, count) => sum + count, 0);
}

function pointsInside(from: Fingerprint, to: Fingerprint, map: (xPx: number, yPx: number) => Place): Place[] {
  return Array.from({ length: from.count }, (_, index): Place => [from.xPx[index]!, from.yPx[index]!]).filter(
    ([xPx, yPx]) => {
      const [x, y] = map(xPx, yPx);
      return x >= 0 && y >= 0 && x < to.widthPx && y < to.heightPx;
    },
  );
}

function inverseOf({ a, b, txPx, tyPx }: Similarity): (xPx: number, yPx: number) => Place {
  const determinant = a * a + b * b;
  return (xPx, yPx) => {
    const dx = xPx - txPx;
    const dy = yPx - tyPx;
    return [(a * dx + b * dy) / determinant, (a * dy - b * dx) / determinant];
  };
}
