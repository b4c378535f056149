import { colourMap } from "@crossread/dicom/colour-map";
import type { GrayImage } from "@crossread/dicom/gray-image";
import type { RgbaImage } from "@crossread/dicom/png";

const largestOpacity = 0.6;

/**
 * Saliency in inferno on the gray image; opacity grows with the value, so that cold places show the film itself.
 *
 * @param image - values in [0, 1]
 * @param map - over the image's own frame, values in [0, 1]
 */
export function paintHeatmap(image: GrayImage, map: Float32Array): RgbaImage {
  const colours = colourMap("inferno");
  const values = new Uint8Array(image.values.length * 4);
  for (let index = 0; index < image.values.length; index++) {
    const gray = image.values[index]! * 255;
    const heat = map[index]!;
    const opacity = largestOpacity * heat;
    const colour = Math.round(heat * 255) * 3;
    for (let channel = 0; channel < 3; channel++) {
      values[index * 4 + channel] = Math.round((1 - opacity) * gray + opacity * colours[colour + channel]!);
    }
    values[index * 4 + 3] = 255;
  }
  return { widthPx: image.widthPx, heightPx: image.heightPx, values };
}
