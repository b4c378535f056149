import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { GrayImage } from "@crossread/dicom/gray-image";
import { decodePgm } from "@crossread/dicom/pgm";
import { createRandom } from "@crossread/metrics/random";
import { describe, expect, it } from "vitest";
import { testData } from "../../../tests/testdata.ts";
import { decodeStored } from "../fixtures/phantom-pixels.ts";
import { findLeaks, type LeakCandidate } from "./duplicate-check.ts";
import { isNearCopy, perceptualHash, resemblance, type PerceptualHash } from "./perceptual-hash.ts";
import { shrinkByArea } from "./shrink-by-area.ts";
import { generatePhantomSite } from "./phantom-cohort.ts";

/** The eight symmetries of the square: quarter turns, then a mirror. */
function reorient(image: GrayImage, symmetry: number): GrayImage {
  let { widthPx, heightPx, values } = image;
  for (let turn = 0; turn < symmetry % 4; turn++) {
    const [width, height, source] = [widthPx, heightPx, values];
    values = Float32Array.from(source, (_, index) => {
      const x = index % height;
      const y = Math.floor(index / height);
      return source[(height - 1 - x) * width + y]!;
    });
    [widthPx, heightPx] = [height, width];
  }
  if (symmetry >= 4) {
    const [width, source] = [widthPx, values];
    values = source.map((_, index) => source[index - (index % width) + (width - 1 - (index % width))]!);
  }
  return { widthPx, heightPx, values };
}

const mapValues = (image: GrayImage, change: (value: number) => number): GrayImage => ({
  ...image,
  values: image.values.map((value) => Math.min(1, Math.max(0, change(value)))),
});

function padToSquare(image: GrayImage, sizePx: number): GrayImage {
  const values = new Float32Array(sizePx * sizePx);
  const left = Math.floor((sizePx - image.widthPx) / 2);
  const top = Math.floor((sizePx - image.heightPx) / 2);
  for (let y = 0; y < image.heightPx; y++) {
    const row = image.values.subarray(y * image.widthPx, (y + 1) * image.widthPx);
    values.set(row, (top + y) * sizePx + left);
  }
  return { widthPx: sizePx, heightPx: sizePx, values };
}

const tonesAndNoise: [string, (image: GrayImage) => GrayImage][] = [
  ["the paper's brightness and contrast", (image) => mapValues(image, (value) => 1.1 * value + 10 / 255)],
  ["gamma 0.7", (image) => mapValues(image, (value) => value ** 0.7)],
  ["gamma 1.4", (image) => mapValues(image, (value) => value ** 1.4)],
  [
    "noise",
    (image) => {
      const random = createRandom(1);
      return mapValues(image, (value) => value + 0.02 * random.normal());
    },
  ],
];

const phantoms = [0, 1]
  .flatMap((siteIndex) => [
    ...generatePhantomSite({
      siteIndex,
      caseCount: 2,
      seed: 3,
      frame: { widthPx: 240, heightPx: 300, pixelSizeMm: 1 },
    }).studies(),
  ])
  .flatMap(({ subjectId, instances }) =>
    instances.map((instance) => ({ subjectId, image: decodeStored(instance) })),
  );

describe("perceptualHash", () => {
  it("recognises all eight orientations, tones, noise and padding of an image", () => {
    for (const { image } of phantoms.slice(0, 4)) {
      const hash = perceptualHash(image);
      const recognises = (copy: GrayImage) => isNearCopy(resemblance(hash, perceptualHash(copy)));
      for (let symmetry = 0; symmetry < 8; symmetry++)
        expect(recognises(reorient(image, symmetry))).toBe(true);
      for (const [, change] of tonesAndNoise) expect(recognises(change(image))).toBe(true);
      expect(recognises(padToSquare(reorient(image, 5), 340))).toBe(true);
    }
  });

  it("tells images of different phantoms apart", () => {
    const hashes = phantoms.map(({ subjectId, image }) => ({ subjectId, hash: perceptualHash(image) }));
    const confused = hashes.flatMap((a, index) =>
      hashes
        .slice(index + 1)
        .filter((b) => a.subjectId !== b.subjectId && isNearCopy(resemblance(a.hash, b.hash))),
    );
    expect(confused).toEqual([]);
  });

  it("finds a blank image like nothing, itself included", () => {
    const blank = perceptualHash({ widthPx: 50, heightPx: 40, values: new Float32Array(2000).fill(0.3) });
    expect(resemblance(blank, blank)).toEqual({ frame: 0, content: 0 });
  });
});

describe("findLeaks", () => {
  const hashOf = (values: readonly number[]): PerceptualHash => {
    const vector = new Float32Array(144);
    values.forEach((value, index) => (vector[index + 1] = value));
    return { frame: vector, content: vector };
  };
  const candidate = (imageId: string, change: Partial<LeakCandidate> = {}): LeakCandidate => ({
    imageId,
    sha256: imageId,
    subjectId: imageId,
    split: "train",
    siteId: "a",
    ...change,
  });

  it("names exact copies, near copies and shared subjects across splits and sites, in order of ids", () => {
    const leaks = findLeaks([
      candidate("6", { subjectId: "p", split: "tuning" }),
      candidate("5", { subjectId: "p" }),
      candidate("4", { hash: hashOf([1, 0]), siteId: "b", split: "tuning" }),
      candidate("3", { hash: hashOf([-1, 0]) }),
      candidate("2", { sha256: "same", siteId: "b" }),
      candidate("1", { sha256: "same" }),
    ]);
    expect(leaks).toEqual([
      { kind: "exact-copy", imageIds: ["1", "2"], crosses: "sites", similarity: 1 },
      { kind: "near-copy", imageIds: ["3", "4"], crosses: "splits-and-sites", similarity: 1 },
      { kind: "same-subject", imageIds: ["5", "6"], crosses: "splits", similarity: undefined },
    ]);
  });

  it("lets copies within one split of one site pass", () => {
    expect(findLeaks([candidate("1", { sha256: "same" }), candidate("2", { sha256: "same" })])).toEqual([]);
  });
});

const realMias = testData("mias");
describe.skipIf(realMias === undefined)("near copies on the real mini-MIAS", () => {
  it("finds none among 322 films and every flipped, turned or tone-shifted copy", { timeout: 60_000 }, () => {
    const directory = join(realMias ?? "", "pgm");
    const names = readdirSync(directory).sort();
    const readFilm = (name: string) => decodePgm(readFileSync(join(directory, name)), name);
    const hashes = names.map((name) => perceptualHash(readFilm(name)));
    const leaks = findLeaks(
      hashes.map((hash, index) => ({
        imageId: names[index] ?? "",
        sha256: String(index),
        subjectId: String(index),
        split: String(index),
        siteId: "a",
        hash,
      })),
    );
    expect(leaks).toEqual([]);
    const missed: string[] = [];
    for (let index = 0; index < names.length; index += 23) {
      const film = shrinkByArea(readFilm(names[index]!), 256, 256);
      const copies: [string, GrayImage][] = [
        ...Array.from({ length: 7 }, (_, turn): [string, GrayImage] => [
          `turn ${turn + 1}`,
          reorient(film, turn + 1),
        ]),
        ...tonesAndNoise.map(([name, change]): [string, GrayImage] => [name, change(film)]),
      ];
      for (const [name, copy] of copies) {
        if (!isNearCopy(resemblance(hashes[index]!, perceptualHash(copy))))
          missed.push(`${names[index]} ${name}`);
      }
    }
    expect(missed).toEqual([]);
  });
});
