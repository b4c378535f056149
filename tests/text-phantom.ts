import { generatePhantomSite } from "@crossread/datasets/phantom-cohort";
import { writeMammogram } from "@crossread/dicom/write-mammogram";

/** Five by seven dots a letter, as a device draws them. */
const letters = [
  "10001 10001 10001 11111 10001 10001 10001",
  "11111 10000 10000 11110 10000 10000 11111",
  "10000 10000 10000 10000 10000 10000 11111",
  "11110 10001 10001 11110 10100 10010 10001",
  "01110 10001 10001 10001 10001 10001 01110",
  "11111 00100 00100 00100 00100 00100 00100",
].map((letter) => letter.split(" "));
const dotPx = 3;
const advancePx = 7 * dotPx;

export const textPlace = {
  xPx: 20,
  yPx: 16,
  widthPx: letters.length * advancePx,
  heightPx: 7 * dotPx,
} as const;
export const textFrame = { widthPx: 300, heightPx: 375, pixelSizeMm: 0.8 } as const;

export interface TextPhantom {
  readonly seed: number;
  readonly textAt?: { readonly xPx: number; readonly yPx: number } | undefined;
}

/** One view of a patient of her own, from a scanner that draws letters where it is told to. */
export function textPhantom({ seed, textAt }: TextPhantom): Uint8Array {
  const [study] = generatePhantomSite({ siteIndex: 1, caseCount: 1, seed, frame: textFrame }).studies();
  const view = study?.instances[0];
  if (view === undefined) throw new Error("no phantom");
  const pixels = Uint16Array.from(view.pixels);
  const ink = 2 ** view.header.bitsStored - 1;
  if (textAt !== undefined) {
    for (const [index, letter] of letters.entries()) {
      for (let y = 0; y < 7 * dotPx; y++) {
        for (let x = 0; x < 5 * dotPx; x++) {
          if (letter[Math.floor(y / dotPx)]?.[Math.floor(x / dotPx)] !== "1") continue;
          const column = textAt.xPx + index * advancePx + x;
          pixels[(textAt.yPx + y) * textFrame.widthPx + column] =
            view.header.photometricInterpretation === "MONOCHROME1" ? 0 : ink;
        }
      }
    }
  }
  return writeMammogram(
    {
      ...view.header,
      subjectId: `PATIENT ${seed}`,
      manufacturer: "HOLOGIC, Inc.",
      manufacturerModelName: "Selenia Dimensions",
    },
    pixels,
  );
}
