import type { TransformChain } from "@crossread/contracts/saliency-map";
import { toInputFrame } from "./preprocess.ts";

/** A map over the network's input frame, row-major. */
export interface MapPlane {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly values: Float32Array;
}

interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

const imageSize = (chain: TransformChain): Size => ({
  widthPx: chain.imageWidthPx,
  heightPx: chain.imageHeightPx,
});

/**
 * Carries a map from the input frame to the pixels of the original image, bilinear, edges held.
 *
 * @param map - shape [h, w], spread evenly over the S×S input frame
 * @param chain - recorded by `preprocess`
 * @param size - shape of the result; by default the original image's, else any grid over the same area
 * @returns row-major over the image frame; each pixel's centre is looked up through the chain
 */
export function upsampleMap(
  map: MapPlane,
  chain: TransformChain,
  size: { readonly widthPx: number; readonly heightPx: number } = imageSize(chain),
): MapPlane {
  const { heightPx, widthPx } = size;
  const rows = mapRows(map, chain, size);
  const values = new Float32Array(widthPx * heightPx);
  const row = new Float64Array(widthPx);
  for (let y = 0; y < heightPx; y++) {
    rows.read(y, row);
    values.set(row, y * widthPx);
  }
  return { widthPx, heightPx, values };
}

/** `upsampleMap` row by row, for who needs no copy of the whole. */
export interface MapRows {
  /** Writes the row's values into `target`, one a pixel. */
  read(y: number, target: Float64Array): void;
  /** Largest value of any pixel. */
  largest(): number;
}

export function mapRows(map: MapPlane, chain: TransformChain, size: Size = imageSize(chain)): MapRows {
  const columns = Array.from({ length: size.widthPx }, (_, x) => {
    const onInput = toInputFrame(chain, { x: ((x + 0.5) * chain.imageWidthPx) / size.widthPx, y: 0 }).x;
    return heldPlace((onInput * map.widthPx) / chain.inputSizePx - 0.5, map.widthPx);
  });
  const rows = Array.from({ length: size.heightPx }, (_, y) => {
    const onInput = toInputFrame(chain, { x: 0, y: ((y + 0.5) * chain.imageHeightPx) / size.heightPx }).y;
    return heldPlace((onInput * map.heightPx) / chain.inputSizePx - 0.5, map.heightPx);
  });
  const fractions = Float64Array.from(columns, (place) => place.fraction);
  const runs = runsBetweenCells(columns);
  const between = new Float64Array(map.widthPx); // the map's row at the height of the pixels' row

  const read = (y: number, target: Float64Array): void => {
    const { after, before, fraction } = rows[y]!;
    for (let column = 0; column < map.widthPx; column++) {
      const top = map.values[before * map.widthPx + column]!;
      const bottom = map.values[after * map.widthPx + column]!;
      between[column] = (1 - fraction) * top + fraction * bottom;
    }
    for (const run of runs) {
      const left = between[run.before]!;
      const right = between[run.after]!;
      for (let x = run.start; x < run.end; x++) {
        const weight = fractions[x]!;
        target[x] = (1 - weight) * left + weight * right;
      }
    }
  };
  return {
    read,
    largest: () => {
      const row = new Float64Array(size.widthPx);
      let largest = -Infinity;
      rows.forEach(({ before }, y) => {
        // between two cells the values run straight, so the ends of the run are enough
        if (rows[y - 1]?.before === before && rows[y + 1]?.before === before) return;
        read(y, row);
        for (let x = 0; x < row.length; x++) largest = Math.max(largest, row[x]!);
      });
      return largest;
    },
  };
}

const longestMapSidePx = 512;

/** Shape of a map that is stored: the image's own, not larger than it is. */
export function storedMapSize(chain: TransformChain): Size {
  const { imageHeightPx, imageWidthPx } = chain;
  const scale = Math.min(1, longestMapSidePx / Math.max(imageWidthPx, imageHeightPx));
  return {
    widthPx: Math.max(1, Math.round(imageWidthPx * scale)),
    heightPx: Math.max(1, Math.round(imageHeightPx * scale)),
  };
}

/** Divides by the largest value; a map without any positive value stays 0. */
export function scaleToUnit(map: MapPlane): MapPlane {
  let largest = 0;
  for (let index = 0; index < map.values.length; index++) {
    if (map.values[index]! > largest) largest = map.values[index]!;
  }
  if (largest === 0) return map;
  const values = new Float32Array(map.values.length);
  for (let index = 0; index < values.length; index++) values[index] = map.values[index]! / largest;
  return { ...map, values };
}

/** Pixels in a row that lie between the same two cells. */
function runsBetweenCells(places: readonly { before: number; after: number }[]) {
  const runs: { start: number; end: number; before: number; after: number }[] = [];
  places.forEach(({ after, before }, index) => {
    const last = runs.at(-1);
    if (last?.before === before) last.end = index + 1;
    else runs.push({ start: index, end: index + 1, before, after });
  });
  return runs;
}

/** The two cells around a continuous index, the last one held beyond the edge. */
function heldPlace(index: number, count: number): { before: number; after: number; fraction: number } {
  const clamped = Math.min(Math.max(index, 0), count - 1);
  const before = Math.floor(clamped);
  return { before, after: Math.min(before + 1, count - 1), fraction: clamped - before };
}
