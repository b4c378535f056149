import { DomainError } from "@crossread/contracts/errors";
import { z } from "zod";
import { efficientNetB0Stages, stageSchema } from "./stages.ts";

export const modelConfigSchema = z.strictObject({
  /** Name of the preset that this record started as. */
  architecture: z.string().min(1).max(100),
  /** Side of the square input, pixels. */
  imageSize: z.int().min(16).max(2048),
  classCount: z.int().min(2).max(10_000),
  stages: z.array(stageSchema).min(1).max(32),
  stemChannels: z.int().min(1).max(1024),
  widthMultiplier: z.number().positive().max(8),
  depthMultiplier: z.number().positive().max(8),
  /** "gap": pooling follows the attention module; "conv-head": a 1×1 convolution to `headChannels` comes between. */
  headVariant: z.enum(["gap", "conv-head"]),
  headChannels: z.int().min(1).max(16_384),
  /** How the last feature map becomes one number a channel: the mean (eq. 10) or the largest value. */
  pooling: z.enum(["average", "max"]),
  attention: z.enum(["cbam", "none"]),
  cbamReduction: z.int().min(1).max(256),
  spatialKernel: z.literal([3, 5, 7]),
  /** Share of a block's input channels that squeeze-and-excitation keeps. */
  squeezeRatio: z.number().positive().max(1),
  /** "same-tf" pads the far side first at stride 2, as the published weights expect; "symmetric" as torchvision does. */
  padding: z.enum(["same-tf", "symmetric"]),
  batchNormEpsilon: z.number().positive().max(1),
  /** Share of the running statistics that survives one training step. */
  batchNormMomentum: z.number().min(0).lt(1),
});
export type ModelConfig = z.infer<typeof modelConfigSchema>;

const efficientNetB0Cbam: ModelConfig = {
  architecture: "efficientnet-b0-cbam",
  imageSize: 224,
  classCount: 2,
  stages: [...efficientNetB0Stages],
  stemChannels: 32,
  widthMultiplier: 1,
  depthMultiplier: 1,
  headVariant: "gap",
  headChannels: 1280,
  pooling: "average",
  attention: "cbam",
  cbamReduction: 8,
  spatialKernel: 7,
  squeezeRatio: 0.25,
  padding: "same-tf",
  batchNormEpsilon: 1e-3,
  batchNormMomentum: 0.9,
};

export const modelPresets = {
  /** The paper's network: EfficientNet-B0 to 7×7×320, CBAM with reduction 8, pooling, dense 2. */
  "efficientnet-b0-cbam": efficientNetB0Cbam,
  /**
   * For demonstrations that train from scratch, on two cores, with some dozens of lesions: the same blocks in three rows.
   * All seven rows only memorise so few examples. Few rows see small neighbourhoods, a fine last map (16×16) and the
   * largest value keep a lesion of a few pixels, which the mean over a breast would drown.
   */
  "compact-cbam": {
    ...efficientNetB0Cbam,
    architecture: "compact-cbam",
    imageSize: 128,
    stages: [
      { expandRatio: 1, kernelSize: 3, stride: 1, channels: 16, repeats: 1 },
      { expandRatio: 4, kernelSize: 3, stride: 2, channels: 24, repeats: 1 },
      { expandRatio: 4, kernelSize: 3, stride: 2, channels: 48, repeats: 1 },
    ],
    stemChannels: 16,
    headVariant: "conv-head",
    headChannels: 96,
    pooling: "max",
  },
  /** Three rows; small enough for the interpreted reference engine. */
  "tiny-cbam": {
    ...efficientNetB0Cbam,
    architecture: "tiny-cbam",
    imageSize: 32,
    stages: [
      { expandRatio: 1, kernelSize: 3, stride: 1, channels: 8, repeats: 1 },
      { expandRatio: 3, kernelSize: 5, stride: 2, channels: 16, repeats: 2 },
      { expandRatio: 3, kernelSize: 3, stride: 2, channels: 24, repeats: 1 },
    ],
    stemChannels: 8,
    headChannels: 32,
  },
} as const satisfies Record<string, ModelConfig>;

export type PresetName = keyof typeof modelPresets;
export const presetNames = Object.keys(modelPresets) as readonly PresetName[];

export function findPreset(name: string): ModelConfig | undefined {
  return Object.hasOwn(modelPresets, name) ? modelPresets[name as PresetName] : undefined;
}

/** Refuses a record that is not a legal architecture, naming the first field that is wrong. */
export function parseModelConfig(value: unknown): ModelConfig {
  const parsed = modelConfigSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new DomainError(
    "checkpoint-invalid",
    `The model configuration is not valid at "${issue?.path.join(".") ?? ""}": ${issue?.message ?? "unknown"}.`,
    { cause: parsed.error },
  );
}
