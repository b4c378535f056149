import { describe, expect, it } from "vitest";
import { modelPresets, type ModelConfig } from "./config.ts";
import { kerasName, kerasNameMap } from "./keras-names.ts";
import { createOnnxEngine } from "./onnx-engine.ts";
import {
  initialParameters,
  parameterTable,
  parameterValues,
  type ModelParameters,
} from "./parameter-table.ts";
import { encodeSafetensors, type FloatTensor } from "./safetensors.ts";
import { readTfjsWeights } from "./tfjs-weights.ts";
import { exportWeights } from "./weights-export.ts";
import { importTensors, importWeights } from "./weights-import.ts";

const tiny: ModelConfig = { ...modelPresets["tiny-cbam"], headVariant: "conv-head", attention: "none" };
const refusal = expect.objectContaining({ code: "weights-invalid" }) as Error;

/** Parameters that no initialiser makes: every number of every tensor has its own value, variances are positive. */
function distinctParameters(config: ModelConfig): ModelParameters {
  const parameters = initialParameters(config, 11);
  parameters.trainable.forEach((value, index) => {
    parameters.trainable[index] = value + 0.05 * Math.sin(index);
  });
  parameters.statistics.forEach((value, index) => {
    parameters.statistics[index] = value + 0.3 + 0.2 * Math.sin(index);
  });
  return parameters;
}

/** Keras keeps kernels as we do, but for squeeze-and-excitation, which is a 1×1 convolution there. */
function kerasTensors(config: ModelConfig, parameters: ModelParameters): FloatTensor[] {
  const names = kerasNameMap(config);
  const tensors = parameterTable(config).parameters.map((parameter) => {
    const name = names.get(parameter.name)!;
    const isConvolution = /_se_(reduce|expand)\/kernel$/.test(name);
    return {
      name,
      shape: isConvolution ? [1, 1, ...parameter.shape] : parameter.shape,
      values: parameterValues(parameters, parameter),
    };
  });
  return [
    { name: "normalization/mean", shape: [3], values: Float32Array.of(0.485, 0.456, 0.406) },
    ...tensors,
  ];
}

const parameters = distinctParameters(tiny);
const tensors = kerasTensors(tiny, parameters);
const renamed = (rename: (name: string) => string) =>
  encodeSafetensors(tensors.map((tensor) => ({ ...tensor, name: rename(tensor.name) })));
const settings = { origin: "keras", config: tiny, seed: 1 };

describe("Keras's names", () => {
  it("are those of keras.applications' EfficientNetB0: 311 variables and the input's normalisation", () => {
    const names = kerasNameMap({
      ...modelPresets["efficientnet-b0-cbam"],
      headVariant: "conv-head",
      attention: "none",
    });
    expect(new Set(names.values()).size).toBe(311);
    expect(Object.fromEntries(names)).toMatchObject({
      "stem/kernel": "stem_conv/kernel",
      "blocks/0/depthwise/kernel": "block1a_dwconv/depthwise_kernel",
      "blocks/0/depthwise/batch-norm/gamma": "block1a_bn/gamma",
      "blocks/2/expand/kernel": "block2b_expand_conv/kernel",
      "blocks/14/squeeze-excite/reduce/bias": "block6d_se_reduce/bias",
      "blocks/15/project/batch-norm/variance": "block7a_project_bn/moving_variance",
      "head/conv/batch-norm/mean": "top_bn/moving_mean",
      "head/dense/kernel": "predictions/kernel",
    });
  });

  it.each([
    ["stem_conv/kernel:0", "stem_conv/kernel"],
    ["stem_conv/stem_conv/kernel:0", "stem_conv/kernel"],
    ["efficientnetb0/block6d_se_expand/bias", "block6d_se_expand/bias"],
    ["block1a_dwconv/kernel", "block1a_dwconv/depthwise_kernel"],
    ["StatefulPartitionedCall/efficientnetb0/top_conv/Conv2D/ReadVariableOp", "top_conv/kernel"],
    ["f/block2a_dwconv/depthwise/ReadVariableOp", "block2a_dwconv/depthwise_kernel"],
    ["f/block2a_bn/ReadVariableOp_1", "block2a_bn/beta"],
    ["f/block2a_bn/FusedBatchNormV3/ReadVariableOp_1", "block2a_bn/moving_variance"],
    ["something/else", "something/else"],
  ])("are found in %s", (name, expected) => {
    expect(kerasName(name)).toBe(expected);
  });
});

describe("Keras weights", () => {
  it.each<[string, (name: string) => string]>([
    ["as they are", (name) => name],
    ["with HDF5's groups and :0", (name) => `${name.split("/")[0]!}/${name}:0`],
    ["below a model's name", (name) => `efficientnetb0/${name}`],
  ])("map completely %s", (_what, rename) => {
    const imported = importWeights({ ...settings, file: renamed(rename) });
    expect(imported.report).toMatchObject({
      scheme: "keras",
      initialised: [],
      unused: [{ name: rename("normalization/mean"), reason: expect.stringMatching(/normalises/) as string }],
      remark: expect.stringMatching(/momentum 0.99/) as string,
    });
    expect(imported.parameters).toEqual(parameters);
    expect(imported.config).toMatchObject({ padding: "same-tf", batchNormEpsilon: 1e-3 });
  });

  it("give the outputs of the same weights from a torchvision file", async () => {
    const keepConvention = true;
    const torch = importWeights({
      ...settings,
      keepConvention,
      file: exportWeights(tiny, parameters, "torchvision").file,
    });
    const keras = importWeights({ ...settings, keepConvention, file: renamed((name) => name) });
    const images = Float32Array.from({ length: tiny.imageSize ** 2 }, (_, index) => Math.sin(0.3 * index));
    const logits = async (model: { config: ModelConfig; parameters: ModelParameters }) => {
      const predictor = await createOnnxEngine({ threadCount: 1 }).createPredictor({
        ...model,
        batchSize: 1,
      });
      const result = await predictor.predict({ images, count: 1 });
      await predictor.dispose();
      return result.logits;
    };
    expect(torch.report.scheme).toBe("torchvision");
    expect(await logits(keras)).toEqual(await logits(torch));
  });

  it("are refused where two names are the same variable, and where batch normalisation is folded", () => {
    const twice = encodeSafetensors([...tensors, { ...tensors[1]!, name: `copy/${tensors[1]!.name}` }]);
    expect(() => importWeights({ ...settings, file: twice })).toThrow(/are both stem_conv\/kernel/);
    const folded = encodeSafetensors([
      { name: "model/stem_conv/Conv2D_weights", shape: [1], values: Float32Array.of(1) },
    ]);
    expect(() => importWeights({ ...settings, file: folded })).toThrow(/folded into the convolutions/);
  });
});

describe("a tfjs model", () => {
  /** model.json and shards cut anywhere, as tensorflowjs_converter writes them. */
  function tfjsModel() {
    const data = Buffer.concat(
      tensors.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
    );
    const cut = 4099;
    const shards = new Map([
      ["group1-shard1of2.bin", data.subarray(0, cut)],
      ["group1-shard2of2.bin", data.subarray(cut)],
    ]);
    const weights = tensors.map(({ name, shape }) => ({ name, shape, dtype: "float32" }));
    const manifest = { format: "layers-model", weightsManifest: [{ paths: [...shards.keys()], weights }] };
    return { manifest, shards };
  }
  const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const read = (shards: ReadonlyMap<string, Uint8Array>) => (name: string) =>
    Promise.resolve(shards.get(name) ?? new Uint8Array(0));

  it("gives the weights of its shards", async () => {
    const { manifest, shards } = tfjsModel();
    const source = await readTfjsWeights(encode(manifest), "model.json", read(shards));
    expect(importTensors(source, settings).parameters).toEqual(parameters);
  });

  it("gives quantised weights back within a step", async () => {
    const values = Float32Array.of(-1, 0, 0.5, 2);
    const [scale, min] = [3 / 255, -1];
    const bytes = Uint8Array.from(values, (value) => Math.round((value - min) / scale));
    const weight = { name: "w", shape: [4], dtype: "float32", quantization: { dtype: "uint8", scale, min } };
    const manifest = { weightsManifest: [{ paths: ["a.bin"], weights: [weight] }] };
    const { tensors: found } = await readTfjsWeights(
      encode(manifest),
      "model.json",
      read(new Map([["a.bin", bytes]])),
    );
    const { bytes: raw } = found.get("w")!;
    new Float32Array(raw.slice().buffer).forEach((value, index) => {
      expect(Math.abs(value - values[index]!)).toBeLessThan(scale);
    });
  });

  it.each<[string, (model: ReturnType<typeof tfjsModel>) => void]>([
    ["a shard is short", ({ shards }) => shards.set("group1-shard2of2.bin", Buffer.alloc(8))],
    [
      "a shard is long",
      ({ manifest }) => {
        manifest.weightsManifest[0]!.weights.pop();
      },
    ],
    [
      "a shard lies elsewhere",
      ({ manifest }) => {
        manifest.weightsManifest[0]!.paths[0] = "../secret.bin";
      },
    ],
  ])("is refused where %s", async (_what, change) => {
    const model = tfjsModel();
    change(model);
    await expect(readTfjsWeights(encode(model.manifest), "model.json", read(model.shards))).rejects.toThrow(
      refusal,
    );
  });
});

it("exports to torchvision's names what it imports from them", () => {
  const { exported, file, leftOut } = exportWeights(
    modelPresets["tiny-cbam"],
    distinctParameters(modelPresets["tiny-cbam"]),
    "torchvision",
  );
  expect(leftOut.every((name) => name.startsWith("cbam/"))).toBe(true);
  const config = modelPresets["tiny-cbam"];
  const back = importWeights({ file, origin: "export", config, seed: 9 });
  expect(back.report.mapped.map(({ from }) => from)).toEqual(exported.map(({ to }) => to));
  const original = distinctParameters(config);
  const kept = parameterTable(config).parameters.filter(({ name }) => !leftOut.includes(name));
  for (const parameter of kept) {
    expect(parameterValues(back.parameters, parameter), parameter.name).toEqual(
      parameterValues(original, parameter),
    );
  }
});
