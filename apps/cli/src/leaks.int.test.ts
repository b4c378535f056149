import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { copyImage } from "@crossread/datasets/image-copy";
import type { GrayImage } from "@crossread/dicom/gray-image";
import { encodePgm } from "@crossread/dicom/pgm";
import { createRandom } from "@crossread/metrics/random";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const bin = resolve(import.meta.dirname, "../bin/crossread.mjs");
let directory: string;

function crossread(...argv: string[]) {
  return spawnSync(process.execPath, [bin, ...argv], { cwd: directory, encoding: "utf8" });
}

function texture(seed: number): GrayImage {
  const random = createRandom(seed);
  const coarse = {
    widthPx: 32,
    heightPx: 40,
    values: new Float32Array(32 * 40).map(() => 0.15 + 0.7 * random.next()),
  };
  return copyImage(coarse, { longestSidePx: 320 });
}

/** Twenty patients with an image each, half of them malignant; the last one's is a turned copy of the first one's. */
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "crossread-leaks-"));
  mkdirSync(join(directory, "own/images"), { recursive: true });
  const rows = ["file,patient,laterality,view,finding"];
  for (let number = 0; number < 20; number++) {
    const image =
      number < 19
        ? texture(number)
        : copyImage(texture(0), { quarterTurns: 1, rotationDegrees: 5, gainAndOffset: [1.1, 10] });
    writeFileSync(join(directory, `own/images/${number}.pgm`), encodePgm(image, 255));
    rows.push(`images/${number}.pgm,P${number},L,CC,${number % 2 === 0 ? "benign" : "malignant"}`);
  }
  writeFileSync(join(directory, "own/labels.csv"), rows.join("\n"));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe("crossread on a set with a hidden copy", { timeout: 360_000 }, () => {
  test("imports a table, finds the copy, refuses to train and federate on it, and goes on when told who it is", () => {
    const imported = crossread("import", "csv", "own", "--acquisition", "digital", "--out", "set", "--json");
    expect(imported.stderr).toContain("Imported 20 of 20");
    expect(JSON.parse(imported.stdout)).toMatchObject({
      imageCount: 20,
      subjectCount: 20,
      findings: { normal: 0, benign: 10, malignant: 10 },
      views: { CC: 20, MLO: 0 },
    });
    expect(JSON.parse(readFileSync(join(directory, "set/dataset.json"), "utf8"))).toMatchObject({
      source: "csv",
      acquisition: "digital",
    });

    const found = crossread("leaks", "--data", "set", "--json");
    expect(found.status).toBe(0);
    expect(JSON.parse(found.stdout)).toMatchObject({
      imageCount: 20,
      pairs: [{ kind: "near-copy", patients: ["P0", "P19"], transform: { isMirrored: false } }],
    });

    const model = ["--architecture", "tiny-cbam", "--learning-rate", "0.001"];
    const sites = join(directory, "sites.json");
    const half = (from: number) => Array.from({ length: 10 }, (_, at) => `P${from + at}`);
    writeFileSync(sites, JSON.stringify({ a: half(0), b: half(10) }));
    const federate = ["federate", "--data", "set", "--sites", sites, "--rounds", "1", ...model];
    const refused = crossread(...federate, "--out", "f1", "--json");
    expect({ status: refused.status, stdout: refused.stdout }).toEqual({ status: 1, stdout: "" });
    expect(refused.stderr.trim().split("\n").at(-1)).toMatch(
      /1 pair of copied images across splits or sites: images-0 and images-19/,
    );
    const train = ["train", "--data", "set", "--epochs", "1", "--seed", "3", ...model, "--json"];
    const joined = crossread(...train, "--same-patient", "P0,P19");
    expect(joined.status, joined.stderr).toBe(0);
  });
});
