import { readFile, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { DomainError } from "@crossread/contracts/errors";
import { readImageFile } from "@crossread/dicom/image-file";
import { encodeRgbaPng } from "@crossread/dicom/png";
import { createEngine } from "@crossread/model/engine-choice";
import type { Predictor } from "@crossread/model/engine";
import { normaliseInto, type Normalisation } from "@crossread/model/normalisation";
import { preprocess } from "@crossread/model/preprocess";
import { scaleToUnit, upsampleMap } from "@crossread/model/saliency-frame";
import { readCheckpoint } from "../checkpoint-directory.ts";
import { paintHeatmap } from "../heatmap.ts";
import { formatTable, printResult } from "../output.ts";

interface PredictOptions {
  readonly checkpoint: string;
  readonly heatmap?: string;
  readonly engine: string;
  readonly json?: boolean;
}

interface Prediction {
  readonly file: string;
  /** Softmax output for malignant; not calibrated. */
  readonly probability: number;
  readonly class: string;
  readonly ms: { readonly decode: number; readonly preprocess: number; readonly infer: number };
}

export function registerPredict(program: Command): void {
  program
    .command("predict")
    .description("Classify DICOM, PGM or PNG files. Research use only.")
    .argument("<FILE...>", "image files")
    .requiredOption("--checkpoint <DIR>", "checkpoint directory (see train, federate, weights import)")
    .option("--heatmap <OUT.png>", "write the Grad-CAM overlay of one file in its own frame")
    .option("--engine <NAME>", "onnx, onnx-cuda, onnx-webgpu, tensorflow or cpu", "onnx")
    .option("--json", "print one JSON object")
    .action(async (files: string[], options: PredictOptions) => {
      if (options.heatmap !== undefined && files.length !== 1) {
        throw new DomainError("usage", `--heatmap takes exactly one file, got ${files.length}.`);
      }
      const { classNames, config, normalisation, parameters } = await readCheckpoint(options.checkpoint);
      const engine = await createEngine(options.engine);
      const predictor = await engine.createPredictor({ config, parameters, batchSize: 1 });
      const predictions: Prediction[] = [];
      try {
        for (const file of files) {
          predictions.push(
            await predictFile(file, {
              predictor,
              normalisation,
              classNames,
              imageSize: config.imageSize,
              heatmap: options.heatmap,
            }),
          );
        }
      } finally {
        await predictor.dispose();
      }
      printResult(options, { predictions }, describe(predictions));
    });
}

interface PredictionContext {
  readonly predictor: Predictor;
  readonly normalisation: Normalisation;
  readonly classNames: readonly string[];
  readonly imageSize: number;
  readonly heatmap: string | undefined;
}

async function predictFile(file: string, context: PredictionContext): Promise<Prediction> {
  const start = performance.now();
  const { gray } = await readImageFile(await readBytes(file), file);
  const decoded = performance.now();
  const { chain, pixels } = preprocess(gray, context.imageSize);
  const images = new Float32Array(pixels.length);
  normaliseInto(images, pixels, context.normalisation);
  const prepared = performance.now();
  const result = await context.predictor.predict({
    images,
    count: 1,
    ...(context.heatmap === undefined ? {} : { saliency: { classIndex: 1, layer: "cbam" as const } }),
  });
  const inferred = performance.now();
  if (context.heatmap !== undefined && result.maps !== undefined) {
    const map = scaleToUnit(upsampleMap(result.maps, chain));
    await writeFile(context.heatmap, await encodeRgbaPng(paintHeatmap(gray, map.values)));
  }
  const probability = result.scores[0] ?? Number.NaN;
  return {
    file,
    probability,
    class: context.classNames[probability >= 0.5 ? 1 : 0] ?? "",
    ms: { decode: decoded - start, preprocess: prepared - decoded, infer: inferred - prepared },
  };
}

function describe(predictions: readonly Prediction[]): string {
  return formatTable(
    ["File", "Malignant", "Class", "Decode ms", "Preprocess ms", "Infer ms"],
    predictions.map(({ class: name, file, ms, probability }) => [
      file,
      probability.toFixed(4),
      name,
      ms.decode.toFixed(1),
      ms.preprocess.toFixed(1),
      ms.infer.toFixed(1),
    ]),
  );
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new DomainError("file-missing", `There is no readable file ${file}.`, { cause });
  }
}
