import "@tensorflow/tfjs-backend-cpu";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { testData } from "../../../tests/testdata.ts";
import { buildArchitecture } from "./architecture.ts";
import { encodeWeights } from "./checkpoint.ts";
import { modelPresets, type ModelConfig } from "./config.ts";
import { mbConv, stem } from "./forward.ts";
import {
  initialParameters,
  parameterTable,
  parameterValues,
  type ModelParameters,
} from "./parameter-table.ts";
import { parameterTensors } from "./program.ts";
import { encodeSafetensors, floatValues, parseSafetensors } from "./safetensors.ts";
import { inferenceScope } from "./tensor-scope.ts";
import { weightSchemes } from "./weight-names.ts";
import { importWeights } from "./weights-import.ts";

const paper = modelPresets["efficientnet-b0-cbam"];
const directory = testData("efficientnet-b0");
const refusal = expect.objectContaining({ code: "weights-invalid" }) as Error;

/** First line of numbers: rank, the sides, then the values in NCHW order. */
function readDump(name: string): { shape: number[]; values: Float32Array } {
  const numbers = readFileSync(join(directory!, "activation-dumps", name), "utf8")
    .trim()
    .split(",")
    .map(Number);
  const rank = numbers[0]!;
  return { shape: numbers.slice(1, 1 + rank), values: Float32Array.from(numbers.slice(1 + rank)) };
}

const toNhwc = (dump: { shape: number[]; values: Float32Array }): tf.Tensor4D =>
  tf.transpose(tf.tensor4d(dump.values, dump.shape as [number, number, number, number]), [0, 2, 3, 1]);

describe.skipIf(directory === undefined)(
  "the published ImageNet weights (skipped without the test data)",
  () => {
    const load = () => readFileSync(join(directory!, "efficientnet_b0_imagenet_partial.safetensors"));

    it("map completely but for what is missing, which is named", () => {
      const { config, report } = importWeights({ file: load(), origin: "partial", config: paper, seed: 1 });
      expect(config).toMatchObject({ padding: "same-tf", batchNormEpsilon: 1e-3 });
      expect(report.scheme).toBe("efficientnet-pytorch");
      expect(report.initialised.map(({ name }) => name)).toEqual([
        "blocks/15/project/kernel",
        "cbam/channel/reduce/kernel",
        "cbam/channel/reduce/bias",
        "cbam/channel/expand/kernel",
        "cbam/channel/expand/bias",
        "cbam/spatial/kernel",
        "cbam/spatial/bias",
        "head/dense/kernel",
        "head/dense/bias",
      ]);
      expect(report.initialised[0]!.reason).toContain("_blocks.15._project_conv.weight");
      expect(report.unused.map(({ name }) => name).sort()).toEqual([
        "_bn1.bias",
        "_bn1.running_mean",
        "_bn1.running_var",
        "_bn1.weight",
        "_fc.bias",
      ]);
      expect(report.mapped.length + report.unused.length).toBe(308);
    });

    it("reproduce the published activations of stem, block 0 and block 1", async () => {
      await tf.setBackend("cpu");
      const { config, parameters } = importWeights({
        file: load(),
        origin: "partial",
        config: paper,
        seed: 1,
      });
      tf.tidy(() => {
        const scope = inferenceScope(config, parameterTensors(config, parameters));
        const { blocks } = buildArchitecture(config);
        const block0 = mbConv(stem(toNhwc(readDump("inputs.txt")), scope), blocks[0]!, scope);
        const block1 = mbConv(block0, blocks[1]!, scope);
        for (const [actual, dump] of [
          [block0, "expand_conv_in.txt"],
          [block1, "mbconv_out.txt"],
        ] as const) {
          const expected = toNhwc(readDump(dump));
          expect(actual.shape).toEqual(expected.shape);
          expect(tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]).toBeLessThan(1e-4);
        }
      });
    });
  },
);

describe("importWeights", () => {
  const tiny = modelPresets["tiny-cbam"];
  const withHeadConvolution: ModelConfig = { ...tiny, headVariant: "conv-head" };
  const source = initialParameters(withHeadConvolution, 5);

  /** A file in PyTorch layout for `tiny`, written by the inverse of the import's permutation. */
  function pyTorchFile(
    change: (tensors: Map<string, { shape: number[]; values: Float32Array }>) => void = () => {},
  ) {
    const names = weightSchemes.find((scheme) => scheme.name === "timm")!.nameMap(withHeadConvolution);
    const tensors = new Map<string, { shape: number[]; values: Float32Array }>();
    tf.tidy(() => {
      for (const parameter of parameterTable(withHeadConvolution).parameters) {
        const name = names.get(parameter.name);
        if (name === undefined) continue;
        let tensor = tf.tensor(parameterValues(source, parameter).slice(), [...parameter.shape]);
        if (parameter.name.endsWith("/depthwise/kernel")) tensor = tf.transpose(tensor, [2, 3, 0, 1]);
        else if (tensor.rank === 4) tensor = tf.transpose(tensor, [3, 2, 0, 1]);
        else if (tensor.rank === 2) tensor = tf.transpose(tensor, [1, 0]);
        const tail = parameter.name.includes("/squeeze-excite/") && tensor.rank === 2 ? [1, 1] : [];
        tensors.set(name, {
          shape: [...tensor.shape, ...tail],
          values: tensor.dataSync().slice() as Float32Array,
        });
      }
    });
    change(tensors);
    return encodeSafetensors([...tensors].map(([name, tensor]) => ({ name, ...tensor })));
  }

  const valuesByName = (config: ModelConfig, parameters: ModelParameters): Map<string, Float32Array> => {
    const { tensors } = parseSafetensors(encodeWeights(config, parameters), "test");
    return new Map([...tensors].map(([name, entry]) => [name, floatValues(entry, name)]));
  };

  it("brings every tensor of a PyTorch file to our layout", () => {
    const { config, parameters, report } = importWeights({
      file: pyTorchFile(),
      origin: "timm",
      config: tiny,
      seed: 1,
    });
    expect(report.scheme).toBe("timm");
    const actual = valuesByName(config, parameters);
    const expected = valuesByName(withHeadConvolution, source);
    for (const { to } of report.mapped) expect(actual.get(to), to).toEqual(expected.get(to));
    expect(report.initialised.map(({ name }) => name)).toEqual(
      [...actual.keys()].filter((name) => name.startsWith("cbam/") || name.startsWith("head/")),
    );
    expect(report.unused.map(({ name }) => name).sort()).toEqual([
      "bn2.bias",
      "bn2.running_mean",
      "bn2.running_var",
      "bn2.weight",
      "classifier.bias",
      "classifier.weight",
      "conv_head.weight",
    ]);
  });

  it("takes a Crossread file and adds only what another head needs", () => {
    const file = encodeWeights(withHeadConvolution, source);
    const { config, report } = importWeights({ file, origin: "own", config: tiny, seed: 1 });
    expect(config).toEqual(tiny);
    expect(report.initialised.map(({ name }) => name)).toEqual(["head/dense/kernel", "head/dense/bias"]);
  });

  it.each<[string, Uint8Array]>([
    [
      "a naming scheme that it does not know",
      encodeSafetensors([{ name: "w", shape: [1], values: Float32Array.of(1) }]),
    ],
    [
      "a backbone of another width",
      pyTorchFile((tensors) => tensors.set("bn1.weight", { shape: [9], values: new Float32Array(9) })),
    ],
    ["NaN weights", pyTorchFile((tensors) => tensors.get("conv_stem.weight")!.values.fill(NaN))],
  ])("refuses %s", (_name, file) => {
    expect(() => importWeights({ file, origin: "bad", config: tiny, seed: 1 })).toThrow(refusal);
  });

  it("leaves padding and epsilon alone when asked to", () => {
    const { config, report } = importWeights({
      file: pyTorchFile(),
      origin: "timm",
      config: tiny,
      seed: 1,
      keepConvention: true,
    });
    expect(config).toEqual(tiny);
    expect(report.convention).toEqual({});
  });
});
