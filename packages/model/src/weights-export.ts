import { DomainError } from "@crossread/contracts/errors";
import type { ModelConfig } from "./config.ts";
import { parameterTable, parameterValues, type ModelParameters } from "./parameter-table.ts";
import { encodeSafetensors, type FloatTensor } from "./safetensors.ts";
import { sourceLayout, toSource } from "./weight-layout.ts";
import { weightSchemes, type WeightScheme } from "./weight-names.ts";

export interface ExportedWeights {
  readonly file: Uint8Array<ArrayBuffer>;
  readonly exported: readonly { readonly from: string; readonly to: string }[];
  /** Tensors that the scheme has no name for, such as the attention module's. */
  readonly leftOut: readonly string[];
}

/** Weights under another scheme's names and in its layout; what `importWeights` reads back. */
export function exportWeights(
  config: ModelConfig,
  parameters: ModelParameters,
  schemeName: WeightScheme["name"],
): ExportedWeights {
  const scheme = weightSchemes.find(({ name }) => name === schemeName);
  if (scheme === undefined) throw new DomainError("usage", `There is no naming scheme "${schemeName}".`);
  const names = scheme.nameMap(config);
  const tensors: FloatTensor[] = [];
  const exported: ExportedWeights["exported"][number][] = [];
  const leftOut: string[] = [];
  for (const parameter of parameterTable(config).parameters) {
    const to = names.get(parameter.name);
    if (to === undefined) {
      leftOut.push(parameter.name);
      continue;
    }
    const layout = sourceLayout(parameter, scheme);
    const values = toSource(parameterValues(parameters, parameter), layout);
    tensors.push({ name: to, shape: layout.shape, values });
    exported.push({ from: parameter.name, to });
  }
  return { file: encodeSafetensors(tensors), exported, leftOut };
}
