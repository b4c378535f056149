import { describe, expect, it } from "vitest";
import type { Lineage } from "./checkpoint-manifest.ts";
import {
  decodeCheckpoint,
  decodeWeights,
  encodeCheckpoint,
  encodeWeights,
  type CheckpointContent,
} from "./checkpoint.ts";
import { modelPresets, type ModelConfig } from "./config.ts";
import { createOnnxEngine } from "./onnx-engine.ts";
import { initialParameters, parameterTable, parameterValues } from "./parameter-table.ts";
import { encodeSafetensors } from "./safetensors.ts";

/** Every field differs from every preset's. */
const config: ModelConfig = {
  architecture: "odd",
  imageSize: 40,
  classCount: 3,
  stages: [{ expandRatio: 2, kernelSize: 7, stride: 2, channels: 12, repeats: 3 }],
  stemChannels: 6,
  widthMultiplier: 1.3,
  depthMultiplier: 0.5,
  headVariant: "conv-head",
  headChannels: 20,
  pooling: "max",
  attention: "none",
  cbamReduction: 3,
  spatialKernel: 5,
  squeezeRatio: 0.5,
  padding: "symmetric",
  batchNormEpsilon: 1e-4,
  batchNormMomentum: 0.8,
};
const lineage: Lineage = {
  origin: "aggregated",
  parentId: "a".repeat(64),
  round: 3,
  strategy: { name: "fedprox", parameters: { proximalMu: 0.01 } },
  seed: 42,
  cohortDigests: ["cohort-1"],
  updates: [{ siteId: "site-1", exampleCount: 12, sha256: "b".repeat(64), norm: 1.5, cosineToMean: 0.9 }],
  codeVersion: "0.1.0",
  sourceSha256: null,
};
const content: CheckpointContent = {
  config,
  parameters: initialParameters(config, 9),
  normalisation: { mean: 0.2, standardDeviation: 0.3 },
  classNames: ["normal", "benign", "malignant"],
  lineage,
};
const encoded = encodeCheckpoint(content);

describe("a checkpoint", () => {
  it("comes back as it was, with every field of the configuration non-default", () => {
    const {
      config: c,
      parameters,
      normalisation,
      classNames,
      lineage: l,
      ...identity
    } = decodeCheckpoint(encoded);
    expect({ config: c, parameters, normalisation, classNames, lineage: l }).toEqual(content);
    expect(identity.checkpointId).toBe(encoded.checkpointId);
    for (const [field, value] of Object.entries(modelPresets["efficientnet-b0-cbam"])) {
      expect(config[field as keyof ModelConfig], field).not.toEqual(value);
    }
  });

  it("predicts the same after saving and loading", async () => {
    const engine = createOnnxEngine({ threadCount: 1 });
    const images = Float32Array.from({ length: 40 * 40 }, (_, index) => Math.sin(index));
    const logits = [];
    for (const { config: c, parameters } of [content, decodeCheckpoint(encoded)]) {
      const predictor = await engine.createPredictor({ config: c, parameters, batchSize: 1 });
      logits.push((await predictor.predict({ images, count: 1 })).logits);
      await predictor.dispose();
    }
    expect(logits[1]).toEqual(logits[0]);
  });

  it("has the same bytes and id for the same content, whatever the order of keys", () => {
    const reordered = Object.fromEntries(Object.entries(config).reverse()) as ModelConfig;
    const again = encodeCheckpoint({ ...content, config: reordered });
    expect(again).toEqual(encoded);
    const other = encodeCheckpoint({ ...content, lineage: { ...lineage, round: 4 } });
    expect(other.checkpointId).not.toBe(encoded.checkpointId);
    expect(other.weights).toEqual(encoded.weights);
  });

  it("is refused when a bit of the weights or of the manifest has changed", () => {
    const weights = encoded.weights.slice();
    weights[weights.length - 1]! ^= 1;
    expect(() => decodeCheckpoint({ ...encoded, weights })).toThrow(
      expect.objectContaining({ code: "blob-digest-mismatch" }),
    );
    const manifestBytes = new TextEncoder().encode(
      new TextDecoder().decode(encoded.manifestBytes).replace('"round":3', '"round":2'),
    );
    expect(() => decodeCheckpoint({ ...encoded, manifestBytes })).toThrow(
      expect.objectContaining({ code: "blob-digest-mismatch" }),
    );
  });

  it.each([
    ["text", "hello"],
    ["null", "null"],
    ["an unknown field", JSON.stringify({ ...encoded.manifest, extra: 1 })],
    ["another format", JSON.stringify({ ...encoded.manifest, format: "x" })],
    ["two class names for three classes", JSON.stringify({ ...encoded.manifest, classNames: ["a", "b"] })],
  ])("is refused when its manifest is %s", (_name, text) => {
    const manifestBytes = new TextEncoder().encode(text);
    expect(() => decodeCheckpoint({ manifestBytes, weights: encoded.weights })).toThrow(
      expect.objectContaining({ code: "checkpoint-invalid" }),
    );
  });
});

describe("decodeWeights", () => {
  const tensors = parameterTable(config).parameters.map((parameter) => ({
    name: parameter.name,
    shape: parameter.shape,
    values: parameterValues(content.parameters, parameter),
  }));
  const refusal = expect.objectContaining({ code: "weights-invalid" }) as Error;

  it("reads encodeWeights' bytes", () => {
    expect(decodeWeights(config, encodeWeights(config, content.parameters), "test")).toEqual(
      content.parameters,
    );
  });

  it.each([
    ["a missing tensor", tensors.slice(1)],
    ["a tensor too many", [...tensors, { name: "extra", shape: [1], values: Float32Array.of(1) }]],
    [
      "a transposed tensor",
      tensors.map((t) => (t.name === "head/dense/kernel" ? { ...t, shape: [3, 24] } : t)),
    ],
    [
      "a NaN",
      tensors.map((t) => (t.name === "head/dense/bias" ? { ...t, values: Float32Array.of(0, NaN, 0) } : t)),
    ],
  ])("refuses %s", (_name, changed) => {
    expect(() => decodeWeights(config, encodeSafetensors(changed), "test")).toThrow(refusal);
  });

  it("refuses to write parameters of another size", () => {
    expect(() => encodeWeights(config, initialParameters(modelPresets["tiny-cbam"], 1))).toThrow(refusal);
  });
});
