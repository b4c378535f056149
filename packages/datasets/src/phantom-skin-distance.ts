import type { BreastProjection, ImageFrame, PointMm } from "./phantom-breast.ts";

const coarseStepMm = 3.2;

/**
 * Signed distance to the skin.
 *
 * @param projection - outline and nipple in mm
 * @param frame - raster
 * @returns shape [heightPx, widthPx], mm, positive inside the breast; the nipple counts as breast
 * @remarks Exact on a 3.2 mm grid and bilinear between: the error is step²/(8·radius), under 0.05 mm but in the fold.
 */
export function skinDistanceMm(projection: BreastProjection, frame: ImageFrame): Float32Array {
  const { widthPx, heightPx, pixelSizeMm } = frame;
  const columns = Math.ceil((widthPx * pixelSizeMm) / coarseStepMm) + 2;
  const rows = Math.ceil((heightPx * pixelSizeMm) / coarseStepMm) + 2;
  const coarse = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      coarse[row * columns + column] = outlineDistanceMm(projection.outline, {
        xMm: column * coarseStepMm,
        yMm: row * coarseStepMm,
      });
    }
  }
  const distance = new Float32Array(widthPx * heightPx);
  for (let y = 0; y < heightPx; y++) {
    const coarseY = ((y + 0.5) * pixelSizeMm) / coarseStepMm;
    const row = Math.floor(coarseY);
    const fractionY = coarseY - row;
    for (let x = 0; x < widthPx; x++) {
      const coarseX = ((x + 0.5) * pixelSizeMm) / coarseStepMm;
      const column = Math.floor(coarseX);
      const fractionX = coarseX - column;
      const at = row * columns + column;
      const upper = coarse[at]! + fractionX * (coarse[at + 1]! - coarse[at]!);
      const lower = coarse[at + columns]! + fractionX * (coarse[at + columns + 1]! - coarse[at + columns]!);
      distance[y * widthPx + x] = upper + fractionY * (lower - upper);
    }
  }
  addNipple(distance, projection, frame);
  return distance;
}

/** Distance of one point to a closed polygon, positive inside (even–odd rule). */
export function outlineDistanceMm(outline: Float64Array, point: PointMm): number {
  const { xMm, yMm } = point;
  const count = outline.length / 2;
  let nearest = Infinity;
  let isInside = false;
  let startX = outline[2 * (count - 1)]!;
  let startY = outline[2 * (count - 1) + 1]!;
  for (let index = 0; index < count; index++) {
    const endX = outline[2 * index]!;
    const endY = outline[2 * index + 1]!;
    const edgeX = endX - startX;
    const edgeY = endY - startY;
    const fromX = xMm - startX;
    const fromY = yMm - startY;
    const length2 = edgeX * edgeX + edgeY * edgeY;
    const along = length2 === 0 ? 0 : (fromX * edgeX + fromY * edgeY) / length2;
    const t = along < 0 ? 0 : along > 1 ? 1 : along;
    const offX = fromX - t * edgeX;
    const offY = fromY - t * edgeY;
    const squared = offX * offX + offY * offY;
    if (squared < nearest) nearest = squared;
    if (startY > yMm !== endY > yMm && xMm < startX + (edgeX * (yMm - startY)) / edgeY) isInside = !isInside;
    startX = endX;
    startY = endY;
  }
  return isInside ? Math.sqrt(nearest) : -Math.sqrt(nearest);
}

/** Smooth union of the outline with a disc that stands out of the skin by nine tenths of its radius. */
function addNipple(distance: Float32Array, projection: BreastProjection, frame: ImageFrame): void {
  const { widthPx, heightPx, pixelSizeMm } = frame;
  const radius = projection.nippleRadiusMm;
  const centreX = projection.nipple.xMm - 0.35 * radius;
  const centreY = projection.nipple.yMm;
  const reach = radius * 2.5;
  const blendMm = 2.5;
  const top = Math.max(0, Math.floor((centreY - reach) / pixelSizeMm));
  const bottom = Math.min(heightPx - 1, Math.ceil((centreY + reach) / pixelSizeMm));
  const left = Math.max(0, Math.floor((centreX - reach) / pixelSizeMm));
  const right = Math.min(widthPx - 1, Math.ceil((centreX + reach) / pixelSizeMm));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const offX = ((x + 0.5) * pixelSizeMm - centreX) * 0.8;
      const offY = (y + 0.5) * pixelSizeMm - centreY;
      const disc = radius - Math.sqrt(offX * offX + offY * offY);
      const skin = distance[y * widthPx + x]!;
      const overlap = Math.max(0, blendMm - Math.abs(disc - skin));
      distance[y * widthPx + x] = Math.max(disc, skin) + (overlap * overlap) / (4 * blendMm);
    }
  }
}
