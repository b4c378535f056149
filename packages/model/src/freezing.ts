import { DomainError } from "@crossread/contracts/errors";
import { stageOfBlock } from "./architecture.ts";
import type { ModelConfig } from "./config.ts";
import { parameterTable } from "./parameter-table.ts";

/** Which part keeps its values while the rest learns. */
export interface Freezing {
  /**
   * A number n: the stem and the first n rows of the stage table; "backbone": the stem and all rows; "attention": these
   * and the attention module, so that the head alone learns. Left out: nothing.
   */
  readonly through?: number | "backbone" | "attention";
  /** Normalise by the running statistics everywhere, and leave those as they are; scale and shift still learn. */
  readonly isBatchNormFrozen?: boolean;
}

export interface FrozenTensors {
  /** Names of trainable tensors that keep their values. */
  readonly trainable: ReadonlySet<string>;
  /** Prefixes of batch normalisations that use their running statistics and leave them as they are. */
  readonly batchNorms: ReadonlySet<string>;
}

/**
 * Names of what a freezing keeps; a batch normalisation whose scale is frozen keeps its statistics too.
 *
 * @throws {DomainError} "plan-invalid" for a row that the stage table lacks
 */
export function frozenTensors(config: ModelConfig, freezing: Freezing = {}): FrozenTensors {
  const { isBatchNormFrozen = false, through } = freezing;
  const rows = config.stages.length;
  if (typeof through === "number" && !(Number.isInteger(through) && through >= 0 && through <= rows)) {
    throw new DomainError(
      "plan-invalid",
      `Freezing takes a number of rows from 0 to ${rows} for ${config.architecture}, got ${through}.`,
    );
  }
  const frozenRows = typeof through === "number" ? through : rows;
  const isFrozen = (name: string): boolean => {
    if (through === undefined) return false;
    const [part = "", index = ""] = name.split("/");
    switch (part) {
      case "stem":
        return true;
      case "blocks":
        return stageOfBlock(config, Number(index)).stage < frozenRows;
      case "cbam":
        return through === "attention";
      default:
        return false;
    }
  };
  const trainable = new Set<string>();
  const batchNorms = new Set<string>();
  for (const { kind, name } of parameterTable(config).parameters) {
    if (kind === "trainable" && isFrozen(name)) trainable.add(name);
    if (name.endsWith("/mean") && (isBatchNormFrozen || isFrozen(name))) {
      batchNorms.add(name.slice(0, -"/mean".length));
    }
  }
  return { trainable, batchNorms };
}
