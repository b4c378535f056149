import { DomainError } from "@crossread/contracts/errors";
import { auc } from "@crossread/metrics/auc";
import type { ModelConfig } from "./config.ts";
import type { Trainer } from "./engine.ts";
import type { Example } from "./example.ts";
import { crossEntropyOf } from "./loss.ts";
import { exampleInputs } from "./example-inputs.ts";
import type { Normalisation } from "./normalisation.ts";

export interface TuningResult {
  /** Mean cross-entropy, without label smoothing. */
  readonly loss: number;
  /** Null where the tuning examples lack a class. */
  readonly auc: number | null;
}

export interface TuningOptions {
  readonly config: ModelConfig;
  readonly normalisation: Normalisation;
  readonly tuning: readonly Example[];
  readonly batchSize: number;
  /** Called before each batch; throws to stop. */
  readonly beforeBatch: () => void;
}

/**
 * Loss and AUC of the trainer's present parameters on the tuning split, without augmentation.
 *
 * @throws {DomainError} "training-failed" where the loss is not finite
 */
export async function evaluateTuning(trainer: Trainer, options: TuningOptions): Promise<TuningResult> {
  const { batchSize, config, normalisation, tuning } = options;
  const labels: number[] = [];
  const scores: number[] = [];
  let lossSum = 0;
  for (let first = 0; first < tuning.length; first += batchSize) {
    options.beforeBatch();
    const part = tuning.slice(first, first + batchSize);
    const images = exampleInputs(part, config, normalisation);
    const result = await trainer.evaluate({ images, count: part.length });
    const partLabels = part.map((example) => example.label);
    lossSum += crossEntropyOf(result.logits, partLabels, config.classCount) * part.length;
    labels.push(...partLabels);
    scores.push(...result.scores);
  }
  const loss = lossSum / tuning.length;
  if (!Number.isFinite(loss)) {
    throw new DomainError("training-failed", `Training needs a finite tuning loss, got ${loss}.`);
  }
  const diseased = scores.filter((_, index) => labels[index] === 1);
  const nonDiseased = scores.filter((_, index) => labels[index] === 0);
  const isRanked = diseased.length > 0 && nonDiseased.length > 0;
  return { loss, auc: isRanked ? auc(diseased, nonDiseased) : null };
}
