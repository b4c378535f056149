import type { GrayImage } from "@crossread/dicom/gray-image";
import { createRandom } from "@crossread/metrics/random";
import { expect, it } from "vitest";
import { registerFingerprints } from "./fingerprint-registration.ts";
import { copyImage } from "./image-copy.ts";
import { decodeFingerprint, fingerprintImage } from "./image-fingerprint.ts";
import { toCopyTransform } from "./registration-transform.ts";

it("lays a landscape image on its turned, mirrored and shrunk portrait copy, in shares of the longest sides", () => {
  const random = createRandom(6);
  const coarse: GrayImage = {
    widthPx: 40,
    heightPx: 28,
    values: new Float32Array(40 * 28).map(() => random.next()),
  };
  const image = copyImage(coarse, { longestSidePx: 400 });
  const copy = copyImage(image, {
    quarterTurns: 1,
    isMirrored: true,
    rotationDegrees: 6,
    longestSidePx: 300,
  });
  const found = registerFingerprints(
    decodeFingerprint(fingerprintImage(image)),
    decodeFingerprint(fingerprintImage(copy)),
  )!;
  const { a, b, isMirrored, tx, ty } = toCopyTransform(found);
  const mapped = (x: number, y: number) => {
    const u = isMirrored ? 1 - x : x;
    return [a * u - b * y + tx, b * u + a * y + ty];
  };
  // The copy by definition: mirrored about the middle, turned by 96°, centres on each other; 1 = the longest side.
  const angle = (96 * Math.PI) / 180;
  const expected = (x: number, y: number) => {
    const dx = -(x - 0.5);
    const dy = y - 0.35;
    return [
      0.35 + Math.cos(angle) * dx - Math.sin(angle) * dy,
      0.5 + Math.sin(angle) * dx + Math.cos(angle) * dy,
    ];
  };
  for (const [x, y] of [
    [0.2, 0.2],
    [0.8, 0.3],
    [0.5, 0.6],
  ] as const) {
    const [gotX = 0, gotY = 0] = mapped(x, y);
    const [wantedX = 0, wantedY = 0] = expected(x, y);
    expect(Math.hypot(gotX - wantedX, gotY - wantedY)).toBeLessThan(0.01);
  }
});
