import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { decodePgm } from "@crossread/dicom/pgm";
import { createRandom } from "@crossread/metrics/random";
import { describe, expect, it } from "vitest";
import { testData } from "../../../tests/testdata.ts";
import { findLeaks, type LeakCandidate } from "./duplicate-check.ts";
import { createFingerprintIndex } from "./fingerprint-index.ts";
import { copyImage, drawHardChange } from "./image-copy.ts";
import { fingerprintImage } from "./image-fingerprint.ts";

/** Random texture: enough for a fingerprint of its own. */
function texture(seed: number) {
  const random = createRandom(seed);
  const side = 32;
  const coarse = {
    widthPx: side,
    heightPx: side,
    values: new Float32Array(side * side).map(() => random.next()),
  };
  return copyImage(coarse, { longestSidePx: 256 });
}

const candidate = (imageId: string, change: Partial<LeakCandidate> = {}): LeakCandidate => ({
  imageId,
  sha256: imageId,
  subjectId: imageId,
  split: "train",
  siteId: "a",
  ...change,
});

describe("findLeaks", () => {
  const original = texture(1);

  it("names exact copies, near copies and shared subjects across splits and sites, in order of ids", () => {
    const leaks = findLeaks([
      candidate("6", { subjectId: "p", split: "tuning" }),
      candidate("5", { subjectId: "p" }),
      candidate("4", {
        fingerprint: fingerprintImage(copyImage(original, { quarterTurns: 1 })),
        siteId: "b",
        split: "tuning",
      }),
      candidate("3", { fingerprint: fingerprintImage(original) }),
      candidate("2", { sha256: "same", siteId: "b" }),
      candidate("1", { sha256: "same" }),
    ]);
    expect(leaks.map(({ crosses, imageIds, kind }) => ({ kind, imageIds, crosses }))).toEqual([
      { kind: "exact-copy", imageIds: ["1", "2"], crosses: "sites" },
      { kind: "near-copy", imageIds: ["3", "4"], crosses: "splits-and-sites" },
      { kind: "same-subject", imageIds: ["5", "6"], crosses: "splits" },
    ]);
    expect(Math.abs(leaks[1]!.registration!.rotationDegrees - 90)).toBeLessThan(1);
    expect(leaks.map(({ score }) => score === undefined)).toEqual([false, false, true]);
  });

  it("calls the same bytes a copy once, and exact", () => {
    const fingerprint = fingerprintImage(original);
    const leaks = findLeaks([
      candidate("1", { sha256: "same", fingerprint, subjectId: "p" }),
      candidate("2", { sha256: "same", fingerprint, subjectId: "p", split: "tuning" }),
    ]);
    expect(leaks.map(({ kind }) => kind)).toEqual(["exact-copy"]);
  });

  it("lets copies within one split of one site pass, and different textures", () => {
    expect(findLeaks([candidate("1", { sha256: "same" }), candidate("2", { sha256: "same" })])).toEqual([]);
    expect(
      findLeaks([
        candidate("1", { fingerprint: fingerprintImage(original) }),
        candidate("2", { fingerprint: fingerprintImage(texture(2)), siteId: "b" }),
      ]),
    ).toEqual([]);
  });
});

const realMias = testData("mias");
describe.skipIf(realMias === undefined)("copies on the real mini-MIAS", () => {
  const directory = join(realMias ?? "", "pgm");
  const read = (name: string) => decodePgm(readFileSync(join(directory, name)), name);

  it("finds hard copies of every tenth film, and no other film but one woman's second pair", () => {
    const names = readdirSync(directory)
      .sort()
      .filter((name, index) => index % 10 === 0 || /mdb22[1256]/.test(name));
    const random = createRandom(5);
    const index = createFingerprintIndex();
    const pairs: string[] = [];
    for (const name of names) {
      const fingerprint = fingerprintImage(read(name));
      for (const { other } of index.find(fingerprint)) pairs.push(`${names[other]} ${name}`);
      index.add(fingerprint);
    }
    expect(pairs).toEqual(["mdb221.pgm mdb225.pgm"]);
    const missed = names.filter((name, at) => {
      const copy = copyImage(read(name), drawHardChange(random.fork(name)));
      return !index.find(fingerprintImage(copy)).some(({ other }) => other === at);
    });
    expect(missed).toEqual([]);
  });
});
