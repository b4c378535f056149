import type { GrayImage } from "@crossread/dicom/gray-image";
import { createRandom } from "@crossread/metrics/random";
import { describe, expect, it } from "vitest";
import { decodeStored } from "../fixtures/phantom-pixels.ts";
import { isCopy, registerFingerprints } from "./fingerprint-registration.ts";
import { copyImage, type CopyChange } from "./image-copy.ts";
import { decodeFingerprint, fingerprintImage, mirrorFingerprint } from "./image-fingerprint.ts";
import { generatePhantomSite } from "./phantom-cohort.ts";

const films = [0, 1]
  .flatMap((siteIndex) => [
    ...generatePhantomSite({
      siteIndex,
      caseCount: 2,
      seed: 3,
      frame: { widthPx: 384, heightPx: 480, pixelSizeMm: 0.625 },
    }).studies(),
  ])
  .flatMap(({ subjectId, instances }) =>
    instances.map((instance) => ({ subjectId, image: decodeStored(instance) })),
  );
const fingerprintOf = (image: GrayImage) => decodeFingerprint(fingerprintImage(image));
const prints = films.map(({ image }) => fingerprintOf(image));

const changes: [string, CopyChange][] = [
  ["a quarter turn", { quarterTurns: 1 }],
  ["half a turn", { quarterTurns: 2 }],
  ["three quarter turns and a mirror", { quarterTurns: 3, isMirrored: true }],
  ["a mirror", { isMirrored: true }],
  ["12 degrees", { rotationDegrees: 12 }],
  ["−7 degrees", { rotationDegrees: -7 }],
  ["a shift of 5 %", { shift: [11 / 224, -11 / 224] }],
  ["scale 0.9", { scale: 0.9 }],
  ["scale 1.1", { scale: 1.1 }],
  ["a crop to 80 %", { crop: { left: 0.1, top: 0.15, side: 0.8 } }],
  ["the paper's brightness and contrast", { gainAndOffset: [1.1, 10] }],
  ["gamma 0.7", { gamma: 0.7 }],
  ["gamma 1.4", { gamma: 1.4 }],
  ["224 px", { longestSidePx: 224 }],
  [
    "everything at once",
    {
      quarterTurns: 1,
      isMirrored: true,
      rotationDegrees: 9,
      scale: 0.9,
      shift: [-11 / 224, 11 / 224],
      gamma: 1.2,
      gainAndOffset: [1.1, 10],
      longestSidePx: 224,
    },
  ],
];

describe("fingerprintImage", () => {
  it.each(changes)("recognises a copy by %s", (_name, change) => {
    for (const index of [0, 5, 9]) {
      const found = registerFingerprints(
        prints[index]!,
        fingerprintOf(copyImage(films[index]!.image, change)),
      );
      expect(found !== undefined && isCopy(found)).toBe(true);
    }
  });

  it("tells images of different phantoms apart, and the views of one phantom", () => {
    for (const [i, a] of prints.entries()) {
      for (const b of prints.slice(i + 1)) {
        const found = registerFingerprints(a, b);
        expect(found !== undefined && isCopy(found)).toBe(false);
      }
    }
  });

  it("gives the transform that was applied", () => {
    const { image } = films[0]!;
    const copy = copyImage(image, { isMirrored: true, rotationDegrees: 8, scale: 0.9 });
    const found = registerFingerprints(prints[0]!, fingerprintOf(copy))!;
    expect(found.isMirrored).toBe(true);
    expect(Math.abs(found.rotationDegrees - 8)).toBeLessThan(1);
    expect(Math.abs(found.scale - 0.9)).toBeLessThan(0.02);
    expect(found.score).toBeGreaterThan(0.5);
    expect(found.score).toBeLessThanOrEqual(1);
  });

  it("takes a few kilobytes, the same ones every time", () => {
    const { image } = films[0]!;
    const bytes = fingerprintImage(image);
    expect(bytes).toEqual(fingerprintImage({ ...image, values: image.values.slice() }));
    expect(bytes.length).toBeLessThanOrEqual(4 + 128 * 20);
    expect(decodeFingerprint(bytes).count).toBeGreaterThan(40);
  });

  it("makes the mirror image's fingerprint without the image", () => {
    const { image } = films[0]!;
    const found = registerFingerprints(
      mirrorFingerprint(prints[0]!),
      fingerprintOf(copyImage(image, { isMirrored: true })),
    )!;
    expect(found.isMirrored).toBe(false);
    expect(Math.abs(found.rotationDegrees)).toBeLessThan(1);
    expect(isCopy(found)).toBe(true);
  });

  it("finds a blank image, a single pixel and a strip like nothing, themselves included", () => {
    for (const [widthPx, heightPx] of [
      [50, 40],
      [1, 1],
      [300, 2],
    ] as const) {
      const blank = fingerprintOf({
        widthPx,
        heightPx,
        values: new Float32Array(widthPx * heightPx).fill(0.3),
      });
      expect(blank.count).toBe(0);
      expect(registerFingerprints(blank, blank)).toBeUndefined();
    }
  });

  it("does not take one marker plate on two films for a copy", () => {
    const random = createRandom(4);
    const side = 40;
    const plate = Float32Array.from({ length: side * side }, (_, at) =>
      (Math.floor((at % side) / 4) + Math.floor(at / side / 4)) % 2 === 0 ? 0.95 : 0.7 + 0.2 * random.next(),
    );
    const withPlate = (image: GrayImage): GrayImage => {
      const values = image.values.slice();
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
          values[(y + 20) * image.widthPx + (image.widthPx - 20 - side + x)] = plate[y * side + x]!;
        }
      }
      return { ...image, values };
    };
    const found = registerFingerprints(
      fingerprintOf(withPlate(films[0]!.image)),
      fingerprintOf(withPlate(films[5]!.image)),
    );
    expect(found !== undefined && isCopy(found)).toBe(false);
  });
});

describe("decodeFingerprint", () => {
  it("refuses other versions and cut-off bytes", () => {
    const bytes = fingerprintImage(films[0]!.image);
    expect(() => decodeFingerprint(bytes.slice(0, -1))).toThrow(/A fingerprint has version/);
    const other = bytes.slice();
    other[0] = 99;
    expect(() => decodeFingerprint(other)).toThrow(/version 99/);
    expect(() => decodeFingerprint(new Uint8Array())).toThrow(/A fingerprint/);
  });
});
