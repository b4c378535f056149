import "@tensorflow/tfjs-backend-cpu";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import type { CheckpointContent } from "./checkpoint.ts";
import { modelPresets, type ModelConfig } from "./config.ts";
import { exportOnnx } from "./onnx-export.ts";
import { initialParameters } from "./parameter-table.ts";
import { createTfjsEngine } from "./tfjs-engine.ts";

const tiny = modelPresets["tiny-cbam"];
const batchSize = 2;

function checkpointOf(config: ModelConfig): CheckpointContent & { checkpointId: string } {
  return {
    checkpointId: "ab".repeat(32),
    config,
    parameters: initialParameters(config, 21),
    normalisation: { mean: 0.25, standardDeviation: 0.125 },
    classNames: ["benign", "malignant"],
    lineage: {
      origin: "initial",
      parentId: null,
      round: 0,
      strategy: null,
      seed: 21,
      cohortDigests: [],
      updates: [],
      codeVersion: "test",
      sourceSha256: null,
    },
  };
}

const images = Float32Array.from({ length: batchSize * tiny.imageSize ** 2 }, (_, index) =>
  Math.sin(0.01 * index * index),
);

async function runBare(bytes: Uint8Array): Promise<Record<string, Float32Array>> {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const shape = [batchSize, tiny.imageSize, tiny.imageSize, 1];
  const results = await session.run({ images: new ort.Tensor("float32", images, shape) });
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, Float32Array.from(data as Float32Array)]),
  );
}

function largestDifference(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  return actual.reduce((largest, value, index) => Math.max(largest, Math.abs(value - expected[index]!)), 0);
}

describe("an exported ONNX file", () => {
  it.each([
    ["cbam", "gap", "same-tf"],
    ["cbam", "conv-head", "symmetric"],
    ["last-conv", "conv-head", "same-tf"],
    ["last-conv", "gap", "symmetric"],
  ] as const)(
    "gives in a bare session what the reference engine gives: map at %s, %s, padding %s",
    async (layer, headVariant, padding) => {
      const config: ModelConfig = { ...tiny, headVariant, padding };
      const checkpoint = checkpointOf(config);
      const { bytes } = exportOnnx({ checkpoint, batchSize, layer });
      const predictor = await (
        await createTfjsEngine("cpu")
      ).createPredictor({ config, parameters: checkpoint.parameters, batchSize });
      const expected = await predictor.predict({
        images,
        count: batchSize,
        saliency: { classIndex: 1, layer },
      });
      await predictor.dispose();
      const actual = await runBare(bytes);
      expect(largestDifference(actual["logits"]!, expected.logits)).toBeLessThan(1e-5);
      const scores = Float32Array.of(actual["probabilities"]![1]!, actual["probabilities"]![3]!);
      expect(largestDifference(scores, expected.scores)).toBeLessThan(1e-5);
      const scale = expected.maps!.values.reduce((a, b) => Math.max(a, b), 0);
      expect(largestDifference(actual["maps"]!, expected.maps!.values)).toBeLessThan(1e-4 * scale + 1e-7);
    },
  );

  it("carries what its user must know, and needs nothing but its images", () => {
    const { bytes, inputs, metadata, outputs } = exportOnnx({
      checkpoint: checkpointOf(tiny),
      batchSize: 3,
      layer: "none",
    });
    expect(inputs.map(({ name, shape }) => ({ name, shape }))).toEqual([
      { name: "images", shape: [3, tiny.imageSize, tiny.imageSize, 1] },
    ]);
    expect(outputs.map(({ name }) => name)).toEqual(["logits", "probabilities"]);
    expect(metadata).toEqual({
      "crossread.checkpoint": "ab".repeat(32),
      "crossread.architecture": "tiny-cbam",
      "crossread.classes": '["benign","malignant"]',
      "crossread.mean": "0.25",
      "crossread.standard-deviation": "0.125",
      "crossread.saliency": "none",
      "crossread.use": "Research use only; not for diagnosis.",
    });
    const text = Buffer.from(bytes).toString("latin1");
    for (const value of Object.values(metadata)) expect(text).toContain(value);
    expect(text).not.toContain("com.microsoft");
  });
});
