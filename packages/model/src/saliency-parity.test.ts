import "@tensorflow/tfjs-backend-cpu";
import "@crossread/tfjs-onnx/gradients";
import { createRandom } from "@crossread/metrics/random";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { modelPresets, type ModelConfig } from "./config.ts";
import type { Engine, SaliencyLayer } from "./engine.ts";
import { attend, features } from "./forward.ts";
import { classify, headConvolution } from "./head.ts";
import { createOnnxEngine } from "./onnx-engine.ts";
import {
  initialParameters,
  parameterTable,
  parameterValues,
  type ModelParameters,
} from "./parameter-table.ts";
import { parameterTensors } from "./program.ts";
import { inferenceScope } from "./tensor-scope.ts";
import { createTfjsEngine } from "./tfjs-engine.ts";

const tiny = modelPresets["tiny-cbam"];
const heads: Record<string, ModelConfig> = {
  "pooling follows the attention": tiny,
  "a 1×1 convolution comes between": { ...tiny, headVariant: "conv-head" },
};
const count = 4;
const random = createRandom(12);
const images = Float32Array.from({ length: count * tiny.imageSize ** 2 }, () => random.normal());

/** Away from the start's nearly constant head and open gates, by a seed for which neither class's maps are all 0. */
function livelyParameters(config: ModelConfig): ModelParameters {
  const parameters = initialParameters(config, 4);
  const noise = createRandom(7);
  for (const parameter of parameterTable(config).parameters) {
    if (!/^(head|cbam)|gamma|beta/.test(parameter.name)) continue;
    const values = parameterValues(parameters, parameter);
    values.forEach((value, index) => (values[index] = value + 0.3 * noise.normal()));
  }
  return parameters;
}

/**
 * Equation 13 for one image and one class: the gradient of that logit alone by tfjs's own differentiation, everything
 * after it in plain loops.
 */
function naiveMap(
  config: ModelConfig,
  parameters: ModelParameters,
  target: { image: number; classIndex: number; layer: SaliencyLayer },
): number[] {
  return tf.tidy(() => {
    const scope = inferenceScope(config, parameterTensors(config, parameters));
    const side = config.imageSize;
    const pixels = images.slice(target.image * side * side, (target.image + 1) * side * side);
    const backbone = features(tf.tensor4d(pixels, [1, side, side, 1]), scope);
    const isConvHead = config.headVariant === "conv-head";
    let activation = backbone;
    if (target.layer === "cbam") activation = attend(backbone, scope);
    else if (isConvHead) activation = headConvolution(attend(backbone, scope), scope);
    const logit = (x: tf.Tensor): tf.Scalar => {
      let rest = x as tf.Tensor4D;
      if (target.layer === "last-conv" && !isConvHead) rest = attend(rest, scope);
      if (target.layer === "cbam" || !isConvHead) rest = headConvolution(rest, scope);
      return tf.reshape(tf.gather(classify(rest, scope), [target.classIndex], 1), []) as tf.Scalar;
    };
    const gradient = tf.grad(logit)(activation).arraySync() as number[][][][];
    const values = activation.arraySync() as number[][][][];
    const [rows, columns, channels] = activation.shape.slice(1) as [number, number, number];
    const map: number[] = [];
    const alpha = Array.from({ length: channels }, (_, k) => {
      let sum = 0;
      for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) sum += gradient[0]![i]![j]![k]!;
      return sum / (rows * columns);
    });
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < channels; k++) sum += alpha[k]! * values[0]![i]![j]![k]!;
        map.push(Math.max(0, sum));
      }
    }
    return map;
  });
}

async function mapsOf(
  engine: Engine,
  model: { config: ModelConfig; parameters: ModelParameters },
  saliency: { classIndex: number; layer: SaliencyLayer },
) {
  const predictor = await engine.createPredictor({ ...model, batchSize: 3 });
  const { maps } = await predictor.predict({ images, count, saliency });
  await predictor.dispose();
  return maps!;
}

const engines: Record<string, () => Promise<Engine>> = {
  onnx: () => Promise.resolve(createOnnxEngine({ threadCount: 1 })),
  cpu: () => createTfjsEngine("cpu"),
};

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe.each(Object.entries(heads))("Grad-CAM where %s", (_head, config) => {
  const parameters = livelyParameters(config);

  describe.each(["cbam", "last-conv"] as const)("at %s", (layer) => {
    it.each([0, 1])(
      "equals the naive map of every image of a batch, for class %d, on both engines",
      async (classIndex) => {
        const expected = Array.from({ length: count }, (_, image) =>
          naiveMap(config, parameters, { image, classIndex, layer }),
        ).flat();
        const scale = Math.max(...expected);
        expect(scale).toBeGreaterThan(0);
        for (const [name, make] of Object.entries(engines)) {
          const maps = await mapsOf(await make(), { config, parameters }, { classIndex, layer });
          expect(maps.values).toHaveLength(expected.length);
          maps.values.forEach((value, cell) =>
            expect(Math.abs(value - expected[cell]!) / scale, `${name}, cell ${cell}`).toBeLessThan(1e-4),
          );
        }
      },
    );
  });

  it("is zero where the gradient is zero: a head that looks at nothing", async () => {
    const blind = { ...parameters, trainable: parameters.trainable.slice() };
    const head = parameterTable(config).parameters.find(({ name }) => name === "head/dense/kernel")!;
    parameterValues(blind, head).fill(0);
    for (const make of Object.values(engines)) {
      for (const layer of ["cbam", "last-conv"] as const) {
        const maps = await mapsOf(await make(), { config, parameters: blind }, { classIndex: 1, layer });
        expect(maps.values.every((value) => value === 0)).toBe(true);
      }
    }
  });
});
