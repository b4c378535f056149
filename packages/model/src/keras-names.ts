/** Names of keras.applications' EfficientNetB0, through the converters that rename them. */
import { buildArchitecture, stageOfBlock } from "./architecture.ts";
import type { ModelConfig } from "./config.ts";

const layerPattern =
  /^((stem|top)_(conv|bn)|block\d+[a-z]_(expand_conv|expand_bn|dwconv|bn|se_reduce|se_expand|project_conv|project_bn)|predictions|normalization(_\d+)?)$/;

/** Variables as a frozen graph reads them: the operator that uses them is what is left of their name. */
const graphVariables: Readonly<Record<string, string>> = {
  "Conv2D/ReadVariableOp": "kernel",
  "depthwise/ReadVariableOp": "depthwise_kernel",
  "BiasAdd/ReadVariableOp": "bias",
  "MatMul/ReadVariableOp": "kernel",
  ReadVariableOp: "gamma",
  ReadVariableOp_1: "beta",
  "FusedBatchNormV3/ReadVariableOp": "moving_mean",
  "FusedBatchNormV3/ReadVariableOp_1": "moving_variance",
};

/**
 * layer/variable: without the prefixes of HDF5 groups and SavedModel functions, without ":0".
 *
 * `stem_conv/stem_conv/kernel:0`, `efficientnetb0/stem_conv/kernel` and
 * `StatefulPartitionedCall/efficientnetb0/stem_conv/Conv2D/ReadVariableOp` are all `stem_conv/kernel`.
 */
export function kerasName(name: string): string {
  const parts = name.replace(/:\d+$/, "").split("/");
  const at = parts.findLastIndex((part) => layerPattern.test(part));
  const layer = parts[at];
  if (layer === undefined) return name;
  const variable = parts.slice(at + 1).join("/");
  if (layer.endsWith("_dwconv") && variable === "kernel") return `${layer}/depthwise_kernel`; // Keras 3
  return `${layer}/${graphVariables[variable] ?? variable}`;
}

/** Keras's names by ours. */
export function kerasNameMap(config: ModelConfig): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  const addConvolution = (name: string, convolution: string, batchNorm: string) => {
    const kernel = name.endsWith("/depthwise") ? "depthwise_kernel" : "kernel";
    map.set(`${name}/kernel`, `${convolution}/${kernel}`);
    map.set(`${name}/batch-norm/gamma`, `${batchNorm}/gamma`);
    map.set(`${name}/batch-norm/beta`, `${batchNorm}/beta`);
    map.set(`${name}/batch-norm/mean`, `${batchNorm}/moving_mean`);
    map.set(`${name}/batch-norm/variance`, `${batchNorm}/moving_variance`);
  };
  const addDense = (name: string, source: string) => {
    map.set(`${name}/kernel`, `${source}/kernel`);
    map.set(`${name}/bias`, `${source}/bias`);
  };
  addConvolution("stem", "stem_conv", "stem_bn");
  buildArchitecture(config).blocks.forEach((block, index) => {
    const { repeat, stage } = stageOfBlock(config, index);
    const prefix = `block${stage + 1}${String.fromCharCode("a".charCodeAt(0) + repeat)}`;
    if (block.hasExpansion)
      addConvolution(`${block.name}/expand`, `${prefix}_expand_conv`, `${prefix}_expand_bn`);
    addConvolution(`${block.name}/depthwise`, `${prefix}_dwconv`, `${prefix}_bn`);
    addDense(`${block.name}/squeeze-excite/reduce`, `${prefix}_se_reduce`);
    addDense(`${block.name}/squeeze-excite/expand`, `${prefix}_se_expand`);
    addConvolution(`${block.name}/project`, `${prefix}_project_conv`, `${prefix}_project_bn`);
  });
  if (config.headVariant === "conv-head") addConvolution("head/conv", "top_conv", "top_bn");
  addDense("head/dense", "predictions");
  return map;
}
