import { createRandom, type Random } from "@crossread/metrics/random";
import { buildArchitecture } from "./architecture.ts";
import type { ModelConfig } from "./config.ts";

export type ParameterKind = "trainable" | "statistic";

/** Spread of the initial values; `fan` is the number of terms that it divides by. */
export type Initialiser =
  | { readonly rule: "constant"; readonly value: number }
  | { readonly rule: "he-normal"; readonly fan: number }
  | { readonly rule: "uniform"; readonly fan: number };

export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: ParameterKind;
  /** Place in the flat vector of its kind. */
  readonly offset: number;
  readonly size: number;
  readonly initialiser: Initialiser;
}

export interface ParameterTable {
  readonly parameters: readonly Parameter[];
  readonly trainableSize: number;
  readonly statisticsSize: number;
}

/** All numbers of a model in two flat vectors; the table says where each tensor lies. */
export interface ModelParameters {
  readonly trainable: Float32Array;
  /** Running mean and variance of every batch normalisation. */
  readonly statistics: Float32Array;
}

const zero: Initialiser = { rule: "constant", value: 0 };
const one: Initialiser = { rule: "constant", value: 1 };
/** Attention starts nearly transparent, σ(2) = 0.88: two gates of ½ would quarter the features of an imported backbone. */
const openGate = 2;

/** Every tensor of the architecture in the order of the forward pass; kernels HWIO, depthwise [k, k, C, 1], dense [in, out]. */
export function parameterTable(config: ModelConfig): ParameterTable {
  const { blocks, featureChannels, pooledChannels, stemChannels } = buildArchitecture(config);
  const parameters: Parameter[] = [];
  const sizes = { trainable: 0, statistic: 0 };

  const add = (name: string, shape: readonly number[], initialiser: Initialiser, kind: ParameterKind) => {
    const size = shape.reduce((product, side) => product * side, 1);
    parameters.push({ name, shape, kind, offset: sizes[kind], size, initialiser });
    sizes[kind] += size;
  };
  const addTrainable = (name: string, shape: readonly number[], initialiser: Initialiser) =>
    add(name, shape, initialiser, "trainable");
  const addConvolution = (name: string, shape: readonly [number, number, number, number]) =>
    addTrainable(name, shape, { rule: "he-normal", fan: shape[0] * shape[1] * shape[3] });
  const addBatchNorm = (name: string, channels: number) => {
    addTrainable(`${name}/gamma`, [channels], one);
    addTrainable(`${name}/beta`, [channels], zero);
    add(`${name}/mean`, [channels], zero, "statistic");
    add(`${name}/variance`, [channels], one, "statistic");
  };
  const addDense = (name: string, inputs: number, outputs: number, bias = 0) => {
    addTrainable(`${name}/kernel`, [inputs, outputs], { rule: "uniform", fan: inputs });
    addTrainable(`${name}/bias`, [outputs], { rule: "constant", value: bias });
  };

  addConvolution("stem/kernel", [3, 3, 3, stemChannels]);
  addBatchNorm("stem/batch-norm", stemChannels);
  for (const block of blocks) {
    const { expandedChannels, kernelSize, name } = block;
    if (block.hasExpansion) {
      addConvolution(`${name}/expand/kernel`, [1, 1, block.inputChannels, expandedChannels]);
      addBatchNorm(`${name}/expand/batch-norm`, expandedChannels);
    }
    addConvolution(`${name}/depthwise/kernel`, [kernelSize, kernelSize, expandedChannels, 1]);
    addBatchNorm(`${name}/depthwise/batch-norm`, expandedChannels);
    addDense(`${name}/squeeze-excite/reduce`, expandedChannels, block.squeezedChannels);
    addDense(`${name}/squeeze-excite/expand`, block.squeezedChannels, expandedChannels);
    addConvolution(`${name}/project/kernel`, [1, 1, expandedChannels, block.outputChannels]);
    addBatchNorm(`${name}/project/batch-norm`, block.outputChannels);
  }
  if (config.attention === "cbam") {
    const hidden = Math.max(1, Math.floor(featureChannels / config.cbamReduction));
    addDense("cbam/channel/reduce", featureChannels, hidden);
    addDense("cbam/channel/expand", hidden, featureChannels, openGate / 2); // the perceptron's output counts twice in eq. 7
    const kernel = config.spatialKernel;
    addTrainable("cbam/spatial/kernel", [kernel, kernel, 2, 1], {
      rule: "uniform",
      fan: 2 * kernel * kernel,
    });
    addTrainable("cbam/spatial/bias", [1], { rule: "constant", value: openGate });
  }
  if (config.headVariant === "conv-head") {
    addConvolution("head/conv/kernel", [1, 1, featureChannels, pooledChannels]);
    addBatchNorm("head/conv/batch-norm", pooledChannels);
  }
  // a hundredfold fan starts near even odds: a confident random classifier costs the first epoch of a small cohort
  addTrainable("head/dense/kernel", [pooledChannels, config.classCount], {
    rule: "uniform",
    fan: 100 * pooledChannels,
  });
  addTrainable("head/dense/bias", [config.classCount], zero);
  return { parameters, trainableSize: sizes.trainable, statisticsSize: sizes.statistic };
}

/** Trainable numbers; running statistics are not counted. */
export const parameterCount = (config: ModelConfig): number => parameterTable(config).trainableSize;

/** Drawn from the seed and the tensor's name, so that adding a tensor changes no other. */
export function initialParameters(config: ModelConfig, seed: number): ModelParameters {
  const table = parameterTable(config);
  const result: ModelParameters = {
    trainable: new Float32Array(table.trainableSize),
    statistics: new Float32Array(table.statisticsSize),
  };
  const random = createRandom(seed);
  for (const parameter of table.parameters) {
    fill(parameterValues(result, parameter), parameter.initialiser, random.fork(parameter.name));
  }
  return result;
}

/** A view of one tensor inside the flat vectors; writing to it changes them. */
export function parameterValues(parameters: ModelParameters, parameter: Parameter): Float32Array {
  const flat = parameter.kind === "trainable" ? parameters.trainable : parameters.statistics;
  return flat.subarray(parameter.offset, parameter.offset + parameter.size);
}

export const copyParameters = (parameters: ModelParameters): ModelParameters => ({
  trainable: parameters.trainable.slice(),
  statistics: parameters.statistics.slice(),
});

function fill(values: Float32Array, initialiser: Initialiser, random: Random): void {
  switch (initialiser.rule) {
    case "constant":
      values.fill(initialiser.value);
      return;
    case "he-normal": {
      // fan-out as in the reference EfficientNet; a depthwise kernel has one output per group
      const deviation = Math.sqrt(2 / initialiser.fan);
      for (let index = 0; index < values.length; index++) values[index] = deviation * random.normal();
      return;
    }
    case "uniform": {
      const bound = 1 / Math.sqrt(initialiser.fan);
      for (let index = 0; index < values.length; index++) values[index] = bound * (2 * random.next() - 1);
      return;
    }
  }
}
