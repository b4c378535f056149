import type { Random } from "@crossread/metrics/random";
import type { BreastProjection, ImageFrame } from "./phantom-breast.ts";
import { createGlandField, glandMap, type GlandMap } from "./phantom-gland.ts";
import { muscleShare } from "./phantom-pectoral.ts";
import { smoothStep } from "./smooth-step.ts";
import { addVessels } from "./phantom-vessel.ts";
import {
  createPowerLawSynthesizer,
  sampleField,
  type PeriodicField,
  type PowerLawSynthesizer,
} from "./power-law-noise.ts";

/** ACR BI-RADS breast composition. */
export type BreastDensity = "A" | "B" | "C" | "D";

export const breastDensities: readonly BreastDensity[] = ["A", "B", "C", "D"];

/** Share of the projected breast that shows glandular tissue, [lowest, highest]. */
const glandShareRange: Readonly<Record<BreastDensity, readonly [number, number]>> = {
  A: [0.05, 0.14],
  B: [0.17, 0.32],
  C: [0.38, 0.56],
  D: [0.62, 0.8],
};

export function sampleGlandShare(density: BreastDensity, random: Random): number {
  const [low, high] = glandShareRange[density];
  return low + (high - low) * random.next();
}

/** Tables for one raster; fields repeat after at least 200 mm. */
export interface TissueSynthesizer {
  readonly frame: ImageFrame;
  readonly parenchyma: PowerLawSynthesizer;
  readonly strands: PowerLawSynthesizer;
}

/** Random structure of one breast; its views look into the same fields at different offsets. */
export interface TissueFields {
  readonly lobules: PeriodicField;
  readonly ducts: PeriodicField;
  readonly coarseStrands: PeriodicField;
  readonly fineStrands: PeriodicField;
}

const parenchymaExponent = 3;
/** Steeper than parenchyma, so that the zero lines that become strands are smooth curves. */
const strandExponent = 4.6;
/** Strand fields have no detail at pixel scale and are synthesised at half resolution. */
const strandScale = 0.5;

export function createTissueSynthesizer(frame: ImageFrame): TissueSynthesizer {
  const sizePx = 2 ** Math.ceil(Math.log2(200 / frame.pixelSizeMm));
  const cycles = (wavelengthMm: number) => Math.max(1, (sizePx * frame.pixelSizeMm) / wavelengthMm);
  return {
    frame,
    parenchyma: createPowerLawSynthesizer(sizePx, parenchymaExponent, cycles(70)),
    strands: createPowerLawSynthesizer(sizePx * strandScale, strandExponent, cycles(26)),
  };
}

export function synthesizeFields(synthesizer: TissueSynthesizer, random: Random): TissueFields {
  const [lobules, ducts] = synthesizer.parenchyma(random.fork("parenchyma"));
  const [coarseStrands, fineStrands] = synthesizer.strands(random.fork("strands"));
  return { lobules, ducts, coarseStrands, fineStrands };
}

export interface TissueOptions {
  readonly frame: ImageFrame;
  readonly fields: TissueFields;
  readonly projection: BreastProjection;
  /** Share of the projected breast, pectoral muscle excluded, that is glandular, (0, 1). */
  readonly glandShare: number;
  readonly skinDistance: Float32Array;
  readonly random: Random;
}

/**
 * Healthy breast as relative X-ray absorption after thickness equalisation.
 *
 * @returns shape [heightPx, widthPx]; 0 outside the breast, about 0.2 fat, 0.5 gland, 0.6 muscle
 * @complexity O(pixels)
 */
export function renderTissue(options: TissueOptions): Float32Array {
  const { frame, fields, projection, skinDistance, random } = options;
  const { widthPx, heightPx, pixelSizeMm } = frame;
  const { ducts, coarseStrands, fineStrands } = fields;
  const offsetPx = random.nextInt(ducts.sizePx);
  const gland = createGlandField({ projection, fields, pixelSizeMm, offsetPx, random });
  const map = glandMap(gland, { frame, skinDistance, glandShare: options.glandShare });
  const absorption = new Float32Array(widthPx * heightPx);
  const mask = ducts.sizePx - 1;
  const at: GlandReading = { x: 0, y: 0, score: 0, alongPx: 0, acrossPx: 0 };
  for (let y = 0; y < heightPx; y++) {
    const yMm = (y + 0.5) * pixelSizeMm;
    const textureRow = ((y + offsetPx) & mask) * ducts.sizePx;
    for (let x = 0; x < widthPx; x++) {
      const index = y * widthPx + x;
      const depthMm = skinDistance[index]!;
      if (depthMm <= -0.5 * pixelSizeMm) continue;
      at.x = x;
      at.y = y;
      readGland(map, at);
      const share = smoothStep(-0.75, 0.75, at.score);
      const texture = ducts.values[textureRow + ((x + offsetPx) & mask)]!;
      const along = strandScale * at.alongPx + offsetPx;
      const across = strandScale * at.acrossPx;
      const strong = ridge(sampleField(coarseStrands, 0.5 * along, across), 0.016);
      const weak = ridge(sampleField(fineStrands, 0.9 * along, 1.8 * across), 0.03);
      const stroma = 0.45 + 0.55 * smoothStep(-1.8, 0, at.score);
      const strand = stroma * (0.06 * strong + 0.04 * weak);
      const rim = 1 - Math.min(1, Math.max(0, depthMm) / 24);
      const thickness = 0.22 + 0.78 * Math.sqrt(1 - rim * rim);
      let inner = 0.2 + 0.012 * texture + strand + share * (0.22 + 0.04 * texture);
      if (projection.pectoral !== undefined) {
        const muscle = muscleShare(projection.pectoral, (x + 0.5) * pixelSizeMm, yMm);
        if (muscle > 0) {
          const bundle = sampleField(fineStrands, 0.15 * (x + y), 0.5 * x - 0.25 * y);
          inner += muscle * (0.56 + 0.01 * bundle + 0.012 * texture + 0.3 * strand - inner);
        }
      }
      const skinOffset = (depthMm - 0.9) / 0.7;
      const skin = depthMm < 4 ? 0.1 * Math.exp(-skinOffset * skinOffset) : 0;
      const coverage = Math.min(1, depthMm / pixelSizeMm + 0.5);
      absorption[index] = coverage * (thickness * inner + skin);
    }
  }
  addVessels({ absorption, projection, skinDistance, frame, random });
  return absorption;
}

const ridge = (value: number, widthSquared: number) => Math.exp(-(value * value) / widthSquared);

interface GlandReading {
  x: number;
  y: number;
  score: number;
  alongPx: number;
  acrossPx: number;
}

function readGland(map: GlandMap, at: GlandReading): void {
  const gridX = at.x / map.stepPx;
  const gridY = at.y / map.stepPx;
  const column = Math.floor(gridX);
  const row = Math.floor(gridY);
  const right = gridX - column;
  const down = gridY - row;
  const index = row * map.columns + column;
  const below = index + map.columns;
  const w00 = (1 - right) * (1 - down);
  const w01 = right * (1 - down);
  const w10 = (1 - right) * down;
  const w11 = right * down;
  const { score, alongPx, acrossPx } = map;
  at.score = w00 * score[index]! + w01 * score[index + 1]! + w10 * score[below]! + w11 * score[below + 1]!;
  at.alongPx =
    w00 * alongPx[index]! + w01 * alongPx[index + 1]! + w10 * alongPx[below]! + w11 * alongPx[below + 1]!;
  at.acrossPx =
    w00 * acrossPx[index]! + w01 * acrossPx[index + 1]! + w10 * acrossPx[below]! + w11 * acrossPx[below + 1]!;
}
