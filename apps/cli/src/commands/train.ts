import { join } from "node:path";
import type { Command } from "commander";
import { DomainError, isDomainError } from "@crossread/contracts/errors";
import { readDataset, type Dataset } from "@crossread/datasets/dataset-directory";
import type { Leak } from "@crossread/datasets/duplicate-check";
import { fingerprintImage } from "@crossread/datasets/image-fingerprint";
import { defaultClassNames } from "@crossread/model/checkpoint";
import type { ModelConfig } from "@crossread/model/config";
import { canonicalJson, sha256 } from "@crossread/model/digest";
import { createEngine } from "@crossread/model/engine-choice";
import type { Engine } from "@crossread/model/engine";
import type { LocalPlan } from "@crossread/model/local-plan";
import type { StateSaving } from "@crossread/model/train-local";
import { architectureHelp, requirePreset } from "../architecture-option.ts";
import { parseInteger, seedRange } from "../arguments.ts";
import { readCheckpoint, writeCheckpoint } from "../checkpoint-directory.ts";
import {
  addGuardOptions,
  findSharedImages,
  guardDataset,
  guardPlaces,
  type GuardOptions,
  type ImagePlace,
} from "../cohort-guard.ts";
import { codeVersion } from "../code-version.ts";
import { loadExamples } from "../dataset-examples.ts";
import { printProgress } from "../output.ts";
import { requireProtocol, type LoadedDataset, type Protocol, type TrainingCohort } from "../protocol.ts";
import {
  findFinishedRun,
  findState,
  finishRun,
  hasState,
  saveState,
  type FinishedRun,
} from "../run-directory.ts";
import { reportRuns, toRun, type Run } from "../train-report.ts";
import { trainOnce } from "../train-once.ts";
import { addTrainingOptions, planOf, type TrainingOptions } from "../training-options.ts";

interface TrainOptions extends TrainingOptions, GuardOptions {
  readonly data: string;
  readonly protocol: string;
  readonly films?: string;
  readonly copies?: number;
  readonly architecture: string;
  readonly head?: string;
  readonly start?: string;
  readonly seed: number;
  readonly runs: number;
  readonly engine: string;
  readonly out?: string;
  readonly resume?: boolean;
  readonly saveEvery: number;
  readonly json?: boolean;
}

export function registerTrain(program: Command): void {
  const command = program
    .command("train")
    .description("Train on one dataset directory; metrics on its test split as mean ± sd over repeated runs.")
    .requiredOption("--data <DATASET>", "dataset directory (see import, phantom)")
    .option(
      "--protocol <P>",
      "patient: split by patient, augment after; paper: augment, then split by image (leaks)",
      "patient",
    )
    .option("--films <SET>", "paper: all (normal counts as benign) or masses (films with a marked mass)")
    .option(
      "--copies <N>",
      "paper: augmented copies of each film (default: 12 of all, 70 of masses)",
      parseInteger({ minimum: 1, maximum: 200 }),
    )
    .option("--architecture <NAME>", architectureHelp, "efficientnet-b0-cbam")
    .option("--head <VARIANT>", "gap or conv-head (default: the architecture's; see architectures)")
    .option("--start <CHECKPOINT>", "checkpoint to start from (see weights import)");
  addTrainingOptions(command);
  addGuardOptions(command)
    .option("--seed <S>", "seed of the first run; run r uses seed + r", parseInteger(seedRange), 42)
    .option(
      "--runs <R>",
      "repeated runs, each with a split of its own",
      parseInteger({ minimum: 1, maximum: 100 }),
      1,
    )
    .option("--engine <NAME>", "onnx, onnx-cuda, onnx-webgpu, tensorflow or cpu", "onnx")
    .option("--out <DIR>", "write each run's checkpoint, curves and test predictions to DIR/run-N")
    .option("--resume", "go on in DIR where a stopped or killed training left off")
    .option(
      "--save-every <N>",
      "steps between two saved states, besides every epoch's end",
      parseInteger({ minimum: 1, maximum: 1_000_000 }),
      50,
    )
    .option("--json", "print one JSON object")
    .action(train);
}

/** What all runs share. */
interface Training {
  readonly options: TrainOptions;
  readonly dataset: Dataset;
  readonly data: LoadedDataset;
  /** Pairs of images that no split may tear apart. */
  readonly shared: readonly Leak[];
  readonly protocol: Protocol;
  readonly config: ModelConfig;
  readonly start: Awaited<ReturnType<typeof readCheckpoint>> | undefined;
  readonly engine: Engine;
  readonly plan: LocalPlan;
  readonly signal: AbortSignal;
}

async function train(options: TrainOptions): Promise<void> {
  const protocol = requireProtocol(options.protocol, options);
  const plan = planOf(options);
  assertOutput(options);
  const dataset = guardDataset(await readDataset(options.data), options);
  const start = options.start === undefined ? undefined : await readCheckpoint(options.start);
  const config = start?.config ?? withHead(requirePreset(options.architecture), options.head);
  if (start !== undefined && options.head !== undefined && options.head !== config.headVariant) {
    throw new DomainError("usage", `--start has the head ${config.headVariant}, got --head ${options.head}.`);
  }
  const images = protocol.select(dataset.manifest.images);
  const fingerprints = new Map<string, Uint8Array>();
  const examples = await loadExamples(dataset.directory, images, config, (imageId, gray) => {
    if (protocol.name === "patient") fingerprints.set(imageId, fingerprintImage(gray));
  });
  // The paper's protocol leaks on purpose and says so.
  const shared = protocol.name === "patient" ? findSharedImages(images, fingerprints) : [];
  const engine = await createEngine(options.engine);
  const stop = stopOnSignal();
  const training = {
    options,
    dataset,
    data: { images, examples },
    shared,
    protocol,
    config,
    start,
    engine,
    plan,
  };
  const runs: Run[] = [];
  try {
    for (let index = 0; index < options.runs; index++) {
      runs.push(await trainRun({ ...training, signal: stop.signal }, index));
    }
  } finally {
    stop.release();
  }
  await reportRuns(options, { config, protocol, runs });
}

function assertOutput({ out, resume, runs }: TrainOptions): void {
  if (resume === true && out === undefined) throw new DomainError("usage", "--resume needs --out.");
  if (out === undefined || resume === true) return;
  const unfinished = Array.from({ length: runs }, (_, index) => runDirectory(out, index)).find(hasState);
  if (unfinished !== undefined) {
    throw new DomainError(
      "conflict",
      `${unfinished} holds a training that was stopped: add --resume to go on, or choose another --out.`,
    );
  }
}

const runDirectory = (out: string, index: number): string => join(out, `run-${index + 1}`);

function withHead(config: ModelConfig, head: string | undefined): ModelConfig {
  if (head === undefined) return config;
  if (head !== "gap" && head !== "conv-head") {
    throw new DomainError("usage", `--head takes gap or conv-head, got "${head}".`);
  }
  return { ...config, headVariant: head };
}

/** The first interrupt lets the step end and the state be saved; a second one kills as usual. */
function stopOnSignal() {
  const controller = new AbortController();
  const stop = () => {
    release();
    controller.abort();
  };
  const release = () => {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return { signal: controller.signal, release };
}

async function trainRun(training: Training, index: number): Promise<Run> {
  const { config, dataset, options, plan, protocol, start } = training;
  const seed = options.seed + index;
  const directory = options.out === undefined ? undefined : runDirectory(options.out, index);
  const settings = sha256(
    canonicalJson({
      protocol: { name: protocol.name, ...protocol.settings },
      images: dataset.manifest.images,
      config,
      plan,
      seed,
      engine: options.engine,
      start: start?.checkpointId ?? null,
    }),
  );
  const name = `Run ${index + 1}/${options.runs}`;
  if (directory !== undefined && options.resume === true) {
    const finished = await findFinishedRun(directory, settings);
    if (finished !== undefined) {
      printProgress(`${name}: already finished`);
      return toRun(finished);
    }
  }
  const resumeFrom =
    directory !== undefined && options.resume === true ? await findState(directory) : undefined;
  if (resumeFrom !== undefined) printProgress(`${name}: going on after step ${resumeFrom.losses.length}`);
  const cohort = protocol.split(training.data, { config, seed });
  guardPlaces(training.shared, placesOf(cohort), options);
  const saving = directory === undefined ? undefined : savingTo(directory, options.saveEvery);
  const outcome = await explainStop(name, directory, () =>
    trainOnce({
      engine: training.engine,
      config,
      plan,
      signal: training.signal,
      cohort,
      threshold: protocol.threshold,
      seed,
      ...(start && { start: start.parameters }),
      ...(saving && { saving }),
      ...(resumeFrom && { resumeFrom }),
      onProgress: (line) => printProgress(`${name}: ${line}`),
    }),
  );
  const { normalisation, test, threshold, trained } = outcome;
  const { gradientNorms, history, losses, parameters, selectedEpoch, stoppedEarly } = trained;
  const result = { settings, seed, threshold, selectedEpoch, stoppedEarly, history: [...history] };
  if (directory === undefined) return toRun({ result, test });
  const { checkpointId } = await writeCheckpoint(directory, {
    config,
    parameters,
    normalisation,
    classNames: defaultClassNames,
    lineage: {
      origin: "trained",
      parentId: start?.checkpointId ?? null,
      round: 0,
      strategy: null,
      seed,
      cohortDigests: [cohort.digest],
      updates: [],
      codeVersion: codeVersion(),
      sourceSha256: null,
    },
  });
  const finished: FinishedRun = { result: { ...result, checkpointId }, test };
  await finishRun(directory, { ...finished, losses, gradientNorms });
  return toRun(finished);
}

function placesOf(cohort: TrainingCohort): (imageId: string) => ImagePlace | undefined {
  const places = new Map<string, ImagePlace>();
  for (const split of ["train", "tuning", "test"] as const) {
    for (const { exampleId } of cohort[split]) places.set(exampleId, { split, siteId: "" });
  }
  return (imageId) => places.get(imageId);
}

const savingTo = (directory: string, everySteps: number): StateSaving => ({
  isDue: ({ isEpochEnd, step }) => isEpochEnd || step % everySteps === 0,
  save: (state) => saveState(directory, state),
});

/** Says what an interrupted training leaves behind. */
async function explainStop<TValue>(
  name: string,
  directory: string | undefined,
  work: () => Promise<TValue>,
): Promise<TValue> {
  try {
    return await work();
  } catch (cause) {
    if (!isDomainError(cause) || cause.code !== "run-cancelled") throw cause;
    const sentence =
      directory === undefined
        ? "nothing was kept, because there is no --out."
        : `its state is in ${directory}: run the same command with --resume to go on.`;
    throw new DomainError("run-cancelled", `${name} was stopped; ${sentence}`, { cause });
  }
}
