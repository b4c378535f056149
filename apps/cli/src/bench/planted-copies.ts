import { copyImage, drawHardChange, type CopyChange } from "@crossread/datasets/image-copy";
import type { GrayImage } from "@crossread/dicom/gray-image";
import type { Random } from "@crossread/metrics/random";
import { augment } from "@crossread/model/augment";
import { preprocess } from "@crossread/model/preprocess";
import sharp from "sharp";

const inputSizePx = 224;
const jpegQuality = 50;

/** One kind of copy to plant: what data sets do to images, one by one and all at once. */
export interface PlantedKind {
  readonly name: string;
  readonly copy: (film: GrayImage, random: Random) => Promise<GrayImage>;
  /** Drawn anew for every copy; the others are the same for all films, so one copy a film is enough. */
  readonly isRandom: boolean;
}

const changed = (name: string, change: CopyChange | ((random: Random) => CopyChange)): PlantedKind => ({
  name,
  isRandom: false,
  copy: async (film, random) =>
    copyImage(film, {
      longestSidePx: inputSizePx,
      ...(typeof change === "function" ? change(random) : change),
    }),
});

const croppedPart = (random: Random) => ({ left: 0.2 * random.next(), top: 0.2 * random.next(), side: 0.8 });
const shift = 11 / inputSizePx;

export const plantedKinds: readonly PlantedKind[] = [
  changed("quarter turn", (random) => ({ quarterTurns: ([1, 2, 3] as const)[random.nextInt(3)]! })),
  changed("mirrored", { isMirrored: true }),
  changed("rotated by 5°", { rotationDegrees: 5 }),
  changed("rotated by 12°", { rotationDegrees: -12 }),
  changed("shifted by 11 of 224 px both ways", { shift: [shift, shift] }),
  changed("scale 0.9", { scale: 0.9 }),
  changed("scale 1.1", { scale: 1.1 }),
  changed("cropped to 80 %, anywhere", (random) => ({ crop: croppedPart(random) })),
  changed("1.1 · I + 10", { gainAndOffset: [1.1, 10] }),
  changed("gamma 0.7", { gamma: 0.7 }),
  changed("gamma 1.4", { gamma: 1.4 }),
  changed("128 px, 8 bit", { longestSidePx: 128 }),
  changed("512 px, 8 bit", { longestSidePx: 512 }),
  {
    name: "JPEG, quality 50, 224 px",
    isRandom: false,
    copy: async (film) => throughJpeg(copyImage(film, { longestSidePx: inputSizePx })),
  },
  {
    name: "the paper's augmentation (as trained on)",
    isRandom: true,
    copy: async (film, random) => ({
      widthPx: inputSizePx,
      heightPx: inputSizePx,
      values: augment(preprocess(film, inputSizePx).pixels, inputSizePx, random),
    }),
  },
  {
    name: "all of these at once, JPEG quality 50",
    isRandom: true,
    copy: async (film, random) => throughJpeg(copyImage(film, drawHardChange(random))),
  },
];

async function throughJpeg(image: GrayImage): Promise<GrayImage> {
  const { heightPx, values, widthPx } = image;
  const bytes = Uint8Array.from(values, (value) => Math.round(255 * value));
  const jpeg = await sharp(bytes, { raw: { width: widthPx, height: heightPx, channels: 1 } })
    .jpeg({ quality: jpegQuality })
    .toBuffer();
  const decoded = await sharp(jpeg).greyscale().raw().toBuffer();
  return { widthPx, heightPx, values: Float32Array.from(decoded, (value) => value / 255) };
}
