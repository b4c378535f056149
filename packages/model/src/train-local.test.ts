import "@tensorflow/tfjs-backend-cpu";
import { auc } from "@crossread/metrics/auc";
import { createRandom } from "@crossread/metrics/random";
import { describe, expect, it } from "vitest";
import { modelPresets } from "./config.ts";
import type { Engine } from "./engine.ts";
import type { Example } from "./example.ts";
import { normalisationOf, sumPixels } from "./normalisation.ts";
import { createOnnxEngine } from "./onnx-engine.ts";
import { initialParameters } from "./parameter-table.ts";
import { predictExamples } from "./predict-examples.ts";
import { createTfjsEngine } from "./tfjs-engine.ts";
import type { LocalPlan } from "./local-plan.ts";
import { trainLocal, type TrainingProgress } from "./train-local.ts";

const config = modelPresets["tiny-cbam"];
const engine = createOnnxEngine({ threadCount: 1 });

/** Noise, and for malignant examples one bright disc somewhere. */
function blobExamples(count: number, seed: number, malignantShare = 0.25): Example[] {
  const size = config.imageSize;
  return Array.from({ length: count }, (_, index) => {
    const random = createRandom(seed).fork(`example/${index}`);
    const label = index < count * malignantShare ? 1 : 0;
    const centreX = 6 + random.nextInt(size - 12);
    const centreY = 6 + random.nextInt(size - 12);
    const pixels = Float32Array.from({ length: size * size }, (_unused, position) => {
      const distance = Math.hypot((position % size) - centreX, Math.floor(position / size) - centreY);
      const disc = label === 1 && distance < 4 ? 0.3 : 0;
      return Math.min(1, Math.max(0, 0.4 + disc + 0.08 * random.normal()));
    });
    return { exampleId: `example-${index}`, subjectId: `subject-${index}`, label, pixels };
  });
}

const train = blobExamples(48, 1);
const tuning = blobExamples(24, 2, 0.5);
const normalisation = normalisationOf(sumPixels(train.map((example) => example.pixels)));
const plan: LocalPlan = { epochs: 2, batchSize: 8, learningRate: 3e-3, isAugmented: true };
const base = {
  engine,
  config,
  start: initialParameters(config, 1),
  train,
  tuning,
  normalisation,
  plan,
  seed: 42,
};

/** Counts steps in its first parameter; every malignant example has the loss that the script gives for the epoch. */
function scriptedEngine(losses: readonly number[]): Engine {
  let epoch = 0;
  const parameters = () => ({ trainable: Float32Array.of(epoch), statistics: new Float32Array(0) });
  return {
    name: "scripted",
    createPredictor: () => Promise.reject(new Error("not scripted")),
    createTrainer: () =>
      Promise.resolve({
        step: () => {
          epoch += 1;
          return Promise.resolve({ loss: 1, gradientNorm: 1, scores: new Float32Array(8) });
        },
        evaluate: ({ count }) => {
          const margin = -Math.log(Math.expm1(losses[epoch - 1]!)); // log(1 + e⁻ᵐ) = loss
          const logits = Float32Array.from({ length: count * 2 }, (_, index) => (index % 2) * margin);
          return Promise.resolve({ scores: new Float32Array(count), logits });
        },
        parameters: () => Promise.resolve(parameters()),
        optimizerState: () =>
          Promise.resolve({
            step: epoch,
            firstMoment: new Float32Array(1),
            secondMoment: new Float32Array(1),
          }),
        restore: () => undefined,
        dispose: () => Promise.resolve(),
      }),
  };
}

describe("trainLocal", () => {
  it("learns to find bright discs from scratch: AUC above 0.9 on examples it has not seen", async () => {
    const progress: TrainingProgress[] = [];
    const result = await trainLocal({
      ...base,
      plan: { ...plan, epochs: 10 },
      onProgress: (report) => void progress.push(report),
    });
    const predictor = await engine.createPredictor({ config, parameters: result.parameters, batchSize: 8 });
    const unseen = blobExamples(60, 3, 0.5);
    const predictions = await predictExamples({
      predictor,
      config,
      normalisation,
      examples: unseen,
      chunkSize: 25,
    });
    await predictor.dispose();
    expect(predictions.map((prediction) => prediction.exampleId)).toEqual(
      unseen.map((example) => example.exampleId),
    );
    const scores = (label: number) => predictions.filter((p) => p.label === label).map((p) => p.score);
    expect(auc(scores(1), scores(0))).toBeGreaterThan(0.9);
    expect(result).toMatchObject({ exampleCount: 48, stepCount: 60, selectedEpoch: 10, stoppedEarly: false });
    expect(result.history).toHaveLength(10);
    expect(result.history.at(-1)!.trainLoss).toBeLessThan(result.history[0]!.trainLoss);
    expect(progress.at(-1)).toMatchObject({ epoch: 10, epochs: 10, step: 60, steps: 60 });
  });

  it("gives the same parameters bit for bit for the same seed, and others for another seed", async () => {
    const first = await trainLocal(base);
    const second = await trainLocal(base);
    const other = await trainLocal({ ...base, seed: 43 });
    expect(second).toEqual(first);
    expect(other.parameters.trainable).not.toEqual(first.parameters.trainable);
  });

  it("follows the same course on the reference engine", async () => {
    const short = {
      ...base,
      tuning: tuning.slice(8, 16),
      plan: { ...plan, epochs: 1, stepsPerEpoch: 2, learningRate: 1e-4 },
    };
    const compiled = await trainLocal(short);
    const eager = await trainLocal({ ...short, engine: await createTfjsEngine("cpu") });
    expect(compiled.history[0]!.trainLoss).toBeCloseTo(eager.history[0]!.trainLoss, 4);
    expect(compiled.history[0]!.tuningLoss!).toBeCloseTo(eager.history[0]!.tuningLoss!, 4);
  });

  it("stays closer to the start with a proximal term", async () => {
    const distance = (parameters: Float32Array) =>
      Math.sqrt(
        parameters.reduce((sum, value, index) => sum + (value - base.start.trainable[index]!) ** 2, 0),
      );
    const free = await trainLocal({ ...base, plan: { ...plan, epochs: 4 } });
    const bound = await trainLocal({ ...base, plan: { ...plan, epochs: 4, proximalMu: 10 } });
    expect(distance(bound.parameters.trainable)).toBeLessThan(0.8 * distance(free.parameters.trainable));
  });

  it.each([
    { losses: [0.6, 0.5, 0.55, 0.52, 0.1], patience: 2, epochs: 4, selectedEpoch: 2, stoppedEarly: true },
    { losses: [0.6, 0.5, 0.55, 0.4, 0.45], patience: 2, epochs: 5, selectedEpoch: 4, stoppedEarly: false },
    { losses: [0.6, 0.6, 0.1, 0.1, 0.1], patience: 1, epochs: 2, selectedEpoch: 1, stoppedEarly: true },
  ])("returns epoch $selectedEpoch for tuning losses $losses with patience $patience", async (course) => {
    const result = await trainLocal({
      ...base,
      engine: scriptedEngine(course.losses),
      tuning: tuning.filter((example) => example.label === 1),
      plan: { ...plan, epochs: 5, stepsPerEpoch: 1, earlyStoppingPatience: course.patience },
    });
    expect(result.history.map((epoch) => epoch.tuningLoss!.toFixed(6))).toEqual(
      course.losses.slice(0, course.epochs).map((loss) => loss.toFixed(6)),
    );
    expect(result).toMatchObject({ selectedEpoch: course.selectedEpoch, stoppedEarly: course.stoppedEarly });
    expect(result.parameters.trainable[0]).toBe(course.selectedEpoch);
    expect(result.history[0]!.tuningAuc).toBeNull();
  });

  it.each([
    ["one-class-cohort", { train: train.filter((example) => example.label === 0) }],
    ["one-class-cohort", { train: [] }],
    ["plan-invalid", { plan: { ...plan, epochs: 0 } }],
    ["plan-invalid", { plan: { ...plan, batchSize: 1 } }],
    ["plan-invalid", { plan: { ...plan, learningRate: 0 } }],
    ["plan-invalid", { plan: { ...plan, learningRate: Number.NaN } }],
    ["plan-invalid", { plan: { ...plan, earlyStoppingPatience: 2 }, tuning: [] }],
    ["image-unreadable", { tuning: [{ ...tuning[0]!, pixels: new Float32Array(3) }] }],
    [
      "training-failed",
      { train: train.map((example) => ({ ...example, pixels: example.pixels.map(() => NaN) })) },
    ],
    ["run-cancelled", { signal: AbortSignal.abort() }],
  ] as const)("refuses with %s", async (code, change) => {
    await expect(trainLocal({ ...base, ...change })).rejects.toMatchObject({ code });
  });
});
