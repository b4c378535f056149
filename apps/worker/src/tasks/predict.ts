import { createEngine } from "@crossread/model/engine-choice";
import { predictExamples } from "@crossread/model/predict-examples";
import { loadWeights } from "./load-checkpoint.ts";
import { loadExamples } from "./load-examples.ts";
import type { TaskContext } from "./task-context.ts";
import type { TaskInput, TaskOutput } from "./task-contracts.ts";

const batchSize = 16;

/** Scores of a checkpoint, sent batch by batch: what has been sent need not be computed again after a crash. */
export async function predict(
  input: TaskInput<"predict">,
  context: TaskContext<"predict">,
): Promise<TaskOutput<"predict">> {
  const { manifest, parameters } = await loadWeights(context.store, input.checkpoint);
  const { config, normalisation } = manifest;
  const engine = await createEngine(input.engine.name, { threadCount: input.engine.threadCount });
  const predictor = await engine.createPredictor({ config, parameters, batchSize });
  try {
    for (let first = 0; first < input.images.length; first += batchSize) {
      const part = input.images.slice(first, first + batchSize);
      const examples = await loadExamples(context.store, part, config.imageSize);
      const predictions = await predictExamples({ predictor, config, normalisation, examples });
      await context.emit(predictions.map(({ exampleId, score }) => ({ imageId: exampleId, score })));
    }
  } finally {
    await predictor.dispose();
  }
  return { count: input.images.length };
}
