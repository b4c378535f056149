import "@tensorflow/tfjs-backend-cpu";
import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { buildArchitecture, stageOfBlock } from "./architecture.ts";
import { modelPresets, type ModelConfig } from "./config.ts";
import { mbConv, stem } from "./forward.ts";
import { classify, headConvolution } from "./head.ts";
import { createOnnxEngine } from "./onnx-engine.ts";
import { parameterCount, parameterTable, parameterValues } from "./parameter-table.ts";
import { parameterTensors } from "./program.ts";
import { encodeSafetensors } from "./safetensors.ts";
import { inferenceScope } from "./tensor-scope.ts";
import { weightSchemes } from "./weight-names.ts";
import { importWeights } from "./weights-import.ts";

const sampleSchema = z.object({
  shape: z.array(z.number()),
  positions: z.array(z.number()),
  values: z.array(z.number()),
  mean: z.number(),
  rootMeanSquare: z.number(),
});
const golden = z
  .object({
    size: z.number(),
    batch: z.number(),
    trainableCount: z.number(),
    names: z.array(z.tuple([z.string(), z.array(z.number())])),
    inference: z.object({ stages: z.record(z.string(), sampleSchema), logits: sampleSchema }),
    training: z.object({
      labels: z.array(z.number()),
      loss: z.number(),
      gradientNorm: z.number(),
      gradientNorms: z.record(z.string(), z.number()),
      statisticNorms: z.record(z.string(), z.number()),
    }),
  })
  .parse(JSON.parse(readFileSync(new URL("../golden/torchvision/cases.json", import.meta.url), "utf8")));

const classic: ModelConfig = {
  ...modelPresets["efficientnet-b0-cbam"],
  imageSize: golden.size,
  classCount: 1000,
  headVariant: "conv-head",
  attention: "none",
};

/** As in golden/torchvision/generate.py. */
function formula(count: number, index: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const x = Math.sin(0.37 * i + 1.7 * index + 0.5) * 437.585453;
    return 2 * (x - Math.floor(x)) - 1;
  });
}

function formulaTensor(name: string, shape: readonly number[], index: number) {
  const u = formula(
    shape.reduce((a, b) => a * b, 1),
    index,
  );
  const fanIn = shape.slice(1).reduce((a, b) => a * b, 1);
  const value = (x: number): number => {
    if (name.endsWith("running_var")) return 1 + 0.5 * x;
    if (name.endsWith("running_mean")) return 0.1 * x;
    if (shape.length >= 2) return x * Math.sqrt(3 / fanIn);
    return name.endsWith("weight") ? 1 + 0.1 * x : 0.1 * x;
  };
  return { name, shape, values: Float32Array.from(u, value) };
}

const imported = importWeights({
  file: encodeSafetensors(golden.names.map(([name, shape], index) => formulaTensor(name, shape, index))),
  origin: "formula",
  config: classic,
  seed: 1,
});
const gray = Float32Array.from(formula(golden.batch * golden.size ** 2, 1000), (x) => 0.5 * x);

it("has the published number of trainable parameters for 1000 classes", () => {
  expect(parameterCount(classic)).toBe(5_288_548);
  expect(golden.trainableCount).toBe(5_288_548);
});

it("maps every torchvision tensor", () => {
  expect(imported.report).toMatchObject({ scheme: "torchvision", initialised: [], unused: [] });
  expect(imported.report.mapped).toHaveLength(golden.names.length);
  expect(imported.config).toMatchObject({ padding: "symmetric", batchNormEpsilon: 1e-5 });
});

describe("inference stage by stage", () => {
  const outputs = new Map<string, { shape: number[]; values: Float32Array }>();

  beforeAll(async () => {
    await tf.setBackend("cpu");
    tf.tidy(() => {
      const { config, parameters } = imported;
      const scope = inferenceScope(config, parameterTensors(config, parameters));
      const record = (name: string, tensor: tf.Tensor) =>
        outputs.set(name, { shape: tensor.shape, values: tensor.dataSync().slice() as Float32Array });
      let x = stem(tf.tensor4d(gray, [golden.batch, golden.size, golden.size, 1]), scope);
      record("features.0", x);
      buildArchitecture(config).blocks.forEach((block, index) => {
        x = mbConv(x, block, scope);
        record(`features.${stageOfBlock(config, index).stage + 1}`, x); // the last block of a stage stays
      });
      x = headConvolution(x, scope);
      record("features.8", x);
      record("logits", classify(x, scope));
    });
  });

  it.each([...Object.entries(golden.inference.stages), ["logits", golden.inference.logits] as const])(
    "%s equals torchvision within float32 rounding",
    (name, expected) => {
      const { shape, values } = outputs.get(name)!;
      expect(shape).toEqual(expected.shape);
      const scale = expected.rootMeanSquare;
      expected.positions.forEach((position, index) => {
        expect(Math.abs(values[position]! - expected.values[index]!)).toBeLessThan(2e-5 * scale);
      });
      const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
      expect(Math.abs(Math.sqrt(square) / scale - 1)).toBeLessThan(1e-5);
    },
  );
});

it("takes the same training step as torchvision: loss, gradients and running statistics of every tensor", async () => {
  // PyTorch's momentum 0.1 is the share of the new statistics
  const config = { ...imported.config, batchNormMomentum: 0.9 };
  const { parameters } = imported;
  const trainer = await createOnnxEngine({ threadCount: 1 }).createTrainer({
    config,
    parameters,
    optimizer: { learningRate: 1e-3 },
    batchSize: golden.batch,
  });
  const { gradientNorm, loss } = await trainer.step({ images: gray, labels: golden.training.labels });
  expect(Math.abs(loss - golden.training.loss)).toBeLessThan(1e-4);
  expect(Math.abs(gradientNorm / golden.training.gradientNorm - 1)).toBeLessThan(1e-3);

  const names = weightSchemes.find((scheme) => scheme.name === "torchvision")!.nameMap(config);
  const { firstMoment } = await trainer.optimizerState();
  const { statistics } = await trainer.parameters();
  const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  let compared = 0;
  for (const parameter of parameterTable(config).parameters) {
    const source = names.get(parameter.name)!;
    const actual = norm(parameterValues({ trainable: firstMoment, statistics }, parameter));
    const isTrainable = parameter.kind === "trainable";
    const expected = isTrainable
      ? 0.1 * golden.training.gradientNorms[source]!
      : golden.training.statisticNorms[source]!;
    const tolerance = isTrainable ? 2e-3 * expected + 1e-5 : 1e-4 * expected;
    expect(Math.abs(actual - expected), parameter.name).toBeLessThan(tolerance);
    compared += 1;
  }
  expect(compared).toBe(golden.names.length);
  await trainer.dispose();
});
