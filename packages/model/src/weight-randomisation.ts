import { createRandom } from "@crossread/metrics/random";
import type { ModelConfig } from "./config.ts";
import {
  copyParameters,
  initialParameters,
  parameterTable,
  parameterValues,
  type ModelParameters,
} from "./parameter-table.ts";

/** Layer that a tensor belongs to: head/dense, head/conv, cbam, blocks/N or stem. */
export function layerOf(tensorName: string): string {
  const [part = "", place = ""] = tensorName.split("/");
  return part === "head" || part === "blocks" ? `${part}/${place}` : part;
}

/** Layers from the output down to the input. */
export const layersFromTop = (config: ModelConfig): string[] =>
  [...new Set(parameterTable(config).parameters.map(({ name }) => layerOf(name)))].reverse();

/** As before any training, but never what a training with this seed began with: a short one would still resemble it. */
export const freshParameters = (config: ModelConfig, seed: number): ModelParameters =>
  initialParameters(
    config,
    createRandom(seed)
      .fork("weight randomisation")
      .nextInt(2 ** 31),
  );

/**
 * The model with some layers as they are before any training, batch statistics included.
 *
 * @param layers - names from `layersFromTop`
 * @param seed - of the fresh values; a layer's do not depend on which others are randomised
 * @returns a copy
 * @source Adebayo et al., "Sanity checks for saliency maps" (2018), section 3: model parameter randomisation
 */
export function randomiseLayers(
  model: { readonly config: ModelConfig; readonly parameters: ModelParameters },
  layers: readonly string[],
  seed: number,
): ModelParameters {
  const known = new Set(layersFromTop(model.config));
  const stranger = layers.find((layer) => !known.has(layer));
  if (stranger !== undefined)
    throw new RangeError(`${model.config.architecture} has no layer "${stranger}".`);
  const result = copyParameters(model.parameters);
  const fresh = freshParameters(model.config, seed);
  for (const parameter of parameterTable(model.config).parameters) {
    if (layers.includes(layerOf(parameter.name))) {
      parameterValues(result, parameter).set(parameterValues(fresh, parameter));
    }
  }
  return result;
}
