import { availableParallelism } from "node:os";
import type { Command } from "commander";
import { DomainError } from "@crossread/contracts/errors";
import { createEngine } from "@crossread/model/engine-choice";
import { readCheckpoint } from "../checkpoint-directory.ts";
import { formatTable, printProgress, printResult } from "../output.ts";
import { imageJobs } from "../predict/image-jobs.ts";
import { createImagePool } from "../predict/image-pool.ts";
import type { MapTargets } from "../predict/image-stage.ts";
import { createImageWork } from "../predict/image-work.ts";
import { predictFiles, type FileOutcome } from "../predict/predict-files.ts";

interface PredictOptions extends MapTargets {
  readonly checkpoint: string;
  readonly engine: string;
  readonly json?: boolean;
}

interface Prediction extends MapTargets {
  readonly file: string;
  /** Softmax output for malignant; not calibrated. */
  readonly probability: number;
  readonly class: string;
  readonly ms: { readonly decode: number; readonly preprocess: number; readonly infer: number };
}

/** From here on threads are worth their start. */
const manyFiles = 8;
/** Larger batches leave the processor's cache. */
const batchSize = 4;
const progressIntervalMs = 1_000;

export function registerPredict(program: Command): void {
  program
    .command("predict")
    .description("Classify DICOM, PGM or PNG files. Research use only.")
    .argument("<FILE...>", "image files, or directories of them")
    .requiredOption("--checkpoint <DIR>", "checkpoint directory (see train, federate, weights import)")
    .option(
      "--heatmap <OUT>",
      "write Grad-CAM as an overlay on the image, in its own frame: FILE.png or DIR/",
    )
    .option("--map <OUT>", "write Grad-CAM as a gray map of at most 512 px a side: FILE.png or DIR/")
    .option("--engine <NAME>", "onnx, onnx-cuda, onnx-webgpu, tensorflow or cpu", "onnx")
    .option("--json", "print one JSON object")
    .action(predict);
}

async function predict(paths: readonly string[], options: PredictOptions): Promise<void> {
  const jobs = await imageJobs(paths, options);
  const { classNames, config, normalisation, parameters } = await readCheckpoint(options.checkpoint);
  const { imageSize } = config;
  const isMany = jobs.length >= manyFiles;
  const threads = shareThreads(availableParallelism());
  const frame = { imageSize, normalisation };
  const pool = isMany ? createImagePool(threads.images, { frame }) : undefined;
  const images = pool ?? createImageWork(frame);
  const predictions: Prediction[] = [];
  const refused: { file: string; code: string; reason: string }[] = [];
  const progress = createProgress(jobs.length);
  const rate = createRate(jobs.length);
  const onOutcome = (outcome: FileOutcome): void => {
    const { file, targets } = outcome.job;
    if (outcome.ok) {
      const name = classNames[outcome.probability >= 0.5 ? 1 : 0] ?? "";
      predictions.push({
        file,
        probability: outcome.probability,
        class: name,
        ...targets,
        ms: outcome.ms,
      });
    } else {
      refused.push({ file, code: outcome.code, reason: outcome.reason });
      if (jobs.length === 1) throw new DomainError(outcome.code, outcome.reason);
      printProgress(`crossread: ${outcome.reason}`);
    }
    const done = predictions.length + refused.length;
    rate.add(done);
    if (isMany) progress(done);
  };
  try {
    const engine = await createEngine(options.engine, isMany ? { threadCount: threads.inference } : {});
    const size = isMany ? batchSize : 1;
    const predictor = await engine.createPredictor({ config, parameters, batchSize: size });
    try {
      await predictFiles({ jobs, images, predictor, imageSize, batchSize: size, onOutcome });
    } finally {
      await predictor.dispose();
    }
  } finally {
    await pool?.close();
  }
  const perSecond = rate.perSecond();
  const result = { predictions, refused, ...(perSecond === undefined ? {} : { perSecond }) };
  printResult(options, result, describe(predictions, refused.length));
  if (refused.length > 0) process.exitCode = 1;
}

/** Images take about as much time as the network, so each gets half of the cores. */
function shareThreads(cores: number): { inference: number; images: number } {
  const inference = Math.max(1, Math.floor(cores / 2));
  return { inference, images: Math.max(1, cores - inference) };
}

function createProgress(total: number): (done: number) => void {
  const start = performance.now();
  let last = start;
  return (done) => {
    const now = performance.now();
    if (now - last < progressIntervalMs && done < total) return;
    last = now;
    printProgress(`${done} of ${total} files, ${((1000 * done) / (now - start)).toFixed(1)} a second`);
  };
}

/** Files a second once running: without the first quarter, at most 40, which waits for compilers and is decoded ahead. */
function createRate(total: number) {
  const skipped = Math.min(40, total / 4);
  let first: { readonly at: number; readonly done: number } | undefined;
  let last = 0;
  return {
    add: (done: number): void => {
      if (done > skipped) first ??= { at: performance.now(), done };
      last = done;
    },
    perSecond: (): number | undefined =>
      first === undefined || last === first.done
        ? undefined
        : (1000 * (last - first.done)) / (performance.now() - first.at),
  };
}

function describe(predictions: readonly Prediction[], refusedCount: number): string {
  const table = formatTable(
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
  return refusedCount === 0 ? table : `${table}\n${refusedCount} files refused; see above.`;
}
