import * as tf from "@tensorflow/tfjs-core";
import { buildArchitecture } from "./architecture.ts";
import type { ModelConfig } from "./config.ts";
import type { SaliencyLayer } from "./engine.ts";
import { attend, features, forward } from "./forward.ts";
import { gradCam } from "./grad-cam.ts";
import { classify, headConvolution } from "./head.ts";
import { parameterTable, parameterValues, type ModelParameters, type Parameter } from "./parameter-table.ts";
import { inferenceScope, splitFlat } from "./tensor-scope.ts";

export type NamedTensors = Record<string, tf.Tensor>;

/** A pure function of named float32 tensors; engines run it eagerly or compile it. */
export interface Program {
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  run(inputs: NamedTensors): NamedTensors;
}

export interface ProgramOptions {
  readonly config: ModelConfig;
  readonly batchSize: number;
}

/** Parameters as tensors by name; the caller owns them. */
export function parameterTensors(config: ModelConfig, parameters: ModelParameters): Map<string, tf.Tensor> {
  return new Map(
    parameterTable(config).parameters.map((parameter) => [
      parameter.name,
      tf.tensor(parameterValues(parameters, parameter).slice(), [...parameter.shape], "float32"),
    ]),
  );
}

/**
 * Inference with parameters that `tensors` provides, which a compiler may take as constants.
 *
 * images [B, S, S, 1] → logits [B, K], probabilities [B, K]
 */
export function predictProgram(
  options: ProgramOptions,
  tensors: () => ReadonlyMap<string, tf.Tensor>,
): Program {
  return {
    inputs: [imagesInput(options)],
    run: (inputs) => {
      const logits = forward(inputs["images"] as tf.Tensor4D, inferenceScope(options.config, tensors()));
      return { logits, probabilities: tf.softmax(logits) };
    },
  };
}

/**
 * Inference and Grad-CAM in one graph.
 *
 * images [B, S, S, 1], classWeights [K] (one-hot choice of the class) → logits, probabilities [B, K], maps [B, h, w]
 */
export function saliencyProgram(
  options: ProgramOptions & { readonly layer: SaliencyLayer },
  tensors: () => ReadonlyMap<string, tf.Tensor>,
): Program {
  const { config, layer } = options;
  return {
    inputs: [imagesInput(options), { name: "classWeights", shape: [config.classCount] }],
    run: (inputs) => {
      const scope = inferenceScope(config, tensors());
      const backbone = features(inputs["images"] as tf.Tensor4D, scope);
      const attendedThenConvolved = (x: tf.Tensor4D) => headConvolution(attend(x, scope), scope);
      const target = saliencyTarget(config, layer);
      const activation =
        target === "backbone"
          ? backbone
          : target === "head"
            ? attendedThenConvolved(backbone)
            : attend(backbone, scope);
      const tail = (x: tf.Tensor4D): tf.Tensor2D => {
        if (target === "backbone") return classify(attendedThenConvolved(x), scope);
        return classify(target === "head" ? x : headConvolution(x, scope), scope);
      };
      const logits = tail(activation);
      const maps = gradCam(activation, tail, inputs["classWeights"] as tf.Tensor1D);
      return { logits, probabilities: tf.softmax(logits), maps };
    },
  };
}

/** Which activation the map is made of: the last convolution is the head's 1×1 where there is one. */
function saliencyTarget(config: ModelConfig, layer: SaliencyLayer): "backbone" | "attention" | "head" {
  if (layer === "cbam") return "attention";
  return config.headVariant === "conv-head" ? "head" : "backbone";
}

export const saliencySize = (config: ModelConfig): number => buildArchitecture(config).featureSize;

/**
 * Inference with parameters that change from run to run.
 *
 * images [B, S, S, 1], trainable [P], statistics [Q] → logits [B, K], probabilities [B, K]
 */
export function evaluateProgram(options: ProgramOptions): Program {
  const table = parameterTable(options.config);
  return {
    inputs: [
      imagesInput(options),
      { name: "trainable", shape: [table.trainableSize] },
      { name: "statistics", shape: [table.statisticsSize] },
    ],
    run: (inputs) => {
      const tensors = new Map([
        ...splitByName(inputs["trainable"] as tf.Tensor1D, trainableOf(table.parameters)),
        ...splitByName(inputs["statistics"] as tf.Tensor1D, statisticsOf(table.parameters)),
      ]);
      const logits = forward(inputs["images"] as tf.Tensor4D, inferenceScope(options.config, tensors));
      return { logits, probabilities: tf.softmax(logits) };
    },
  };
}

export const trainableOf = (parameters: readonly Parameter[]): Parameter[] =>
  parameters.filter((parameter) => parameter.kind === "trainable");

export const statisticsOf = (parameters: readonly Parameter[]): Parameter[] =>
  parameters.filter((parameter) => parameter.kind === "statistic");

function splitByName(flat: tf.Tensor1D, parameters: readonly Parameter[]): [string, tf.Tensor][] {
  return splitFlat(flat, parameters).map((tensor, index) => [parameters[index]!.name, tensor]);
}

export const imagesInput = ({ batchSize, config }: ProgramOptions) => ({
  name: "images",
  shape: [batchSize, config.imageSize, config.imageSize, 1],
});
