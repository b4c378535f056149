import { colourMap, type ColourMapName } from "@crossread/dicom/colour-map";

export { colourMap, colourMapNames, type ColourMapName } from "@crossread/dicom/colour-map";

export interface MapColouring {
  readonly name: ColourMapName;
  /** Share of the map's maximum below which nothing is shown, in [0, 1]. */
  readonly threshold: number;
}

/** 8-bit map values, shape [n], to RGBA, shape [4n]: opaque at and above the threshold, transparent below it. */
export function colouriseMap(
  values: Uint8Array | Uint8ClampedArray,
  colouring: MapColouring,
): Uint8ClampedArray<ArrayBuffer> {
  const colours = colourMap(colouring.name);
  const lowest = colouring.threshold * 255;
  const rgba = new Uint8ClampedArray(values.length * 4);
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (value < lowest) continue;
    rgba[index * 4] = colours[value * 3]!;
    rgba[index * 4 + 1] = colours[value * 3 + 1]!;
    rgba[index * 4 + 2] = colours[value * 3 + 2]!;
    rgba[index * 4 + 3] = 255;
  }
  return rgba;
}

const contourColour = [125, 211, 252] as const;

/** The border of what reaches the threshold, two map pixels wide, as RGBA, shape [4n]; everything else is transparent. */
export function contourMap(
  map: {
    readonly widthPx: number;
    readonly heightPx: number;
    readonly values: Uint8Array | Uint8ClampedArray;
  },
  threshold: number,
): Uint8ClampedArray<ArrayBuffer> {
  const { widthPx, heightPx, values } = map;
  // Nothing reaches below zero, and a line around everything says nothing.
  const lowest = Math.max(1, threshold * 255);
  const isHot = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < widthPx && y < heightPx && values[y * widthPx + x]! >= lowest;
  const rgba = new Uint8ClampedArray(values.length * 4);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const isIn = isHot(x, y);
      const isBorder =
        isIn !== isHot(x - 1, y) ||
        isIn !== isHot(x + 1, y) ||
        isIn !== isHot(x, y - 1) ||
        isIn !== isHot(x, y + 1);
      if (isBorder) rgba.set([...contourColour, 255], (y * widthPx + x) * 4);
    }
  }
  return rgba;
}

/** CSS gradient from 0 to the maximum, for a colour bar. */
export function colourGradient(name: ColourMapName): string {
  const colours = colourMap(name);
  const stops = Array.from({ length: 17 }, (_, index) => {
    const entry = Math.round((index / 16) * 255) * 3;
    return `rgb(${colours[entry]} ${colours[entry + 1]} ${colours[entry + 2]})`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
