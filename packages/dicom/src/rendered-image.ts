/** An instance as people see it: presentation, region and size, as PNG or JPEG. Through sharp: Node only. */
import sharp from "sharp";
import { DomainError } from "@crossread/contracts/errors";
import type { MammogramInstance } from "./mammogram-instance.ts";
import { toGrayImage } from "./presentation.ts";
import type { VoiLutFunction, VoiWindow } from "./write-mammogram.ts";

export interface RenderedImageOptions {
  readonly format: "png" | "jpeg";
  /** JPEG quality, 1 to 100. */
  readonly quality?: number | undefined;
  /** Takes the place of the file's own VOI transformations. */
  readonly window?: (VoiWindow & { readonly voiLutFunction: VoiLutFunction }) | undefined;
  /** Box that the image is fitted into, and the region of the image that is shown. */
  readonly viewport?:
    | {
        readonly widthPx: number;
        readonly heightPx: number;
        readonly region?:
          | {
              readonly xPx: number;
              readonly yPx: number;
              readonly widthPx: number;
              readonly heightPx: number;
            }
          | undefined;
      }
    | undefined;
}

export async function renderImage(
  instance: MammogramInstance,
  options: RenderedImageOptions,
): Promise<Uint8Array> {
  const { format, quality, viewport, window } = options;
  const { heightPx, values, widthPx } = await toGrayImage(
    window === undefined ? instance : withWindow(instance, window),
  );
  const samples = new Uint8Array(values.length);
  for (let index = 0; index < samples.length; index++) samples[index] = Math.round(values[index]! * 255);
  let image = sharp(samples, { raw: { width: widthPx, height: heightPx, channels: 1 } });
  if (viewport !== undefined) {
    const region = viewport.region ?? { xPx: 0, yPx: 0, widthPx, heightPx };
    const isInside =
      region.xPx + region.widthPx <= widthPx &&
      region.yPx + region.heightPx <= heightPx &&
      region.widthPx > 0 &&
      region.heightPx > 0;
    if (!isInside) {
      throw new DomainError(
        "usage",
        `The region of the viewport leaves the image of ${widthPx} × ${heightPx}.`,
      );
    }
    image = image
      .extract({ left: region.xPx, top: region.yPx, width: region.widthPx, height: region.heightPx })
      .resize({ width: viewport.widthPx, height: viewport.heightPx, fit: "inside" });
  }
  const gray = image.toColourspace("b-w");
  return format === "png" ? gray.png().toBuffer() : gray.jpeg({ quality: quality ?? 90 }).toBuffer();
}

function withWindow(
  instance: MammogramInstance,
  window: VoiWindow & { readonly voiLutFunction: VoiLutFunction },
): MammogramInstance {
  const { center, voiLutFunction, width } = window;
  return {
    ...instance,
    presentation: { ...instance.presentation, voiLuts: [], windows: [{ center, width }], voiLutFunction },
  };
}
