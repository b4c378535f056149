import { colourMap } from "@crossread/dicom/colour-map";
import type { GrayImage } from "@crossread/dicom/gray-image";
import type { RgbaImage } from "@crossread/dicom/png";
import type { TransformChain } from "@crossread/contracts/saliency-map";
import { mapRows, type MapPlane } from "@crossread/model/saliency-frame";

const largestOpacity = 0.6;
const levels = 256;

/**
 * Saliency in inferno on the gray image, scaled to the map's maximum; opacity grows with the value, so that cold places
 * show the film itself. Gray and saliency each in 256 steps.
 *
 * @param image - values in [0, 1]
 * @param map - over the network's input frame; `chain` carries it to the image
 * @returns opaque
 */
export function paintHeatmap(image: GrayImage, map: MapPlane, chain: TransformChain): RgbaImage {
  const { heightPx, values: grays, widthPx } = image;
  const colours = (blends ??= blendTable());
  const rows = mapRows(map, chain);
  const largest = rows.largest();
  const scale = largest > 0 ? (levels - 1) / largest : 0;
  const row = new Float64Array(widthPx);
  const pixels = new Uint32Array(widthPx * heightPx);
  let index = 0;
  for (let y = 0; y < heightPx; y++) {
    rows.read(y, row);
    for (let x = 0; x < widthPx; x++) {
      const heat = (row[x]! * scale + 0.5) | 0; // cutting off rounds, and no value is negative
      const gray = (grays[index]! * (levels - 1) + 0.5) | 0;
      pixels[index] = colours[heat * levels + gray]!;
      index += 1;
    }
  }
  return { widthPx, heightPx, values: new Uint8Array(pixels.buffer) };
}

let blends: Uint32Array | undefined;

/** Opaque R, G, B, A in memory order by heat, then gray: one number a pixel instead of three sums. */
function blendTable(): Uint32Array {
  const inferno = colourMap("inferno");
  const bytes = new Uint8Array(levels * levels * 4).fill(255);
  for (let heat = 0; heat < levels; heat++) {
    const opacity = (largestOpacity * heat) / (levels - 1);
    for (let gray = 0; gray < levels; gray++) {
      for (let channel = 0; channel < 3; channel++) {
        const colour = inferno[3 * heat + channel]!;
        bytes[4 * (heat * levels + gray) + channel] = Math.round((1 - opacity) * gray + opacity * colour);
      }
    }
  }
  return new Uint32Array(bytes.buffer);
}
