import type { ModelConfig } from "./config.ts";

/** One MBConv block after compound scaling. */
export interface Block {
  readonly name: string;
  readonly inputChannels: number;
  readonly expandedChannels: number;
  readonly squeezedChannels: number;
  readonly outputChannels: number;
  readonly kernelSize: number;
  readonly stride: number;
  readonly hasExpansion: boolean;
  readonly hasShortcut: boolean;
}

export interface Architecture {
  readonly stemChannels: number;
  readonly blocks: readonly Block[];
  /** Channels of the last MBConv block: what the attention module sees. */
  readonly featureChannels: number;
  /** Channels that are pooled: `featureChannels`, or the 1×1 convolution's. */
  readonly pooledChannels: number;
  /** Side of the final feature map, pixels. */
  readonly featureSize: number;
}

/**
 * Channel count after width scaling, a multiple of 8 that loses at most 10 %.
 *
 * @source reference implementation of Tan & Le (2019), round_filters
 */
export function scaleChannels(channels: number, widthMultiplier: number): number {
  const divisor = 8;
  if (widthMultiplier === 1) return channels;
  const scaled = channels * widthMultiplier;
  const rounded = Math.max(divisor, Math.floor((scaled + divisor / 2) / divisor) * divisor);
  return rounded < 0.9 * scaled ? rounded + divisor : rounded;
}

/** Rows of the stage table, scaled and unrolled into blocks. */
export function buildArchitecture(config: ModelConfig): Architecture {
  const width = config.widthMultiplier;
  const stemChannels = scaleChannels(config.stemChannels, width);
  const blocks: Block[] = [];
  let inputChannels = stemChannels;
  let featureSize = Math.ceil(config.imageSize / 2);
  for (const stage of config.stages) {
    const outputChannels = scaleChannels(stage.channels, width);
    const repeats = Math.ceil(stage.repeats * config.depthMultiplier);
    for (let repeat = 0; repeat < repeats; repeat++) {
      const stride = repeat === 0 ? stage.stride : 1;
      blocks.push({
        name: `blocks/${blocks.length}`,
        inputChannels,
        expandedChannels: inputChannels * stage.expandRatio,
        squeezedChannels: Math.max(1, Math.floor(inputChannels * config.squeezeRatio)),
        outputChannels,
        kernelSize: stage.kernelSize,
        stride,
        hasExpansion: stage.expandRatio !== 1,
        hasShortcut: stride === 1 && inputChannels === outputChannels,
      });
      featureSize = Math.ceil(featureSize / stride);
      inputChannels = outputChannels;
    }
  }
  const pooledChannels =
    config.headVariant === "conv-head" ? scaleChannels(config.headChannels, width) : inputChannels;
  return { stemChannels, blocks, featureChannels: inputChannels, pooledChannels, featureSize };
}

/** Row of the stage table and place within it of the block with this index, both 0-based. */
export function stageOfBlock(config: ModelConfig, blockIndex: number): { stage: number; repeat: number } {
  let first = 0;
  for (const [stage, { repeats }] of config.stages.entries()) {
    const count = Math.ceil(repeats * config.depthMultiplier);
    if (blockIndex < first + count) return { stage, repeat: blockIndex - first };
    first += count;
  }
  throw new RangeError(`The architecture has ${first} blocks, got index ${blockIndex}.`);
}
