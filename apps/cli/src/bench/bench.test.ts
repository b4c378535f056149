import { describe, expect, test } from "vitest";
import { DomainError } from "@crossread/contracts/errors";
import { benchInfer } from "./bench-infer.ts";
import { benchTrain } from "./bench-train.ts";
import { compare, describeComparison, orAbsent } from "./comparison.ts";
import type { BenchSettings } from "./settings.ts";
import { startNodeContestant } from "./start-node-contestant.ts";

const settings: BenchSettings = {
  architecture: "tiny-cbam",
  engine: "onnx",
  threads: 1,
  device: "cpu",
  rounds: 1,
  data: undefined,
  onProgress: () => undefined,
};
const positive = expect.any(Number) as number;

describe("the bench on the tiny network", () => {
  test("measures a training step in a process of its own and names the absent baseline", async () => {
    const [comparison] = await benchTrain(settings);
    expect(comparison?.rows).toMatchObject([
      {
        name: "Crossread, onnx",
        stepCount: 6,
        info: { "compile and session s": positive, "graph MB": positive },
      },
    ]);
    expect(comparison?.rows[0]?.minimumMs).toBeGreaterThan(0);
    const reason = "the baselines build efficientnet-b0-cbam only.";
    expect(comparison?.absent).toEqual([
      { name: "PyTorch, channels-last", reason },
      { name: "PyTorch, channels-last, our malloc", reason },
    ]);
    expect(comparison && describeComparison(comparison)).toMatch(/absent: PyTorch/);
  });

  test("measures prediction with its map at batch 1 and 16", async () => {
    const comparisons = await benchInfer(settings);
    expect(comparisons.map(({ itemsPerStep, rows }) => [itemsPerStep, rows.length])).toEqual([
      [1, 1],
      [16, 1],
    ]);
  });
});

test("compares two processes as ours divided by theirs", async () => {
  const task = { kind: "infer", architecture: "tiny-cbam", engine: "onnx", threads: 1 } as const;
  const comparison = await compare({
    title: "batch 8 against batch 1",
    itemsPerStep: 1,
    itemName: "run",
    schedule: { warmUpSteps: 1, rounds: 2, blockSteps: 5 },
    ours: () => startNodeContestant("eight", { ...task, batchSize: 8 }),
    baselines: [() => startNodeContestant("one", { ...task, batchSize: 1 })],
    onProgress: () => undefined,
  });
  const [eight, one] = comparison.rows;
  expect(one?.ratio?.ofMedians).toBe((eight?.medianMs ?? 0) / (one?.medianMs ?? 0));
  expect(one?.ratio?.ofMinima).toBeGreaterThan(1);
});

test("a baseline that dies is absent with its last words; our own failure is one", async () => {
  const broken = () =>
    startNodeContestant("broken", {
      kind: "infer",
      architecture: "unheard-of",
      engine: "onnx",
      threads: 1,
      batchSize: 1,
    });
  expect(await orAbsent("broken", broken)).toMatchObject({
    name: "broken",
    reason: expect.stringMatching(/--architecture takes .*, got "unheard-of"/) as string,
  });
  await expect(broken()).rejects.toThrow(DomainError);
});
