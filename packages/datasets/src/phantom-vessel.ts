import type { Random } from "@crossread/metrics/random";
import type { BreastProjection, ImageFrame } from "./phantom-breast.ts";
import { muscleShare } from "./phantom-pectoral.ts";
import { createStrokeLayer, stroke, type StrokePoint } from "./phantom-stroke.ts";

export interface VesselCanvas {
  readonly absorption: Float32Array;
  readonly projection: BreastProjection;
  readonly skinDistance: Float32Array;
  readonly frame: ImageFrame;
  readonly random: Random;
}

/** Veins: a few long, gently winding tubes that thin out towards the nipple and fork now and then. */
export function addVessels(canvas: VesselCanvas): void {
  const { absorption, projection, skinDistance, frame, random } = canvas;
  const layer = createStrokeLayer(frame);
  const count = 3 + random.nextInt(4);
  for (let index = 0; index < count; index++) {
    const side = random.next() < 0.65 ? -1 : 1;
    const start = {
      xMm: projection.depthMm * (0.02 + 0.25 * random.next()),
      yMm: projection.nipple.yMm + side * projection.depthMm * (0.35 + 0.55 * random.next()),
    };
    const widthMm = 1.1 + 1.1 * random.next();
    const path = windTowardsNipple(projection, { start, widthMm, random });
    stroke(layer, path);
    const fork = path[Math.floor(path.length * (0.3 + 0.4 * random.next()))];
    if (fork !== undefined && random.next() < 0.7) {
      stroke(layer, windTowardsNipple(projection, { start: fork, widthMm: 0.65 * widthMm, random }));
    }
  }
  const { pectoral } = projection;
  for (let index = 0; index < absorption.length; index++) {
    const value = layer.values[index]!;
    if (value <= 0.002 || absorption[index]! <= 0) continue;
    const xMm = ((index % frame.widthPx) + 0.5) * frame.pixelSizeMm;
    const yMm = (Math.floor(index / frame.widthPx) + 0.5) * frame.pixelSizeMm;
    const inFrontOfMuscle = pectoral === undefined ? 1 : 1 - muscleShare(pectoral, xMm, yMm);
    absorption[index]! += value * inFrontOfMuscle * Math.min(1, Math.max(0, skinDistance[index]! / 6));
  }
}

interface VesselPath {
  readonly start: { readonly xMm: number; readonly yMm: number };
  readonly widthMm: number;
  readonly random: Random;
}

function windTowardsNipple(projection: BreastProjection, path: VesselPath): StrokePoint[] {
  const { random } = path;
  const stepMm = 5;
  const bias = 0.55 * random.normal();
  const strength = 0.05 + 0.05 * random.next();
  let { xMm, yMm } = path.start;
  let drift = 0;
  const points: StrokePoint[] = [];
  const stepCount = 8 + random.nextInt(10);
  for (let step = 0; step < stepCount; step++) {
    const fade = 1 - step / stepCount;
    const emerging = Math.min(1, (step + 0.3) / 2.5);
    points.push({
      xMm,
      yMm,
      widthMm: path.widthMm * (0.45 + 0.55 * fade),
      strength: strength * emerging * (0.3 + 0.7 * fade),
    });
    drift = 0.75 * drift + 0.16 * random.normal();
    const heading =
      Math.atan2(projection.nipple.yMm - yMm, projection.nipple.xMm - xMm) + bias * fade + drift;
    xMm += stepMm * Math.cos(heading);
    yMm += stepMm * Math.sin(heading);
  }
  return points;
}
