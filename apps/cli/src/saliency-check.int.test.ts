import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const bin = resolve(import.meta.dirname, "../bin/crossread.mjs");
let directory: string;

function crossread(line: string) {
  return spawnSync(process.execPath, [bin, ...line.split(" ")], { cwd: directory, encoding: "utf8" });
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "crossread-saliency-"));
  for (const line of [
    "phantom --sites 1 --cases 12 --seed 7 --out phantoms",
    "train --data phantoms --architecture tiny-cbam --epochs 3 --learning-rate 0.01 --runs 2 --out runs",
  ]) {
    expect(crossread(line).status, line).toBe(0);
  }
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

test("saliency-check reports both randomisations, unrelated maps and the agreement of two checkpoints", () => {
  const line = "saliency-check --data phantoms --limit 6 --checkpoint runs/run-1 --checkpoint runs/run-2";
  const result = crossread(`${line} --json`);
  expect(result.status, result.stderr).toBe(0);
  const report = JSON.parse(result.stdout) as Record<string, object[]>;
  expect(report).toMatchObject({ imageCount: 6, classIndex: 1, layer: "cbam", otherImage: {} });
  expect(report["cascading"]).toHaveLength(7);
  expect(report["independent"]).toHaveLength(7);
  expect(report["agreement"]).toMatchObject([{ first: "runs/run-1", second: "runs/run-2" }]);
  const table = crossread(line);
  expect(table.stdout).toMatch(
    /Random from the top to[^]*head\/dense[^]*Random alone[^]*they never show that it is right/,
  );
});

test("saliency-check says in one sentence what it needs", () => {
  expect(crossread("saliency-check --data phantoms")).toMatchObject({
    status: 2,
    stderr: "crossread: saliency-check needs a --checkpoint.\n",
  });
  expect(crossread("saliency-check --checkpoint runs/run-1").stderr).toBe(
    "crossread: saliency-check takes either files or --data.\n",
  );
  expect(crossread("saliency-check nowhere.png --checkpoint runs/run-1")).toMatchObject({
    status: 1,
    stderr: "crossread: There is no readable file nowhere.png.\n",
  });
});
