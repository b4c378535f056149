import { buildArchitecture } from "./architecture.ts";
import { modelPresets, presetNames, type ModelConfig } from "./config.ts";
import { parameterTable } from "./parameter-table.ts";

export interface ArchitectureSummary {
  readonly architecture: string;
  readonly headVariant: ModelConfig["headVariant"];
  /** Whether a training without --head takes this one. */
  readonly isDefault: boolean;
  readonly inputSizePx: number;
  /** Side and channels of the map that attention and Grad-CAM see. */
  readonly featureSizePx: number;
  readonly featureChannels: number;
  /** Numbers that learn. */
  readonly trainableCount: number;
  /** Of these, in the attention module. */
  readonly attentionCount: number;
  /** Running means and variances. */
  readonly statisticsCount: number;
}

/** Every preset with either head. */
export function architectureSummaries(): ArchitectureSummary[] {
  return presetNames.flatMap((name) =>
    (["gap", "conv-head"] as const).map((headVariant) => {
      const preset: ModelConfig = modelPresets[name];
      const config = { ...preset, headVariant };
      const { featureChannels, featureSize } = buildArchitecture(config);
      const { parameters, statisticsSize, trainableSize } = parameterTable(config);
      return {
        architecture: name,
        headVariant,
        isDefault: headVariant === preset.headVariant,
        inputSizePx: config.imageSize,
        featureSizePx: featureSize,
        featureChannels,
        trainableCount: trainableSize,
        attentionCount: parameters
          .filter((parameter) => parameter.name.startsWith("cbam/"))
          .reduce((sum, { size }) => sum + size, 0),
        statisticsCount: statisticsSize,
      };
    }),
  );
}
