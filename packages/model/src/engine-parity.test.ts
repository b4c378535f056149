import "@tensorflow/tfjs-backend-cpu";
import { createRandom } from "@crossread/metrics/random";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { modelPresets, type ModelConfig } from "./config.ts";
import type { OptimizerConfig, SaliencyLayer } from "./engine.ts";
import { createOnnxEngine } from "./onnx-engine.ts";
import { initialParameters } from "./parameter-table.ts";
import { createTfjsEngine } from "./tfjs-engine.ts";

const tiny = modelPresets["tiny-cbam"];
const variants: Record<string, ModelConfig> = {
  "paper head, far-side padding": tiny,
  "1×1 head, symmetric padding": { ...tiny, headVariant: "conv-head", padding: "symmetric", imageSize: 33 },
  "no attention": { ...tiny, attention: "none" },
};
const batchSize = 3;

function randomImages(config: ModelConfig, count: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: count * config.imageSize ** 2 }, () => random.normal());
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((worst, value, index) => Math.max(worst, Math.abs(value - b[index]!)), 0);
}

const engines = async () => ({
  onnx: createOnnxEngine({ threadCount: 1 }),
  cpu: await createTfjsEngine("cpu"),
});

describe.each(Object.entries(variants))("onnx and tfjs's CPU backend agree: %s", (_name, config) => {
  const parameters = initialParameters(config, 7);
  const images = randomImages(config, 4, 1);

  it.each<SaliencyLayer>(["cbam", "last-conv"])(
    "on scores, logits and Grad-CAM at %s, with a padded batch",
    async (layer) => {
      const { cpu, onnx } = await engines();
      const results = [];
      for (const engine of [onnx, cpu]) {
        const predictor = await engine.createPredictor({ config, parameters, batchSize });
        results.push(await predictor.predict({ images, count: 4, saliency: { classIndex: 1, layer } }));
        await predictor.dispose();
      }
      const [a, b] = results as [(typeof results)[0], (typeof results)[0]];
      expect(largestDifference(a.logits, b.logits)).toBeLessThan(1e-5);
      expect(largestDifference(a.scores, b.scores)).toBeLessThan(1e-6);
      expect(largestDifference(a.maps!.values, b.maps!.values)).toBeLessThan(1e-6);
      expect(a.maps!.heightPx * a.maps!.widthPx * 4).toBe(a.maps!.values.length);
      expect(Math.max(...a.maps!.values)).toBeGreaterThan(0);
    },
  );

  it("on parameters, moments and statistics after training steps", async () => {
    const { cpu, onnx } = await engines();
    const optimizer: OptimizerConfig = {
      learningRate: 1e-3,
      proximalMu: 0.1,
      clipNorm: 0.5,
      labelSmoothing: 0.1,
    };
    const trainers = await Promise.all(
      [onnx, cpu].map((engine) => engine.createTrainer({ config, parameters, optimizer, batchSize })),
    );
    const first = { images: randomImages(config, batchSize, 10), labels: [0, 1, 1] };
    const [a, b] = [await trainers[0]!.step(first), await trainers[1]!.step(first)];
    expect(a.loss).toBeCloseTo(b.loss, 5);
    expect(Math.abs(a.gradientNorm / b.gradientNorm - 1)).toBeLessThan(1e-4);
    expect(largestDifference(a.scores, b.scores)).toBeLessThan(1e-5);
    // first moments after one step are the clipped gradient times 1 − β₁
    const [m, n] = await Promise.all(
      trainers.map(async (trainer) => (await trainer.optimizerState()).firstMoment),
    );
    expect(largestDifference(m!, n!)).toBeLessThan(1e-6);
    expect(Math.max(...m!)).toBeGreaterThan(1e-4);
    const [p, q] = await Promise.all(trainers.map((trainer) => trainer.parameters()));
    expect(largestDifference(p!.statistics, q!.statistics)).toBeLessThan(1e-5);

    // Adam's first step is nearly the sign of the gradient: rounding of a gradient near 0 moves a parameter by 2η
    const second = { images: randomImages(config, batchSize, 11), labels: [1, 0, 1] };
    const [c, d] = [await trainers[0]!.step(second), await trainers[1]!.step(second)];
    expect(Math.abs(c.loss - d.loss)).toBeLessThan(1e-3);
    for (const trainer of trainers) await trainer.dispose();
  });
});

it("evaluates a trainer's parameters as a predictor with the same parameters does", async () => {
  const { cpu, onnx } = await engines();
  const parameters = initialParameters(tiny, 3);
  const images = randomImages(tiny, 5, 2);
  for (const engine of [onnx, cpu]) {
    const trainer = await engine.createTrainer({
      config: tiny,
      parameters,
      optimizer: { learningRate: 0.01 },
      batchSize,
    });
    await trainer.step({ images: randomImages(tiny, batchSize, 4), labels: [1, 0, 1] });
    const evaluated = await trainer.evaluate({ images, count: 5 });
    const predictor = await engine.createPredictor({
      config: tiny,
      parameters: await trainer.parameters(),
      batchSize: 2,
    });
    const predicted = await predictor.predict({ images, count: 5 });
    expect(largestDifference(evaluated.logits, predicted.logits)).toBeLessThan(1e-5);
    await trainer.dispose();
    await predictor.dispose();
  }
});

it("leaves no tensor behind after training and prediction on an eager backend", async () => {
  const engine = await createTfjsEngine("cpu");
  const parameters = initialParameters(tiny, 3);
  const before = tf.memory().numTensors;
  const trainer = await engine.createTrainer({
    config: tiny,
    parameters,
    optimizer: { learningRate: 0.01 },
    batchSize,
  });
  await trainer.step({ images: randomImages(tiny, batchSize, 4), labels: [1, 0, 1] });
  await trainer.dispose();
  const predictor = await engine.createPredictor({ config: tiny, parameters, batchSize });
  const images = randomImages(tiny, 3, 5);
  await predictor.predict({ images, count: 3, saliency: { classIndex: 0, layer: "cbam" } });
  await predictor.predict({ images, count: 3 });
  await predictor.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
