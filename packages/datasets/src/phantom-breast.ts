import type { View } from "@crossread/contracts/dataset-manifest";
import type { Random } from "@crossread/metrics/random";

// Canonical frame of all phantom code: millimetres, chest wall at x = 0, nipple towards larger x, y downwards.
// Up is lateral on CC and superior on MLO. Right breasts are mirrored when the image is finished.

export interface ImageFrame {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixelSizeMm: number;
}

export interface BreastAnatomy {
  readonly depthMm: number;
  readonly halfHeightMm: number;
  /** Shift of the nipple along the chest wall as a fraction of halfHeightMm. */
  readonly nippleShift: number;
  readonly nippleRadiusMm: number;
  /** Width of the axillary tail where the MLO view leaves the detector. */
  readonly axillaWidthMm: number;
  /** 0 firm, 1 sagging below the inframammary fold. */
  readonly ptosis: number;
  readonly pectoralWidthMm: number;
  readonly pectoralHeightMm: number;
  readonly outlineWobble: readonly number[];
}

/** Position of a lesion relative to the nipple of its breast. */
export interface BreastPosition {
  readonly behindNippleMm: number;
  readonly lateralMm: number;
  readonly superiorMm: number;
}

export interface PointMm {
  readonly xMm: number;
  readonly yMm: number;
}

export interface PectoralMuscle {
  /** Width on the upper image edge and height on the chest wall of the muscle triangle. */
  readonly widthMm: number;
  readonly heightMm: number;
}

export interface BreastProjection {
  readonly view: View;
  /** Closed polygon x₀, y₀, x₁, y₁, … that leaves the frame at the chest wall. */
  readonly outline: Float64Array;
  readonly nipple: PointMm;
  readonly nippleRadiusMm: number;
  readonly depthMm: number;
  /** Lower end of the breast on the chest wall: the inframammary fold on MLO. */
  readonly foldYMm: number;
  readonly pectoral: PectoralMuscle | undefined;
}

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

export function sampleBreastAnatomy(random: Random): BreastAnatomy {
  const depthMm = clamp(112 + 15 * random.normal(), 82, 142);
  return {
    depthMm,
    halfHeightMm: clamp(depthMm * (0.9 + 0.07 * random.normal()), 78, 122),
    nippleShift: clamp(0.05 * random.normal(), -0.12, 0.12),
    nippleRadiusMm: 4.5 + 1.8 * random.next(),
    axillaWidthMm: depthMm * (0.62 + 0.12 * random.next()),
    ptosis: random.next(),
    pectoralWidthMm: depthMm * (0.4 + 0.14 * random.next()),
    pectoralHeightMm: 125 + 45 * random.next(),
    outlineWobble: Array.from({ length: 6 }, () => random.normal()),
  };
}

/** The other breast of the same person: alike, never equal. */
export function sampleContralateral(anatomy: BreastAnatomy, random: Random): BreastAnatomy {
  const vary = (value: number, sd: number) => value * (1 + sd * clamp(random.normal(), -2, 2));
  return {
    depthMm: vary(anatomy.depthMm, 0.025),
    halfHeightMm: vary(anatomy.halfHeightMm, 0.025),
    nippleShift: anatomy.nippleShift + 0.015 * random.normal(),
    nippleRadiusMm: vary(anatomy.nippleRadiusMm, 0.05),
    axillaWidthMm: vary(anatomy.axillaWidthMm, 0.04),
    ptosis: clamp(anatomy.ptosis + 0.08 * random.normal(), 0, 1),
    pectoralWidthMm: vary(anatomy.pectoralWidthMm, 0.06),
    pectoralHeightMm: vary(anatomy.pectoralHeightMm, 0.05),
    outlineWobble: anatomy.outlineWobble.map((wobble) => wobble + 0.3 * random.normal()),
  };
}

export function projectBreast(anatomy: BreastAnatomy, view: View, frame: ImageFrame): BreastProjection {
  const heightMm = frame.heightPx * frame.pixelSizeMm;
  return view === "CC" ? projectCraniocaudal(anatomy, heightMm) : projectMediolateral(anatomy, heightMm);
}

function projectCraniocaudal(anatomy: BreastAnatomy, heightMm: number): BreastProjection {
  const centreY = heightMm / 2;
  const recessMm = 12;
  const steps = 120;
  const points: number[] = [];
  const outlineAt = (theta: number): PointMm => {
    const [a = 0, b = 0, c = 0] = anatomy.outlineWobble;
    const wobble = 1 + 0.012 * a * Math.sin(2 * theta + b) + 0.007 * b * Math.sin(3 * theta + c);
    const reach = (anatomy.depthMm + recessMm) * Math.cos(theta) ** 0.92;
    return {
      xMm: reach * wobble - recessMm,
      yMm: centreY + anatomy.halfHeightMm * wobble * Math.sin(theta),
    };
  };
  for (let step = 0; step <= steps; step++) {
    const point = outlineAt(-Math.PI / 2 + (Math.PI * step) / steps);
    points.push(point.xMm, point.yMm);
  }
  points.push(-60, centreY + anatomy.halfHeightMm, -60, centreY - anatomy.halfHeightMm);
  return {
    view: "CC",
    outline: Float64Array.from(points),
    nipple: outlineAt(Math.asin(anatomy.nippleShift)),
    nippleRadiusMm: anatomy.nippleRadiusMm,
    depthMm: anatomy.depthMm,
    foldYMm: centreY + anatomy.halfHeightMm,
    pectoral: undefined,
  };
}

function projectMediolateral(anatomy: BreastAnatomy, heightMm: number): BreastProjection {
  const depth = anatomy.depthMm * 1.04;
  const nippleY = heightMm * (0.52 + 0.05 * anatomy.ptosis) + anatomy.nippleShift * 40;
  const foldY = nippleY + anatomy.halfHeightMm * (1.02 - 0.14 * anatomy.ptosis);
  const lower = foldY - nippleY;
  const tail = anatomy.axillaWidthMm;
  const [a = 0, b = 0, c = 0] = anatomy.outlineWobble;
  const knots: PointMm[] = [
    { xMm: tail * 0.97, yMm: -60 },
    { xMm: tail * (0.98 + 0.02 * a), yMm: -8 },
    { xMm: tail + (depth - tail) * (0.36 + 0.05 * b), yMm: nippleY * 0.38 },
    { xMm: tail + (depth - tail) * (0.83 + 0.02 * c), yMm: nippleY * 0.72 },
    { xMm: depth, yMm: nippleY },
    { xMm: depth * (0.9 + 0.04 * anatomy.ptosis), yMm: nippleY + lower * (0.4 + 0.06 * anatomy.ptosis) },
    { xMm: depth * 0.6, yMm: nippleY + lower * (0.8 + 0.12 * anatomy.ptosis) },
    { xMm: depth * 0.3, yMm: nippleY + lower * (0.96 + 0.08 * anatomy.ptosis) },
    { xMm: depth * 0.16, yMm: foldY + 1 },
    { xMm: depth * 0.19, yMm: foldY + 14 },
    { xMm: depth * 0.27, yMm: foldY + 45 },
    { xMm: depth * 0.36, yMm: heightMm + 80 },
  ];
  const points = splineThrough(knots, 14);
  points.push(-60, heightMm + 80, -60, -60);
  return {
    view: "MLO",
    outline: Float64Array.from(points),
    nipple: { xMm: depth, yMm: nippleY },
    nippleRadiusMm: anatomy.nippleRadiusMm,
    depthMm: depth,
    foldYMm: foldY,
    pectoral: { widthMm: anatomy.pectoralWidthMm, heightMm: anatomy.pectoralHeightMm },
  };
}

/** Catmull–Rom through all knots; the end knots are their own neighbours. */
function splineThrough(knots: readonly PointMm[], stepsPerSegment: number): number[] {
  const points: number[] = [];
  const knot = (index: number) => knots[clamp(index, 0, knots.length - 1)]!;
  const interpolate = (at: number, t: number, read: (point: PointMm) => number) => {
    const before = read(knot(at - 1));
    const start = read(knot(at));
    const end = read(knot(at + 1));
    const after = read(knot(at + 2));
    const slope = end - before;
    const bend = 2 * before - 5 * start + 4 * end - after;
    const twist = 3 * (start - end) + after - before;
    return start + 0.5 * t * (slope + t * (bend + t * twist));
  };
  for (let segment = 0; segment < knots.length - 1; segment++) {
    for (let step = 0; step < stepsPerSegment; step++) {
      const t = step / stepsPerSegment;
      points.push(
        interpolate(segment, t, (point) => point.xMm),
        interpolate(segment, t, (point) => point.yMm),
      );
    }
  }
  const last = knot(knots.length - 1);
  points.push(last.xMm, last.yMm);
  return points;
}

/** Same depth behind the nipple in both views; MLO mixes height and laterality by its 50° obliquity. */
export function projectPosition(projection: BreastProjection, position: BreastPosition): PointMm {
  const upwardsMm =
    projection.view === "CC" ? position.lateralMm : 0.77 * position.superiorMm + 0.64 * position.lateralMm;
  return {
    xMm: projection.nipple.xMm - position.behindNippleMm,
    yMm: projection.nipple.yMm - upwardsMm,
  };
}
