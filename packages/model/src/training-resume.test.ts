import "@tensorflow/tfjs-backend-cpu";
import { createRandom } from "@crossread/metrics/random";
import { describe, expect, it } from "vitest";
import { modelPresets } from "./config.ts";
import type { Engine } from "./engine.ts";
import type { Example } from "./example.ts";
import type { LocalPlan } from "./local-plan.ts";
import { normalisationOf, sumPixels } from "./normalisation.ts";
import { createOnnxEngine } from "./onnx-engine.ts";
import { initialParameters } from "./parameter-table.ts";
import { encodeSafetensors } from "./safetensors.ts";
import { createTfjsEngine } from "./tfjs-engine.ts";
import { trainLocal, type TrainLocalOptions, type TrainingProgress } from "./train-local.ts";
import { decodeTrainingState, encodeTrainingState, type TrainingState } from "./training-state.ts";

const config = modelPresets["tiny-cbam"];

function noiseExamples(count: number, seed: number): Example[] {
  return Array.from({ length: count }, (_, index) => {
    const random = createRandom(seed).fork(String(index));
    const pixels = Float32Array.from({ length: config.imageSize ** 2 }, () => random.next());
    return { exampleId: `${seed}/${index}`, subjectId: `${index}`, label: index % 3 === 0 ? 1 : 0, pixels };
  });
}

const train = noiseExamples(12, 1);
const tuning = noiseExamples(5, 2);
const everyOption: LocalPlan = {
  epochs: 3,
  batchSize: 4,
  stepsPerEpoch: 3,
  learningRate: 3e-3,
  isAugmented: true,
  earlyStoppingPatience: 2,
  headFirstEpochs: 1,
  proximalMu: 0.01,
  clipNorm: 5,
  labelSmoothing: 0.1,
  warmUpSteps: 2,
  schedule: { kind: "cosine", floorShare: 0.1 },
};

const base = {
  config,
  start: initialParameters(config, 1),
  train,
  tuning,
  normalisation: normalisationOf(sumPixels(train.map((example) => example.pixels))),
  plan: everyOption,
  seed: 42,
};

/** Trains to the end and keeps every state on the way, as bytes. */
async function withAllStates(options: TrainLocalOptions) {
  const states: { step: number; isEpochEnd: boolean; bytes: Uint8Array }[] = [];
  let position = { step: 0, isEpochEnd: false };
  const result = await trainLocal({
    ...options,
    saving: {
      isDue: (asked) => {
        position = asked;
        return true;
      },
      save: (state) => {
        states.push({ ...position, bytes: encodeTrainingState(state) });
        return Promise.resolve();
      },
    },
  });
  return { result, states };
}

describe("a training that was killed", () => {
  it("ends with the same parameters bit for bit, whichever step it is resumed from", async () => {
    const engine = createOnnxEngine({ threadCount: 1 });
    const undisturbed = await trainLocal({ ...base, engine });
    const { result, states } = await withAllStates({ ...base, engine });
    expect(result).toEqual(undisturbed);
    expect(states.map(({ isEpochEnd, step }) => `${step}${isEpochEnd ? " end" : ""}`)).toEqual([
      "1",
      "2",
      "3",
      "3 end",
      "4",
      "5",
      "6",
      "6 end",
      "7",
      "8",
      "9",
      "9 end",
    ]);
    for (const { bytes, isEpochEnd, step } of states) {
      const resumed = await trainLocal({
        ...base,
        engine,
        resumeFrom: decodeTrainingState(bytes, "state"),
      });
      expect(resumed, `from step ${step}${isEpochEnd ? " after tuning" : ""}`).toEqual(undisturbed);
    }
  });

  it("does so on the reference engine too", async () => {
    const engine = await createTfjsEngine("cpu");
    const plan: LocalPlan = { ...everyOption, epochs: 2, batchSize: 2, stepsPerEpoch: 2 };
    const options = { ...base, engine, plan, tuning: tuning.slice(0, 2) };
    const { result, states } = await withAllStates(options);
    for (const index of [0, 1, 3]) {
      const resumeFrom = decodeTrainingState(states[index]!.bytes, "state");
      expect(await trainLocal({ ...options, resumeFrom })).toEqual(result);
    }
  });

  it("saves its state when it is cancelled, in a step or while it tunes, and goes on from there", async () => {
    const inner = createOnnxEngine({ threadCount: 1 });
    const undisturbed = await trainLocal({ ...base, engine: inner });
    for (const stopAt of [{ steps: 2 }, { steps: 5 }, { tuningRuns: 1 }, { tuningRuns: 3 }]) {
      const controller = new AbortController();
      const engine = abortingEngine(inner, stopAt, controller);
      const states: TrainingState[] = [];
      const cancelled = trainLocal({
        ...base,
        engine,
        signal: controller.signal,
        saving: { isDue: () => false, save: (state) => Promise.resolve(void states.push(state)) },
      });
      await expect(cancelled).rejects.toMatchObject({ code: "run-cancelled" });
      expect(states).toHaveLength(1);
      expect(await trainLocal({ ...base, engine: inner, resumeFrom: states[0]! })).toEqual(undisturbed);
    }
  });

  it("refuses the state of another training", async () => {
    const engine = createOnnxEngine({ threadCount: 1 });
    const short = { ...base, engine, plan: { ...everyOption, epochs: 1, headFirstEpochs: 0 } };
    const { states } = await withAllStates(short);
    const resumeFrom = decodeTrainingState(states[0]!.bytes, "state");
    const others: Partial<TrainLocalOptions>[] = [
      { seed: 43 },
      { plan: { ...short.plan, learningRate: 1e-3 } },
      { train: train.toReversed() },
      { tuning: tuning.slice(1) },
      { start: initialParameters(config, 2) },
    ];
    for (const other of others) {
      await expect(trainLocal({ ...short, ...other, resumeFrom })).rejects.toMatchObject({
        code: "conflict",
      });
    }
  });
});

/** Cancels the training after so many steps, or within the first batch of so many tuning runs. */
function abortingEngine(
  engine: Engine,
  stopAt: { steps?: number; tuningRuns?: number },
  controller: AbortController,
): Engine {
  let steps = 0;
  let evaluations = 0;
  const batchesPerTuning = Math.ceil(tuning.length / everyOption.batchSize);
  return {
    ...engine,
    createTrainer: async (options) => {
      const trainer = await engine.createTrainer(options);
      return {
        ...trainer,
        step: async (batch) => {
          const result = await trainer.step(batch);
          steps += 1;
          if (steps === stopAt.steps) controller.abort();
          return result;
        },
        evaluate: async (request) => {
          const result = await trainer.evaluate(request);
          evaluations += 1;
          if (evaluations === ((stopAt.tuningRuns ?? 0) - 1) * batchesPerTuning + 1) controller.abort();
          return result;
        },
      };
    },
  };
}

describe("decodeTrainingState", () => {
  const state: TrainingState = {
    fingerprint: "a".repeat(64),
    completedEpochs: 1,
    optimizerStep: 3,
    losses: [0.1 + 0.2, 1e-300, 3],
    gradientNorms: [1, 2, 3],
    history: [{ epoch: 1, trainLoss: 1 / 3, tuningLoss: null, tuningAuc: null, gradientNorm: 2 }],
    best: { epoch: 1, loss: 0.5 },
    isStoppedEarly: false,
    parameters: { trainable: Float32Array.of(1.1, -0), statistics: Float32Array.of(2) },
    firstMoment: Float32Array.of(1e-40, 0),
    secondMoment: Float32Array.of(0, 5),
    bestParameters: { trainable: Float32Array.of(3, 4), statistics: Float32Array.of(6) },
  };

  it("gives back exactly what was encoded, with and without a best epoch", () => {
    expect(decodeTrainingState(encodeTrainingState(state), "x")).toEqual(state);
    const { bestParameters: _, ...rest } = state;
    const without = { ...rest, best: null };
    expect(decodeTrainingState(encodeTrainingState(without), "x")).toEqual(without);
  });

  it("refuses a file cut short and a file that is no training state", () => {
    const bytes = encodeTrainingState(state);
    expect(() => decodeTrainingState(bytes.subarray(0, bytes.length - 4), "x")).toThrow(
      expect.objectContaining({ code: "weights-invalid" }),
    );
    const weights = encodeSafetensors([{ name: "w", shape: [1], values: Float32Array.of(1) }]);
    expect(() => decodeTrainingState(weights, "x")).toThrow(
      expect.objectContaining({ code: "checkpoint-invalid" }),
    );
  });
});

it("tells the time left by the injected clock, 0 at the end", async () => {
  let now = 0;
  const progress: TrainingProgress[] = [];
  await trainLocal({
    ...base,
    engine: createOnnxEngine({ threadCount: 1 }),
    plan: { ...everyOption, headFirstEpochs: 0 },
    clock: () => (now += 50),
    onProgress: (report) => void progress.push(report),
  });
  // step and tuning each take 50 ms of this clock: 8 steps and 3 tunings are left after the first step
  expect(progress[0]!.remainingMs).toBe(8 * 50);
  expect(progress.at(-1)!.remainingMs).toBe(0);
});
