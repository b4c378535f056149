import type { ModelConfig } from "./config.ts";
import type { Example } from "./example.ts";
import { normaliseInto, type Normalisation } from "./normalisation.ts";

/** What the network sees of examples as they are, without augmentation: normalised pixels, shape [count, S, S]. */
export function exampleInputs(
  examples: readonly Pick<Example, "pixels">[],
  config: Pick<ModelConfig, "imageSize">,
  normalisation: Normalisation,
): Float32Array {
  const pixelCount = config.imageSize * config.imageSize;
  const images = new Float32Array(examples.length * pixelCount);
  examples.forEach(({ pixels }, slot) => {
    normaliseInto(images.subarray(slot * pixelCount, (slot + 1) * pixelCount), pixels, normalisation);
  });
  return images;
}
