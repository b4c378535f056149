import { performance } from "node:perf_hooks";
import type { SiteProgress } from "@crossread/contracts/training-progress";
import { sha256 } from "@crossread/model/digest";
import { createEngine } from "@crossread/model/engine-choice";
import type { LocalPlan } from "@crossread/model/local-plan";
import { trainLocal, type TrainingProgress } from "@crossread/model/train-local";
import { encodeTrainingState } from "@crossread/model/training-state";
import { loadWeights } from "./load-checkpoint.ts";
import { loadExamples } from "./load-examples.ts";
import type { TaskContext } from "./task-context.ts";
import { findTrainingState } from "./saved-training.ts";
import { encodeUpdate } from "./update-file.ts";
import type { TaskInput, TaskOutput } from "./task-contracts.ts";

/** One site's part of a round: references in, an update out. */
export async function trainLocalTask(
  input: TaskInput<"train-local">,
  context: TaskContext<"train-local">,
): Promise<TaskOutput<"train-local">> {
  const { plan } = input;
  const { manifest, parameters } = await loadWeights(context.store, input.base);
  const { config, normalisation } = manifest;
  const train = await loadExamples(context.store, input.train, config.imageSize);
  const tuning = await loadExamples(context.store, input.tuning, config.imageSize);
  const engine = await createEngine(input.engine.name, { threadCount: input.engine.threadCount });
  const training = {
    engine,
    config,
    start: parameters,
    train,
    tuning,
    normalisation,
    plan: localPlanOf(plan),
    seed: input.seed,
  };
  const resumeFrom = await findTrainingState(context.store, input.stateKey, training);
  let latest: SiteProgress = emptyProgress(plan.localEpochs);
  let reportedAt = 0;
  let savedAt = performance.now();

  const result = await trainLocal({
    ...training,
    ...(resumeFrom && { resumeFrom }),
    saving: {
      isDue: () => performance.now() - savedAt >= input.stateIntervalMs,
      save: async (state) => {
        await context.store.put(input.stateKey, encodeTrainingState(state));
        savedAt = performance.now();
      },
    },
    clock: () => performance.now(),
    onProgress: (progress) => {
      const now = performance.now();
      latest = toSiteProgress(progress);
      if (now - reportedAt < reportIntervalMs && progress.step < progress.steps) return;
      reportedAt = now;
      void context.emit(latest);
    },
  });
  const update = encodeUpdate(config, {
    parameters: result.parameters,
    baseSha256: manifest.weights.sha256,
    roundNumber: input.roundNumber,
  });
  const digest = sha256(update);
  const blobKey = `updates/${digest}.safetensors`;
  await context.store.put(blobKey, update);
  return {
    blobKey,
    sha256: digest,
    exampleCount: result.exampleCount,
    progress: { ...latest, secondsLeft: 0 },
  };
}

const reportIntervalMs = 500;

const localPlanOf = (plan: TaskInput<"train-local">["plan"]): LocalPlan => ({
  epochs: plan.localEpochs,
  batchSize: plan.batchSize,
  learningRate: plan.learningRate,
  isAugmented: plan.isAugmented,
  ...(plan.strategy === "fedprox" ? { proximalMu: plan.proximalMu } : {}),
});

const emptyProgress = (epochs: number): SiteProgress => ({
  epoch: 0,
  epochs,
  step: 0,
  steps: 0,
  secondsLeft: null,
  curve: [],
});

function toSiteProgress(progress: TrainingProgress): SiteProgress {
  const { epoch, epochs, history, remainingMs, step, steps } = progress;
  return {
    epoch,
    epochs,
    step,
    steps,
    secondsLeft: remainingMs === null ? null : remainingMs / 1_000,
    curve: history.map((row) => ({
      epoch: row.epoch,
      trainLoss: row.trainLoss,
      tuningLoss: row.tuningLoss,
      tuningAuc: row.tuningAuc,
      gradientNorm: row.gradientNorm,
    })),
  };
}
