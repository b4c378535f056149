import type { Random } from "@crossread/metrics/random";
import type { ImageFrame, PointMm } from "./phantom-breast.ts";
import type { LesionShape } from "./phantom-lesion.ts";
import { createStrokeLayer, dab, stroke, type StrokeLayer } from "./phantom-stroke.ts";
import { smoothStep } from "./smooth-step.ts";

export interface LesionPainting {
  readonly absorption: Float32Array;
  readonly lesion: LesionShape;
  readonly centre: PointMm;
  readonly frame: ImageFrame;
  /** Stream of this lesion in this view: size and place agree between views, the silhouette does not. */
  readonly random: Random;
}

/** Adds the lesion to the absorption; returns the radius in mm of the circle that encloses it. */
export function paintLesion(painting: LesionPainting): number {
  switch (painting.lesion.kind) {
    case "round-mass":
      return paintRoundMass(painting);
    case "spiculated-mass":
      return paintSpiculatedMass(painting);
    case "scattered-calcifications":
      return paintScatteredCalcifications(painting);
    case "clustered-microcalcifications":
      return paintMicrocalcifications(painting);
  }
}

type PolarProfile = (distanceMm: number, angleRad: number, index: number) => number;

function addProfile(painting: LesionPainting, reachMm: number, profile: PolarProfile): void {
  const { absorption, frame, centre } = painting;
  const { widthPx, heightPx, pixelSizeMm } = frame;
  const top = Math.max(0, Math.floor((centre.yMm - reachMm) / pixelSizeMm));
  const bottom = Math.min(heightPx - 1, Math.ceil((centre.yMm + reachMm) / pixelSizeMm));
  const left = Math.max(0, Math.floor((centre.xMm - reachMm) / pixelSizeMm));
  const right = Math.min(widthPx - 1, Math.ceil((centre.xMm + reachMm) / pixelSizeMm));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const index = y * widthPx + x;
      if (absorption[index]! <= 0) continue;
      const offX = (x + 0.5) * pixelSizeMm - centre.xMm;
      const offY = (y + 0.5) * pixelSizeMm - centre.yMm;
      absorption[index]! += profile(Math.hypot(offX, offY), Math.atan2(offY, offX), index);
    }
  }
}

/** Lays strokes over the tissue; nothing is drawn outside the breast. */
function addLayer(painting: LesionPainting, layer: StrokeLayer): void {
  const { absorption } = painting;
  for (let index = 0; index < absorption.length; index++) {
    if (absorption[index]! > 0) absorption[index]! += layer.values[index]!;
  }
}

/** Radius factor around 1 as a sum of harmonics of falling height. */
function sampleSilhouette(random: Random, harmonics: readonly number[]): (angleRad: number) => number {
  const terms = harmonics.map((height, index) => ({
    order: index + 2,
    height: height * (0.5 + random.next()),
    phase: 2 * Math.PI * random.next(),
  }));
  return (angleRad) =>
    terms.reduce((sum, term) => sum + term.height * Math.cos(term.order * angleRad + term.phase), 1);
}

/** Circumscribed: ellipsoid of even density with a sharp margin. */
function paintRoundMass(painting: LesionPainting): number {
  const { lesion, random, frame } = painting;
  const silhouette = sampleSilhouette(random, [0.09, 0.025, 0.01]);
  const marginMm = Math.max(0.5, 0.8 * frame.pixelSizeMm);
  addProfile(painting, lesion.radiusMm * 1.35 + marginMm, (distanceMm, angleRad) => {
    const edgeMm = lesion.radiusMm * silhouette(angleRad);
    const relative = Math.min(1, distanceMm / edgeMm);
    const thickness = 0.55 + 0.45 * Math.sqrt(1 - relative * relative);
    return lesion.contrast * thickness * smoothStep(-marginMm, marginMm, edgeMm - distanceMm);
  });
  return lesion.radiusMm * 1.15;
}

/** Irregular dense core with an ill-defined margin; the spicules that radiate from it do not add to the core. */
function paintSpiculatedMass(painting: LesionPainting): number {
  const { lesion, random } = painting;
  const silhouette = sampleSilhouette(random, [0.12, 0.1, 0.08, 0.07, 0.06, 0.05]);
  const spicules = drawSpicules(painting);
  addProfile(painting, lesion.radiusMm * 2.8, (distanceMm, angleRad, index) => {
    const relative = distanceMm / (lesion.radiusMm * silhouette(angleRad));
    const core = 0.88 * (1 - smoothStep(0.3, 1.2, relative));
    const halo = 0.2 * (1 - smoothStep(0.6, 2.1, relative));
    return Math.max(lesion.contrast * core, spicules.values[index]!) + lesion.contrast * halo;
  });
  return lesion.radiusMm * 1.6;
}

function drawSpicules(painting: LesionPainting): StrokeLayer {
  const { lesion, centre, frame, random } = painting;
  const layer = createStrokeLayer(frame);
  const count = 16 + random.nextInt(18);
  const turn = 2 * Math.PI * random.next();
  const steps = 8;
  for (let spicule = 0; spicule < count; spicule++) {
    const angle = turn + (2 * Math.PI * (spicule + 1.1 * (random.next() - 0.5))) / count;
    const lengthMm = lesion.radiusMm * (1.15 + 1.2 * random.next() ** 1.7);
    const bend = 0.28 * random.normal();
    const widthMm = 0.7 + 0.9 * random.next();
    const strength = lesion.contrast * (0.4 + 0.4 * random.next());
    stroke(
      layer,
      Array.from({ length: steps + 1 }, (_, step) => {
        const t = step / steps;
        const reachMm = t * lengthMm;
        const heading = angle + bend * t * t;
        return {
          xMm: centre.xMm + reachMm * Math.cos(heading),
          yMm: centre.yMm + reachMm * Math.sin(heading),
          widthMm: widthMm * (1.3 - 0.95 * t),
          strength: strength * (1 - 0.85 * t),
        };
      }),
    );
  }
  return layer;
}

/** Typically benign: coarse, round, few, far apart; some with a lucent centre. */
function paintScatteredCalcifications(painting: LesionPainting): number {
  const { lesion, centre, frame, random } = painting;
  const layer = createStrokeLayer(frame);
  const count = 5 + random.nextInt(8);
  for (let index = 0; index < count; index++) {
    const reachMm = lesion.radiusMm * Math.sqrt(random.next());
    const angle = 2 * Math.PI * random.next();
    dab(layer, {
      xMm: centre.xMm + reachMm * Math.cos(angle),
      yMm: centre.yMm + reachMm * Math.sin(angle),
      widthMm: 1.0 + 1.6 * random.next() ** 2,
      strength: lesion.contrast * (0.7 + 0.3 * random.next()),
    });
  }
  addLayer(painting, layer);
  return lesion.radiusMm;
}

/** Suspicious: many fine pleomorphic specks along branching ducts within a faint density. */
function paintMicrocalcifications(painting: LesionPainting): number {
  const { lesion, centre, frame, random } = painting;
  const silhouette = sampleSilhouette(random, [0.15, 0.1, 0.06]);
  addProfile(painting, lesion.radiusMm * 1.9, (distanceMm, angleRad) => {
    const relative = distanceMm / (lesion.radiusMm * silhouette(angleRad));
    return 0.24 * lesion.contrast * (1 - smoothStep(0.2, 1.3, relative));
  });
  const layer = createStrokeLayer(frame);
  const ductCount = 3 + random.nextInt(4);
  const orientation = 0.6 * random.normal();
  for (let duct = 0; duct < ductCount; duct++) {
    let xMm = centre.xMm + 0.35 * lesion.radiusMm * random.normal();
    let yMm = centre.yMm + 0.35 * lesion.radiusMm * random.normal();
    let heading = orientation + 0.45 * random.normal() + (random.next() < 0.5 ? Math.PI : 0);
    const speckCount = 6 + random.nextInt(9);
    for (let speck = 0; speck < speckCount; speck++) {
      const sizeMm = 0.3 + 0.5 * random.next() ** 2;
      const strength = lesion.contrast * (0.65 + 0.5 * random.next());
      const tailMm = random.next() < 0.4 ? 2.2 * sizeMm : 0;
      if (Math.hypot(xMm - centre.xMm, yMm - centre.yMm) < lesion.radiusMm) {
        stroke(layer, [
          { xMm, yMm, widthMm: sizeMm, strength },
          {
            xMm: xMm + (tailMm + 0.01) * Math.cos(heading),
            yMm: yMm + (tailMm + 0.01) * Math.sin(heading),
            widthMm: sizeMm,
            strength,
          },
        ]);
      }
      const gapMm = tailMm + 0.7 + 1.1 * random.next();
      heading += 0.3 * random.normal();
      xMm += gapMm * Math.cos(heading);
      yMm += gapMm * Math.sin(heading);
    }
  }
  addLayer(painting, layer);
  return lesion.radiusMm * 1.1;
}
