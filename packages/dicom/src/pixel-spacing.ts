/** Distances in the breast, from what the header says about the detector and the geometry (PS3.3 C.8.11.3, 10.7.1). */
import type { MammogramInstance } from "./mammogram-instance.ts";

export interface PatientSpacing {
  /** Distance between rows, distance between columns, in the breast. */
  readonly spacingMm: readonly [row: number, column: number];
  readonly source: "calibrated" | "detector-over-magnification" | "detector" | "pixel-spacing" | "scanned";
}

type Stated = Pick<
  MammogramInstance,
  | "imagerPixelSpacingMm"
  | "pixelSpacingMm"
  | "pixelSpacingCalibrationType"
  | "nominalScannedPixelSpacingMm"
  | "magnificationFactor"
>;

/**
 * Spacing in the plane of the breast; undefined where the file states no distance.
 *
 * Pixel Spacing that is calibrated, or that differs from the detector's → detector / magnification → detector →
 * Pixel Spacing alone → Nominal Scanned Pixel Spacing of a digitised film
 */
export function patientSpacing(instance: Stated): PatientSpacing | undefined {
  const {
    imagerPixelSpacingMm: detector,
    pixelSpacingMm: calibrated,
    magnificationFactor: factor,
  } = instance;
  // 10.7.1.3: a Pixel Spacing equal to the detector's was copied, not corrected for the geometry.
  const isCalibrated =
    instance.pixelSpacingCalibrationType !== undefined ||
    (detector !== undefined && calibrated?.some((value, axis) => value !== detector[axis]) === true);
  if (calibrated !== undefined && isCalibrated) return { spacingMm: calibrated, source: "calibrated" };
  if (detector !== undefined && factor !== undefined) {
    return { spacingMm: [detector[0] / factor, detector[1] / factor], source: "detector-over-magnification" };
  }
  if (detector !== undefined) return { spacingMm: detector, source: "detector" };
  if (calibrated !== undefined) return { spacingMm: calibrated, source: "pixel-spacing" };
  const scanned = instance.nominalScannedPixelSpacingMm;
  return scanned === undefined ? undefined : { spacingMm: scanned, source: "scanned" };
}

/** Height of a pixel over its width: 1 where nothing is stated. Pixel Aspect Ratio counts where no distance does. */
export function pixelAspectRatio(
  instance: Stated & Pick<MammogramInstance, "statedPixelAspectRatio">,
): number {
  const [row, column] = patientSpacing(instance)?.spacingMm ?? instance.statedPixelAspectRatio ?? [1, 1];
  return row / column;
}
