import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const bin = resolve(import.meta.dirname, "../bin/crossread.mjs");
const longMs = 360_000;
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "crossread-resume-"));
  const made = crossread("phantom", "--sites", "1", "--cases", "12", "--seed", "7", "--out", "phantoms");
  expect(made.status, made.stderr).toBe(0);
}, longMs);

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function crossread(...argv: string[]) {
  return spawnSync(process.execPath, [bin, ...argv], { cwd: directory, encoding: "utf8" });
}

const fixed =
  "train --data phantoms --architecture tiny-cbam --batch-size 8 --epochs 8 --steps-per-epoch 12 --patience 8 " +
  "--head-first-epochs 2 --learning-rate 0.003 --runs 2 --save-every 5 --json";
const training = (out: string, ...more: string[]): string[] => [...fixed.split(" "), "--out", out, ...more];

/** Sends the signal as soon as a line of progress matches. */
async function interrupted(argv: string[], when: RegExp, signal: "SIGINT" | "SIGKILL") {
  const child = spawn(process.execPath, [bin, ...argv], { cwd: directory });
  let stderr = "";
  child.stderr.on("data", (part: Buffer) => {
    const isFirst = !when.test(stderr);
    stderr += part.toString();
    if (isFirst && when.test(stderr)) child.kill(signal);
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return { code, stderr };
}

interface Result {
  readonly runs: readonly { readonly checkpointId: string; readonly history: readonly object[] }[];
}

function finished(argv: string[]): Result {
  const result = crossread(...argv);
  expect(result.status, result.stderr).toBe(0);
  return JSON.parse(result.stdout) as Result;
}

describe("crossread train", () => {
  let undisturbed: Result;

  test(
    "writes checkpoint, curves, predictions and a summary of each run, and leaves no state behind",
    () => {
      undisturbed = finished(training("whole"));
      expect(readdirSync(join(directory, "whole/run-2")).sort()).toEqual(
        ["curves.csv", "curves.svg", "manifest.json", "predictions.csv", "result.json"].concat([
          "steps.csv",
          "weights.safetensors",
        ]),
      );
      const curves = readFileSync(join(directory, "whole/run-1/curves.csv"), "utf8").trim().split("\n");
      expect(curves[0]).toBe("epoch,training_loss,tuning_loss,tuning_auc,gradient_norm");
      expect(curves).toHaveLength(1 + undisturbed.runs[0]!.history.length);
      expect(readFileSync(join(directory, "whole/run-1/curves.svg"), "utf8")).toMatch(/^<svg [^]*<\/svg>\n$/);
      expect(JSON.parse(readFileSync(join(directory, "whole/summary.json"), "utf8"))).toEqual(undisturbed);
      expect(finished(training("whole", "--resume"))).toEqual(undisturbed);
    },
    longMs,
  );

  test(
    "ends with the same checkpoints and numbers after a kill in either run",
    async () => {
      await interrupted(training("killed"), /Run 1\/2: epoch 3\/8/, "SIGKILL");
      expect(existsSync(join(directory, "killed/run-1/training-state.safetensors"))).toBe(true);
      await interrupted(training("killed", "--resume"), /Run 2\/2: epoch 1\/8/, "SIGKILL");
      expect(finished(training("killed", "--resume"))).toEqual(undisturbed);
    },
    longMs,
  );

  test(
    "stops on Ctrl-C with one sentence, refuses to overwrite what it left, and goes on from there",
    async () => {
      const { code, stderr } = await interrupted(training("stopped"), /epoch 1\/8/, "SIGINT");
      expect(code).toBe(1);
      expect(stderr.trim().split("\n").at(-1)).toBe(
        "crossread: Run 1/2 was stopped; its state is in stopped/run-1: run the same command with --resume to go on.",
      );
      expect(crossread(...training("stopped")).stderr).toMatch(
        /holds a training that was stopped: add --resume/,
      );
      const other = crossread(...training("stopped", "--resume", "--label-smoothing", "0.1"));
      expect(other.stderr).toMatch(/belongs to a training with other images, options, seed, start or engine/);
      expect(finished(training("stopped", "--resume"))).toEqual(undisturbed);
    },
    longMs,
  );
});
