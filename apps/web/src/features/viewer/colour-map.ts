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

/** CSS gradient from 0 to the maximum, for a colour bar. */
export function colourGradient(name: ColourMapName): string {
  const colours = colourMap(name);
  const stops = Array.from({ length: 17 }, (_, index) => {
    const entry = Math.round((index / 16) * 255) * 3;
    return `rgb(${colours[entry]} ${colours[entry + 1]} ${colours[entry + 2]})`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
