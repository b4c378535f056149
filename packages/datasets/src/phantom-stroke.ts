import type { ImageFrame } from "./phantom-breast.ts";

export interface StrokePoint {
  readonly xMm: number;
  readonly yMm: number;
  readonly widthMm: number;
  readonly strength: number;
}

/** Layer that strokes are drawn into by maximum, so that crossing lines do not add up before they are laid over tissue. */
export interface StrokeLayer {
  readonly frame: ImageFrame;
  readonly values: Float32Array;
}

export function createStrokeLayer(frame: ImageFrame): StrokeLayer {
  return { frame, values: new Float32Array(frame.widthPx * frame.heightPx) };
}

/** Round soft brush; a point finer than a pixel keeps its integral, not its height. */
export function dab(layer: StrokeLayer, point: StrokePoint): void {
  const { widthPx, heightPx, pixelSizeMm } = layer.frame;
  const sigmaMm = Math.hypot(point.widthMm / 2.355, 0.45 * pixelSizeMm);
  const strength = point.strength * Math.min(1, point.widthMm / 2.355 / sigmaMm + 0.15);
  const reachMm = 2.6 * sigmaMm;
  const top = Math.max(0, Math.floor((point.yMm - reachMm) / pixelSizeMm));
  const bottom = Math.min(heightPx - 1, Math.ceil((point.yMm + reachMm) / pixelSizeMm));
  const left = Math.max(0, Math.floor((point.xMm - reachMm) / pixelSizeMm));
  const right = Math.min(widthPx - 1, Math.ceil((point.xMm + reachMm) / pixelSizeMm));
  const scale = -0.5 / (sigmaMm * sigmaMm);
  for (let y = top; y <= bottom; y++) {
    const offY = (y + 0.5) * pixelSizeMm - point.yMm;
    for (let x = left; x <= right; x++) {
      const offX = (x + 0.5) * pixelSizeMm - point.xMm;
      const value = strength * Math.exp(scale * (offX * offX + offY * offY));
      const index = y * widthPx + x;
      if (value > layer.values[index]!) layer.values[index] = value;
    }
  }
}

/** Dabs along a polyline at half-pixel steps, width and strength interpolated. */
export function stroke(layer: StrokeLayer, points: readonly StrokePoint[]): void {
  const stepMm = 0.5 * layer.frame.pixelSizeMm;
  for (let index = 1; index < points.length; index++) {
    const start = points[index - 1]!;
    const end = points[index]!;
    const length = Math.hypot(end.xMm - start.xMm, end.yMm - start.yMm);
    const steps = Math.max(1, Math.ceil(length / Math.max(stepMm, 0.3 * start.widthMm)));
    for (let step = 0; step < steps; step++) {
      const t = step / steps;
      dab(layer, {
        xMm: start.xMm + t * (end.xMm - start.xMm),
        yMm: start.yMm + t * (end.yMm - start.yMm),
        widthMm: start.widthMm + t * (end.widthMm - start.widthMm),
        strength: start.strength + t * (end.strength - start.strength),
      });
    }
  }
}
