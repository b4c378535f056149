import type { TransformChain } from "@crossread/contracts/saliency-map";
import { encodeGrayPng } from "@crossread/dicom/png";
import { sha256 } from "@crossread/model/digest";
import { createEngine } from "@crossread/model/engine-choice";
import { predictExamples } from "@crossread/model/predict-examples";
import { scaleToUnit, storedMapSize, upsampleMap, type MapPlane } from "@crossread/model/saliency-frame";
import type { ObjectStore } from "@crossread/storage/object-store";
import { loadWeights } from "./load-checkpoint.ts";
import { loadExamples } from "./load-examples.ts";
import type { TaskContext } from "./task-context.ts";
import type { TaskInput, TaskOutput } from "./task-contracts.ts";

const batchSize = 8;

/** Grad-CAM in the frame of each image: the map covers exactly the pixels that a reader sees. */
export async function explain(
  input: TaskInput<"explain">,
  context: TaskContext<"explain">,
): Promise<TaskOutput<"explain">> {
  const { classIndex, layer } = input;
  const { manifest, parameters } = await loadWeights(context.store, input.checkpoint);
  const { config, normalisation } = manifest;
  const engine = await createEngine(input.engine.name, { threadCount: input.engine.threadCount });
  const predictor = await engine.createPredictor({ config, parameters, batchSize });
  try {
    for (let first = 0; first < input.images.length; first += batchSize) {
      const part = input.images.slice(first, first + batchSize);
      const examples = await loadExamples(context.store, part, config.imageSize);
      const predictions = await predictExamples({
        predictor,
        config,
        normalisation,
        examples,
        saliency: { classIndex, layer },
      });
      for (const [index, { chain, exampleId }] of examples.entries()) {
        const plane = predictions[index]?.map;
        if (plane === undefined) throw new Error(`Engine ${engine.name} gave no map of ${exampleId}`);
        await context.emit({ imageId: exampleId, ...(await storeMap(context.store, plane, chain)) });
      }
    }
  } finally {
    await predictor.dispose();
  }
  return { count: input.images.length };
}

async function storeMap(store: ObjectStore, plane: MapPlane, chain: TransformChain) {
  const map = scaleToUnit(upsampleMap(plane, chain, storedMapSize(chain)));
  const png = await encodeGrayPng(map, 8);
  const blobKey = `maps/${sha256(png)}.png`;
  await store.put(blobKey, png);
  return { blobKey, widthPx: map.widthPx, heightPx: map.heightPx, transform: chain };
}
