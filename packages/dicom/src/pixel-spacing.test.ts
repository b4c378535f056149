import { describe, expect, it } from "vitest";
import { patientSpacing, pixelAspectRatio } from "./pixel-spacing.ts";

const detector = { imagerPixelSpacingMm: [0.1, 0.1] } as const;

describe("patientSpacing", () => {
  it.each([
    ["nothing without a statement", {}, undefined],
    ["the detector's spacing", detector, { spacingMm: [0.1, 0.1], source: "detector" }],
    [
      "the detector's over the magnification",
      { ...detector, magnificationFactor: 1.25 },
      { spacingMm: [0.08, 0.08], source: "detector-over-magnification" },
    ],
    [
      "a Pixel Spacing that differs from the detector's, whatever the magnification",
      { ...detector, magnificationFactor: 1.25, pixelSpacingMm: [0.09, 0.09] },
      { spacingMm: [0.09, 0.09], source: "calibrated" },
    ],
    [
      "no correction from a Pixel Spacing that repeats the detector's",
      { ...detector, magnificationFactor: 1.25, pixelSpacingMm: [0.1, 0.1] },
      { spacingMm: [0.08, 0.08], source: "detector-over-magnification" },
    ],
    [
      "a Pixel Spacing that is said to be calibrated",
      { ...detector, pixelSpacingMm: [0.1, 0.1], pixelSpacingCalibrationType: "FIDUCIAL" },
      { spacingMm: [0.1, 0.1], source: "calibrated" },
    ],
    [
      "a Pixel Spacing alone",
      { pixelSpacingMm: [0.2, 0.2] },
      { spacingMm: [0.2, 0.2], source: "pixel-spacing" },
    ],
    [
      "a film scanner's spacing",
      { nominalScannedPixelSpacingMm: [0.05, 0.05] },
      { spacingMm: [0.05, 0.05], source: "scanned" },
    ],
  ] as const)("takes %s", (_, stated, expected) => {
    expect(patientSpacing(stated)).toEqual(expected);
  });
});

describe("pixelAspectRatio", () => {
  it("is 1 without a statement and counts distances before the ratio", () => {
    expect(pixelAspectRatio({})).toBe(1);
    expect(pixelAspectRatio({ statedPixelAspectRatio: [4, 3] })).toBeCloseTo(4 / 3);
    expect(pixelAspectRatio({ ...detector, statedPixelAspectRatio: [4, 3] })).toBe(1);
    expect(pixelAspectRatio({ pixelSpacingMm: [0.2, 0.1] })).toBe(2);
  });
});
