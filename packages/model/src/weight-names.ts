import type { ModelConfig } from "./config.ts";
import { buildArchitecture, stageOfBlock } from "./architecture.ts";
import { kerasName, kerasNameMap } from "./keras-names.ts";

/** How a published EfficientNet names its tensors and pads its convolutions. */
export interface WeightScheme {
  readonly name: "efficientnet-pytorch" | "torchvision" | "timm" | "keras" | "crossread";
  /** A tensor that only this scheme has. */
  readonly marker: string;
  /** "pytorch": convolutions OIHW, dense [out, in]; "tensorflow": HWIO, dense [in, out]; "same": as in the parameter table. */
  readonly layout: "pytorch" | "tensorflow" | "same";
  /** What the network must be configured as for the weights to mean what they meant. */
  readonly convention: Partial<Pick<ModelConfig, "padding" | "batchNormEpsilon">>;
  /** Source names by our names; attention and what the scheme lacks are absent. */
  nameMap(config: ModelConfig): ReadonlyMap<string, string>;
  /** The scheme's own name of a tensor that a converter may have renamed. */
  readonly publishedName: (name: string) => string;
  /** Why a tensor of the scheme has no place here; undefined where nothing particular is to say. */
  readonly unusedReason: (publishedName: string) => string | undefined;
  readonly remark?: string;
}

const asIs = { publishedName: (name: string) => name, unusedReason: () => undefined };

interface BlockNames {
  readonly prefix: string;
  readonly expand: readonly [convolution: string, batchNorm: string];
  readonly depthwise: readonly [convolution: string, batchNorm: string];
  readonly reduce: string;
  readonly excite: string;
  readonly project: readonly [convolution: string, batchNorm: string];
}

interface Place {
  readonly index: number;
  readonly stage: number;
  readonly repeat: number;
  readonly hasExpansion: boolean;
}

interface PyTorchNames {
  readonly stem: readonly [string, string];
  block(place: Place): BlockNames;
  readonly headConvolution: readonly [string, string];
  readonly dense: string;
}

const efficientNetPyTorch: PyTorchNames = {
  stem: ["_conv_stem", "_bn0"],
  block: ({ index }) => ({
    prefix: `_blocks.${index}.`,
    expand: ["_expand_conv", "_bn0"],
    depthwise: ["_depthwise_conv", "_bn1"],
    reduce: "_se_reduce",
    excite: "_se_expand",
    project: ["_project_conv", "_bn2"],
  }),
  headConvolution: ["_conv_head", "_bn1"],
  dense: "_fc",
};

const torchvision: PyTorchNames = {
  stem: ["features.0.0", "features.0.1"],
  block: ({ hasExpansion, repeat, stage }) => {
    const first = hasExpansion ? 1 : 0;
    return {
      prefix: `features.${stage + 1}.${repeat}.block.`,
      expand: ["0.0", "0.1"],
      depthwise: [`${first}.0`, `${first}.1`],
      reduce: `${first + 1}.fc1`,
      excite: `${first + 1}.fc2`,
      project: [`${first + 2}.0`, `${first + 2}.1`],
    };
  },
  headConvolution: ["features.8.0", "features.8.1"],
  dense: "classifier.1",
};

const timm: PyTorchNames = {
  stem: ["conv_stem", "bn1"],
  block: ({ hasExpansion, repeat, stage }) => ({
    prefix: `blocks.${stage}.${repeat}.`,
    expand: ["conv_pw", "bn1"],
    depthwise: ["conv_dw", hasExpansion ? "bn2" : "bn1"],
    reduce: "se.conv_reduce",
    excite: "se.conv_expand",
    project: hasExpansion ? ["conv_pwl", "bn3"] : ["conv_pw", "bn2"],
  }),
  headConvolution: ["conv_head", "bn2"],
  dense: "classifier",
};

function pyTorchNameMap(names: PyTorchNames, config: ModelConfig): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  const addConvolution = (name: string, prefix: string, pair: readonly [string, string]) => {
    const [convolution, batchNorm] = pair;
    map.set(`${name}/kernel`, `${prefix}${convolution}.weight`);
    map.set(`${name}/batch-norm/gamma`, `${prefix}${batchNorm}.weight`);
    map.set(`${name}/batch-norm/beta`, `${prefix}${batchNorm}.bias`);
    map.set(`${name}/batch-norm/mean`, `${prefix}${batchNorm}.running_mean`);
    map.set(`${name}/batch-norm/variance`, `${prefix}${batchNorm}.running_var`);
  };
  const addDense = (name: string, source: string) => {
    map.set(`${name}/kernel`, `${source}.weight`);
    map.set(`${name}/bias`, `${source}.bias`);
  };
  addConvolution("stem", "", names.stem);
  buildArchitecture(config).blocks.forEach((block, index) => {
    const source = names.block({ ...stageOfBlock(config, index), index, hasExpansion: block.hasExpansion });
    if (block.hasExpansion) addConvolution(`${block.name}/expand`, source.prefix, source.expand);
    addConvolution(`${block.name}/depthwise`, source.prefix, source.depthwise);
    addDense(`${block.name}/squeeze-excite/reduce`, `${source.prefix}${source.reduce}`);
    addDense(`${block.name}/squeeze-excite/expand`, `${source.prefix}${source.excite}`);
    addConvolution(`${block.name}/project`, source.prefix, source.project);
  });
  if (config.headVariant === "conv-head") addConvolution("head/conv", "", names.headConvolution);
  addDense("head/dense", names.dense);
  return map;
}

export const weightSchemes: readonly WeightScheme[] = [
  {
    name: "efficientnet-pytorch",
    marker: "_conv_stem.weight",
    layout: "pytorch",
    // converted from TensorFlow's checkpoints
    convention: { padding: "same-tf", batchNormEpsilon: 1e-3 },
    nameMap: (config) => pyTorchNameMap(efficientNetPyTorch, config),
    ...asIs,
  },
  {
    name: "torchvision",
    marker: "features.0.0.weight",
    layout: "pytorch",
    convention: { padding: "symmetric", batchNormEpsilon: 1e-5 },
    nameMap: (config) => pyTorchNameMap(torchvision, config),
    ...asIs,
  },
  {
    name: "timm",
    marker: "conv_stem.weight",
    layout: "pytorch",
    // efficientnet_b0; its tf_efficientnet_b0 shares the names but pads like TensorFlow, so the caller may override
    convention: { padding: "symmetric", batchNormEpsilon: 1e-5 },
    nameMap: (config) => pyTorchNameMap(timm, config),
    ...asIs,
  },
  {
    name: "keras",
    marker: "stem_conv/kernel",
    layout: "tensorflow",
    convention: { padding: "same-tf", batchNormEpsilon: 1e-3 },
    nameMap: kerasNameMap,
    publishedName: kerasName,
    unusedReason: (name) =>
      name.startsWith("normalization")
        ? "Keras normalises inside of the network; here the checkpoint's mean and standard deviation do"
        : undefined,
    remark: "Keras trains these layers with batch-norm momentum 0.99; the architecture's own is kept",
  },
  {
    name: "crossread",
    marker: "stem/kernel",
    layout: "same",
    convention: {},
    nameMap: () => new Map(),
    ...asIs,
  },
];
