import type { Random } from "@crossread/metrics/random";
import type { BreastProjection, ImageFrame } from "./phantom-breast.ts";
import { muscleDistanceMm } from "./phantom-pectoral.ts";
import { smoothStep } from "./smooth-step.ts";
import { sampleField, type PeriodicField } from "./power-law-noise.ts";

export interface GlandFieldOptions {
  readonly projection: BreastProjection;
  readonly fields: { readonly lobules: PeriodicField; readonly ducts: PeriodicField };
  readonly pixelSizeMm: number;
  /** Where this view looks into the fields. */
  readonly offsetPx: number;
  readonly random: Random;
}

export interface GlandField extends Omit<GlandFieldOptions, "random"> {
  readonly tiltRad: number;
}

export function createGlandField(options: GlandFieldOptions): GlandField {
  const { random, ...field } = options;
  // Glandular tissue favours the upper outer quadrant, which is upwards in both views.
  return { ...field, tiltRad: 0.1 + 0.08 * random.normal() };
}

interface TissuePoint {
  readonly xMm: number;
  readonly yMm: number;
  readonly depthMm: number;
  /** Coordinates around the nipple in pixels of the fields: along and across the ducts. */
  readonly alongPx: number;
  readonly acrossPx: number;
}

/** Millimetres of arc that one radian around the nipple stands for when ducts are looked up. */
const arcMmPerRadian = 60;

/** How much a point asks to be gland: anatomy's prior plus power-law lobules and ducts that run to the nipple. */
function glandScore(gland: GlandField, point: TissuePoint): number {
  const { projection, pixelSizeMm } = gland;
  const relative = (point.alongPx * pixelSizeMm) / projection.depthMm;
  const spread = ((point.acrossPx * pixelSizeMm) / arcMmPerRadian - gland.tiltRad) / 0.55;
  const subcutaneous = smoothStep(3, 30, point.depthMm);
  const central = Math.exp(-0.5 * spread * spread);
  const retromammary = 1 - smoothStep(0.5, 1.1, relative);
  const clearOfMuscle =
    projection.pectoral === undefined
      ? 1
      : 1 - smoothStep(-22, 0, muscleDistanceMm(projection.pectoral, point.xMm, point.yMm));
  const prior = 1.5 * subcutaneous + 1.7 * central + 1.1 * retromammary + 1.1 * clearOfMuscle;
  const abdominal = 3 * smoothStep(-14, 0, point.yMm - projection.foldYMm);
  const { lobules, ducts } = gland.fields;
  const lobule = sampleField(
    lobules,
    point.xMm / pixelSizeMm + gland.offsetPx,
    point.yMm / pixelSizeMm + gland.offsetPx,
  );
  const duct = sampleField(ducts, 0.4 * point.alongPx + gland.offsetPx, 0.9 * point.acrossPx);
  return prior - abdominal + 0.42 * lobule + 0.34 * duct;
}

/** Values on a grid of every stepPx-th pixel; score > 0 where the asked share of the breast is glandular. */
export interface GlandMap {
  readonly stepPx: number;
  readonly columns: number;
  readonly score: Float32Array;
  readonly alongPx: Float32Array;
  readonly acrossPx: Float32Array;
}

export interface GlandMapOptions {
  readonly frame: ImageFrame;
  readonly skinDistance: Float32Array;
  readonly glandShare: number;
}

export function glandMap(gland: GlandField, options: GlandMapOptions): GlandMap {
  const { frame, skinDistance } = options;
  const { projection } = gland;
  const stepPx = Math.max(1, Math.round(0.9 / frame.pixelSizeMm));
  const columns = Math.ceil(frame.widthPx / stepPx) + 1;
  const rows = Math.ceil(frame.heightPx / stepPx) + 1;
  const map: GlandMap = {
    stepPx,
    columns,
    score: new Float32Array(columns * rows),
    alongPx: new Float32Array(columns * rows),
    acrossPx: new Float32Array(columns * rows),
  };
  const breastScores = new Float32Array(columns * rows);
  let breastCount = 0;
  for (let row = 0; row < rows; row++) {
    const y = Math.min(frame.heightPx - 1, row * stepPx);
    for (let column = 0; column < columns; column++) {
      const x = Math.min(frame.widthPx - 1, column * stepPx);
      const depthMm = skinDistance[y * frame.widthPx + x]!;
      if (depthMm < -3) continue;
      const xMm = (x + 0.5) * frame.pixelSizeMm;
      const yMm = (y + 0.5) * frame.pixelSizeMm;
      const offX = projection.nipple.xMm - xMm;
      const offY = projection.nipple.yMm - yMm;
      const index = row * columns + column;
      const alongPx = Math.hypot(offX, offY) / frame.pixelSizeMm;
      const acrossPx = (arcMmPerRadian * Math.atan2(offY, offX)) / frame.pixelSizeMm;
      map.alongPx[index] = alongPx;
      map.acrossPx[index] = acrossPx;
      const score = glandScore(gland, { xMm, yMm, depthMm, alongPx, acrossPx });
      map.score[index] = score;
      const { pectoral } = projection;
      const isMuscle = pectoral !== undefined && muscleDistanceMm(pectoral, xMm, yMm) > 0;
      if (depthMm > 0 && !isMuscle) breastScores[breastCount++] = score;
    }
  }
  const ordered = breastScores.subarray(0, breastCount).sort();
  const rank = Math.min(breastCount - 1, Math.floor((1 - options.glandShare) * breastCount));
  const threshold = ordered[rank] ?? 0;
  for (let index = 0; index < map.score.length; index++) map.score[index] = map.score[index]! - threshold;
  return map;
}
