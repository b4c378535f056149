import { DomainError } from "@crossread/contracts/errors";
import type { ModelConfig } from "./config.ts";
import type { Predictor, SaliencyRequest } from "./engine.ts";
import { assertExamples, type Example } from "./example.ts";
import { exampleInputs } from "./example-inputs.ts";
import type { Normalisation } from "./normalisation.ts";
import type { MapPlane } from "./saliency-frame.ts";

export interface ExamplePrediction {
  readonly exampleId: string;
  readonly subjectId: string;
  readonly label: 0 | 1;
  /** Softmax output for malignant, in [0, 1]. */
  readonly score: number;
  readonly logits: readonly number[];
  /** Over the input frame, values ≥ 0. */
  readonly map?: MapPlane;
}

export interface PredictExamplesOptions {
  readonly predictor: Predictor;
  readonly config: ModelConfig;
  readonly normalisation: Normalisation;
  readonly examples: readonly Example[];
  readonly saliency?: SaliencyRequest;
  /** Examples given to the predictor at a time; default 64. */
  readonly chunkSize?: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Predictions in the order of the examples; resizing and normalisation only, no augmentation. */
export async function predictExamples(options: PredictExamplesOptions): Promise<ExamplePrediction[]> {
  const { config, examples, normalisation, predictor, saliency } = options;
  assertExamples(examples, config);
  const chunkSize = options.chunkSize ?? 64;
  const predictions: ExamplePrediction[] = [];
  for (let first = 0; first < examples.length; first += chunkSize) {
    if (options.signal?.aborted === true) {
      throw new DomainError("run-cancelled", "Prediction was cancelled.", { cause: options.signal.reason });
    }
    const part = examples.slice(first, first + chunkSize);
    const images = exampleInputs(part, config, normalisation);
    const result = await predictor.predict({ images, count: part.length, ...(saliency && { saliency }) });
    part.forEach(({ exampleId, label, subjectId }, row) => {
      predictions.push({
        exampleId,
        subjectId,
        label,
        score: result.scores[row]!,
        logits: [...result.logits.subarray(row * config.classCount, (row + 1) * config.classCount)],
        ...(result.maps && { map: planeOf(result.maps, row) }),
      });
    });
    options.onProgress?.(predictions.length, examples.length);
  }
  return predictions;
}

function planeOf(maps: MapPlane, row: number): MapPlane {
  const { heightPx, values, widthPx } = maps;
  const size = heightPx * widthPx;
  return { heightPx, widthPx, values: values.slice(row * size, (row + 1) * size) };
}
