import type { Laterality } from "@crossread/contracts/dataset-manifest";
import type { Random } from "@crossread/metrics/random";
import { gaussianBlur, type Raster } from "./gaussian-blur.ts";
import type { ImageFrame } from "./phantom-breast.ts";

export interface VendorLook {
  readonly manufacturer: string;
  readonly manufacturerModelName: string;
  readonly bitsStored: 10 | 12 | 14;
  readonly photometricInterpretation: "MONOCHROME1" | "MONOCHROME2";
  /** Detector and processing blur, Gaussian sigma. */
  readonly blurMm: number;
  readonly unsharp: { readonly radiusMm: number; readonly amount: number };
  /** Standard deviation of absorption noise at middle density. */
  readonly noise: number;
  /** Logistic tone curve over absorption. */
  readonly curve: { readonly midpoint: number; readonly slope: number };
  /** Stored values that the tone curve spans, as fractions of the largest stored value. */
  readonly storedRange: readonly [number, number];
}

/** Invented makes: each differs from the others in tone, grain, sharpness, depth and polarity. */
export const vendorLooks: readonly VendorLook[] = [
  {
    manufacturer: "Aster Imaging (phantom)",
    manufacturerModelName: "Aster One",
    bitsStored: 12,
    photometricInterpretation: "MONOCHROME2",
    blurMm: 0.22,
    unsharp: { radiusMm: 1.6, amount: 0.45 },
    noise: 0.016,
    curve: { midpoint: 0.42, slope: 6.5 },
    storedRange: [0.05, 0.97],
  },
  {
    manufacturer: "Boreal Medical (phantom)",
    manufacturerModelName: "Boreal M14",
    bitsStored: 14,
    photometricInterpretation: "MONOCHROME2",
    blurMm: 0.42,
    unsharp: { radiusMm: 3, amount: 0.2 },
    noise: 0.009,
    curve: { midpoint: 0.52, slope: 4.2 },
    storedRange: [0.12, 0.88],
  },
  {
    manufacturer: "Cirrus Radiology (phantom)",
    manufacturerModelName: "Cirrus 10c",
    bitsStored: 10,
    photometricInterpretation: "MONOCHROME1",
    blurMm: 0.12,
    unsharp: { radiusMm: 0.9, amount: 0.9 },
    noise: 0.026,
    curve: { midpoint: 0.36, slope: 8 },
    storedRange: [0.02, 0.99],
  },
];

export interface FinishedImage {
  readonly pixels: Uint16Array;
  readonly windowCenter: number;
  readonly windowWidth: number;
}

export interface Finishing {
  readonly look: VendorLook;
  readonly frame: ImageFrame;
  readonly laterality: Laterality;
  readonly random: Random;
}

/**
 * Turns absorption into stored values of one make.
 *
 * @param absorption - shape [heightPx, widthPx], 0 outside the breast, chest wall left
 * @returns stored values with bitsStored bits; air is black under the window; right breasts have their chest wall right
 * @source window per DICOM PS3.3 C.11.2.1.2.1, chosen so that it maps storedRange to [0, 1] exactly
 */
export function finishImage(absorption: Float32Array, finishing: Finishing): FinishedImage {
  const { look, frame, laterality, random } = finishing;
  const { widthPx, heightPx, pixelSizeMm } = frame;
  const breast = cropToBreast(absorption, frame);
  const soft = gaussianBlur(breast, look.blurMm / pixelSizeMm);
  const base = gaussianBlur({ ...breast, values: soft }, look.unsharp.radiusMm / pixelSizeMm);
  const largest = 2 ** look.bitsStored - 1;
  const low = Math.round(look.storedRange[0] * largest);
  const high = Math.round(look.storedRange[1] * largest);
  const isInverted = look.photometricInterpretation === "MONOCHROME1";
  const tone = createToneCurve(look.curve);
  const pixels = new Uint16Array(absorption.length).fill(isInverted ? largest : 0);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < breast.widthPx; x++) {
      const index = y * breast.widthPx + x;
      const local = breast.values[index]!;
      // Unsharp masking and blur reach over the skin line; air stays untouched.
      if (local <= 0) continue;
      const sharp = soft[index]! + look.unsharp.amount * (soft[index]! - base[index]!);
      const grain = 2 * (random.next() + random.next() + random.next() - 1.5);
      const noisy = sharp + grain * look.noise * (0.6 + 0.8 * local);
      const stored = Math.round(low + tone(noisy) * (high - low));
      const column = laterality === "L" ? x : widthPx - 1 - x;
      pixels[y * widthPx + column] = isInverted ? largest - stored : stored;
    }
  }
  const centre = (low + high) / 2;
  return {
    pixels,
    windowCenter: (isInverted ? largest - centre : centre) + 0.5,
    windowWidth: high - low + 1,
  };
}

/** Columns from the chest wall to a little beyond the nipple; the rest is air. */
function cropToBreast(absorption: Float32Array, frame: ImageFrame): Raster {
  const { widthPx, heightPx, pixelSizeMm } = frame;
  let reach = 0;
  for (let y = 0; y < heightPx; y++) {
    for (let x = widthPx - 1; x > reach; x--) {
      if (absorption[y * widthPx + x]! > 0) reach = x;
    }
  }
  const cropPx = Math.min(widthPx, reach + 1 + Math.ceil(4 / pixelSizeMm));
  const values = new Float32Array(cropPx * heightPx);
  for (let y = 0; y < heightPx; y++) {
    values.set(absorption.subarray(y * widthPx, y * widthPx + cropPx), y * cropPx);
  }
  return { widthPx: cropPx, heightPx, values };
}

/** Logistic curve scaled to 0 at absorption 0 and 1 at absorption 1, clipped to [0, 1]. */
function createToneCurve(curve: VendorLook["curve"]): (absorption: number) => number {
  const logistic = (value: number) => 1 / (1 + Math.exp(-curve.slope * (value - curve.midpoint)));
  const floor = logistic(0);
  const scale = 1 / (logistic(1) - floor);
  return (absorption) => Math.min(1, Math.max(0, scale * (logistic(absorption) - floor)));
}
