import { encodeGrayPng } from "@crossread/dicom/png";
import { sha256 } from "@crossread/model/digest";
import { createEngine } from "@crossread/model/engine-choice";
import { predictExamples } from "@crossread/model/predict-examples";
import { scaleToUnit, upsampleMap } from "@crossread/model/saliency-frame";
import { loadWeights } from "./load-checkpoint.ts";
import { loadExample } from "./load-examples.ts";
import type { TaskContext } from "./task-context.ts";
import type { TaskInput, TaskOutput } from "./task-contracts.ts";

const longestSidePx = 512;

/** Grad-CAM in the frame of each image: the map covers exactly the pixels that a reader sees. */
export async function explain(
  input: TaskInput<"explain">,
  context: TaskContext<"explain">,
): Promise<TaskOutput<"explain">> {
  const { classIndex, layer } = input;
  const { manifest, parameters } = await loadWeights(context.store, input.checkpoint);
  const { config, normalisation } = manifest;
  const engine = await createEngine(input.engine.name, { threadCount: input.engine.threadCount });
  const predictor = await engine.createPredictor({ config, parameters, batchSize: 1 });
  try {
    for (const image of input.images) {
      const example = await loadExample(context.store, image, config.imageSize);
      const [prediction] = await predictExamples({
        predictor,
        config,
        normalisation,
        examples: [example],
        saliency: { classIndex, layer },
      });
      if (prediction?.map === undefined) continue;
      const map = scaleToUnit(upsampleMap(prediction.map, example.chain, mapSize(example.chain)));
      const png = await encodeGrayPng(map, 8);
      const blobKey = `maps/${sha256(png)}.png`;
      await context.store.put(blobKey, png);
      await context.emit({
        imageId: image.imageId,
        blobKey,
        widthPx: map.widthPx,
        heightPx: map.heightPx,
        transform: example.chain,
      });
    }
  } finally {
    await predictor.dispose();
  }
  return { count: input.images.length };
}

/** The image's own shape, not larger than it is. */
function mapSize(chain: { imageWidthPx: number; imageHeightPx: number }): {
  widthPx: number;
  heightPx: number;
} {
  const { imageHeightPx, imageWidthPx } = chain;
  const scale = Math.min(1, longestSidePx / Math.max(imageWidthPx, imageHeightPx));
  return {
    widthPx: Math.max(1, Math.round(imageWidthPx * scale)),
    heightPx: Math.max(1, Math.round(imageHeightPx * scale)),
  };
}
