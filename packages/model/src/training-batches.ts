import { createRandom } from "@crossread/metrics/random";
import { augment } from "./augment.ts";
import { createBalancedSampler } from "./balanced-sampler.ts";
import type { ModelConfig } from "./config.ts";
import type { TrainingBatch } from "./engine.ts";
import type { Example } from "./example.ts";
import { learningRateAt } from "./learning-rate.ts";
import type { LocalPlan } from "./local-plan.ts";
import { exampleInputs } from "./example-inputs.ts";
import type { Normalisation } from "./normalisation.ts";

/**
 * The batches of a training from any step on: the sampler's stream is wound on to it, and augmentation has a stream for
 * each step and slot, so that a resumed training sees what an undisturbed one does.
 *
 * @returns the next batch at each call: drawn with balance, augmented, normalised, with the step's learning rate
 */
export function createBatchSource(
  training: {
    readonly config: ModelConfig;
    readonly train: readonly Example[];
    readonly normalisation: Normalisation;
    readonly plan: LocalPlan;
    readonly seed: number;
  },
  course: { readonly firstStep: number; readonly steps: number; readonly stepsPerEpoch: number },
): () => TrainingBatch {
  const { config, normalisation, plan, train } = training;
  const { firstStep, ...length } = course;
  const random = createRandom(training.seed);
  const sampler = createBalancedSampler(
    train.map((example) => example.label),
    random.fork("sampler"),
  );
  sampler.draw(firstStep * plan.batchSize);
  let step = firstStep;
  return () => {
    const drawn = sampler.draw(plan.batchSize).map((position) => train[position]!);
    const seen = plan.isAugmented
      ? drawn.map(({ pixels }, slot) => ({
          pixels: augment(pixels, config.imageSize, random.fork(`augment/${step}/${slot}`)),
        }))
      : drawn;
    const images = exampleInputs(seen, config, normalisation);
    const learningRate = learningRateAt(plan, { step, ...length });
    step += 1;
    return { images, labels: drawn.map((example) => example.label), learningRate };
  };
}
