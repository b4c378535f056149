import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync, copyFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeSafetensors } from "@crossread/model/safetensors";

const bin = resolve(import.meta.dirname, "../bin/crossread.mjs");
let directory: string;
let dataset: string;

function crossread(...argv: string[]) {
  const { status, stderr, stdout } = spawnSync(process.execPath, [bin, ...argv], {
    cwd: directory,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  return { status, stderr, stdout };
}

/** The one sentence of a refusal: exit 1, nothing on stdout, one line that is no stack trace. */
function refusal(...argv: string[]): string {
  const { status, stderr, stdout } = crossread(...argv);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  const lines = stderr.trim().split("\n");
  expect(stderr).not.toMatch(/\n\s+at /);
  return lines.at(-1) ?? "";
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "crossread-cli-"));
  dataset = join(directory, "phantoms");
  const made = crossread(
    "phantom",
    "--sites",
    "2",
    "--cases",
    "12",
    "--seed",
    "7",
    "--out",
    dataset,
    "--json",
  );
  expect(made.status).toBe(0);
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe("crossread", () => {
  test("prints help with exit 0 and refuses unknown options and missing arguments with exit 2", () => {
    expect(crossread("--help").status).toBe(0);
    expect(crossread("federate", "--help").stdout).toMatch(/--rounds/);
    expect(crossread("federate", "--data", dataset, "--speed", "9").status).toBe(2);
    expect(crossread("import", "mias").status).toBe(2);
    expect(crossread("federate", "--data", dataset, "--rounds", "0")).toMatchObject({
      status: 2,
      stdout: "",
    });
  });

  test("trains a federation on files, and the same seed gives the same numbers", () => {
    const run = (out: string) => {
      const argv = ["federate", "--data", dataset, "--sites", "2", "--rounds", "1", "--seed", "5"];
      const model = ["--architecture", "tiny-cbam", "--learning-rate", "0.001", "--out", out, "--json"];
      const result = crossread(...argv, ...model);
      expect(result.status, result.stderr).toBe(0);
      return { ...(JSON.parse(result.stdout) as Record<string, unknown>), reportDirectory: "" };
    };
    const first = run(join(directory, "run-a"));
    expect(first).toEqual(run(join(directory, "run-b")));
    expect(first).toMatchObject({
      strategy: { name: "fedavg" },
      sites: [
        { siteId: "site-1", metrics: { auc: { method: expect.any(String) as string } } },
        { siteId: "site-2" },
      ],
      leaderboard: { ranked: expect.any(Array) as unknown[] },
    });
    const predictions = readFileSync(join(directory, "run-a/predictions.csv"), "utf8");
    expect(predictions).toMatch(/^label,score,patient,site\n/);

    const recomputed = crossread(
      "metrics",
      join(directory, "run-a/predictions.csv"),
      "--json",
      "--seed",
      "5",
    );
    expect(recomputed.status).toBe(0);
    const { pooled } = JSON.parse(recomputed.stdout) as { pooled: { metrics: { auc: unknown } } };
    expect(pooled.metrics.auc).toEqual((first as unknown as { pooled: typeof pooled }).pooled.metrics.auc);

    const verified = crossread("verify", join(directory, "run-a/checkpoints/round-1"), "--json");
    expect(verified.status, verified.stderr).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({
      isVerified: true,
      aggregation: { strategy: "fedavg", updates: [{ siteId: "site-1" }, { siteId: "site-2" }] },
    });

    const image = join(dataset, "site-1");
    const checkpoint = join(directory, "run-a/checkpoints/round-1");
    const file =
      spawnSync("find", [image, "-name", "*.dcm"], { encoding: "utf8" }).stdout.split("\n")[0] ?? "";
    const heatmap = join(directory, "map.png");
    const predicted = crossread("predict", file, "--checkpoint", checkpoint, "--heatmap", heatmap, "--json");
    expect(predicted.status, predicted.stderr).toBe(0);
    expect(JSON.parse(predicted.stdout)).toMatchObject({ predictions: [{ file }] });
    expect(readFileSync(heatmap).subarray(1, 4).toString()).toBe("PNG");

    const bad = join(directory, "bad.pgm");
    writeFileSync(bad, "P5\n9 9\n255\n");
    expect(refusal("predict", bad, "--checkpoint", checkpoint)).toMatch(/bad\.pgm needs 81 bytes/);
    const maps = join(directory, "maps/");
    const mixed = crossread("predict", bad, file, "--checkpoint", checkpoint, "--map", maps, "--json");
    expect(mixed.status).toBe(1);
    expect(JSON.parse(mixed.stdout)).toMatchObject({
      predictions: [{ file, map: expect.stringMatching(/^.*maps\/.*\.png$/) as string }],
      refused: [{ file: bad, code: "image-truncated" }],
    });
  });

  test("aggregates safetensors by example count, whatever the order of the files", () => {
    const write = (name: string, values: number[]) => {
      const file = join(directory, name);
      writeFileSync(file, encodeSafetensors([{ name: "w", shape: [2], values: Float32Array.from(values) }]));
      return file;
    };
    const a = write("a.safetensors", [1, 2]);
    const b = write("b.safetensors", [4, 8]);
    const run = (out: string, ...updates: string[]) => {
      const result = crossread("aggregate", "--update", ...updates, "--out", join(directory, out), "--json");
      expect(result.status, result.stderr).toBe(0);
      return (JSON.parse(result.stdout) as { sha256: string }).sha256;
    };
    expect(run("ab", `${a}:2`, `${b}:1`)).toBe(run("ba", `${b}:1`, `${a}:2`));
    const bytes = readFileSync(join(directory, "ab"));
    const values = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset + bytes.length - 8, bytes.byteOffset + bytes.length),
    );
    expect([...values]).toEqual([2, 4]);
    expect(
      refusal("aggregate", "--update", `${a}:1`, `${write("nan", [Number.NaN, 1])}:1`, "--out", "x"),
    ).toMatch(/nan/);
  });

  test("refuses wrong input with one sentence and exit 1", () => {
    expect(refusal("import", "mias", "/nowhere", "--out", join(directory, "ds"))).toMatch(
      /There is no directory \/nowhere/,
    );
    expect(refusal("federate", "--data", "/nowhere")).toMatch(/There is no directory \/nowhere/);
    expect(refusal("metrics", "/nowhere.csv")).toMatch(/no readable file/);
    const csv = join(directory, "wrong.csv");
    writeFileSync(csv, "truth,score\n1,0.5\n");
    expect(refusal("metrics", csv)).toMatch(/"label" is missing/);
    writeFileSync(csv, "label,score\n1,high\n");
    expect(refusal("metrics", csv)).toMatch(/line 2: score is a finite number, got "high"/);
    expect(refusal("federate", "--data", dataset, "--strategy", "best")).toMatch(
      /A strategy is one of .* got "best"/,
    );
    expect(refusal("federate", "--data", dataset, "--sites", "5")).toMatch(
      /names 2 sites itself, but --sites asks for 5/,
    );
  });

  test("refuses a dataset with one class in one sentence", () => {
    const manifest = JSON.parse(readFileSync(join(dataset, "dataset.json"), "utf8")) as {
      images: { label: string; finding: string; file: string; lesions: unknown[] }[];
    };
    const oneClass = join(directory, "one-class");
    const images = manifest.images.filter((image) => image.label === "benign");
    for (const image of images) {
      mkdirSync(join(oneClass, image.file, ".."), { recursive: true });
      copyFileSync(join(dataset, image.file), join(oneClass, image.file));
    }
    writeFileSync(join(oneClass, "dataset.json"), JSON.stringify({ ...manifest, images }));
    expect(refusal("federate", "--data", oneClass, "--sites", "2", "--rounds", "1")).toMatch(
      /class|malignant/,
    );
  });
});
