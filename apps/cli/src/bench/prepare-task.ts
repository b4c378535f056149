import { readFile } from "node:fs/promises";
import { readImageFile } from "@crossread/dicom/image-file";
import { aggregateRound } from "@crossread/federation/aggregate";
import { weightsDigest } from "@crossread/federation/lineage";
import { configureStrategy } from "@crossread/federation/strategies";
import type { SiteUpdate } from "@crossread/federation/update";
import { createRandom } from "@crossread/metrics/random";
import { createEngine } from "@crossread/model/engine-choice";
import { initialParameters } from "@crossread/model/parameter-table";
import { preprocess } from "@crossread/model/preprocess";
import { trainProgram } from "@crossread/model/train-step";
import { probeChannelBlock } from "@crossread/tfjs-onnx/channel-block";
import { compileFunction } from "@crossread/tfjs-onnx/compile";
import * as ort from "onnxruntime-node";
import { requirePreset } from "../architecture-option.ts";
import type { ContestantInfo } from "./contestant.ts";
import type { Task } from "./task.ts";

export interface PreparedTask {
  readonly info: ContestantInfo;
  readonly step: () => Promise<unknown>;
}

type TaskOf<TKind extends Task["kind"]> = Extract<Task, { readonly kind: TKind }>;

const seed = 42;
const learningRate = 1e-5;

export function prepareTask(task: Task): Promise<PreparedTask> {
  switch (task.kind) {
    case "train":
      return prepareTraining(task);
    case "compile-training":
      return compileTraining(task);
    case "infer":
      return prepareInference(task);
    case "session":
      return prepareSession(task);
    case "aggregate":
      return prepareAggregation(task);
    case "ingest":
      return prepareIngest(task);
  }
}

async function prepareTraining(task: TaskOf<"train">): Promise<PreparedTask> {
  const config = requirePreset(task.architecture);
  const { batchSize } = task;
  const engine = await createEngine(task.engine, { threadCount: task.threads });
  const start = performance.now();
  const trainer = await engine.createTrainer({
    config,
    parameters: initialParameters(config, seed),
    optimizer: { learningRate },
    batchSize,
  });
  const seconds = secondsSince(start);
  const images = randomValues(batchSize * config.imageSize ** 2);
  const labels = Array.from({ length: batchSize }, (_, index) => index % 2);
  return { info: { "compile and session s": seconds }, step: () => trainer.step({ images, labels }) };
}

async function compileTraining(task: TaskOf<"compile-training">): Promise<PreparedTask> {
  const program = trainProgram({
    config: requirePreset(task.architecture),
    batchSize: task.batchSize,
    optimizer: { learningRate },
  });
  const isCpu = task.engine === "onnx";
  const channelBlock = isCpu ? await probeChannelBlock() : undefined;
  const start = performance.now();
  const graph = compileFunction({
    inputs: program.inputs.map(({ name, shape }) => ({ name, shape, dtype: "float32" })),
    run: (inputs) => program.run(inputs),
    target: isCpu ? "cpu" : "gpu",
    ...(channelBlock !== undefined && { channelBlock }),
  });
  return {
    info: {
      "graph MB": Number((graph.bytes.length / 1e6).toFixed(2)),
      nodes: graph.nodeCount,
      "compile s": secondsSince(start),
    },
    step: () => Promise.resolve(),
  };
}

async function prepareInference(task: TaskOf<"infer">): Promise<PreparedTask> {
  const config = requirePreset(task.architecture);
  const { batchSize } = task;
  const engine = await createEngine(task.engine, { threadCount: task.threads });
  const predictor = await engine.createPredictor({
    config,
    parameters: initialParameters(config, seed),
    batchSize,
  });
  const images = randomValues(batchSize * config.imageSize ** 2);
  const step = () =>
    predictor.predict({ images, count: batchSize, saliency: { classIndex: 1, layer: "cbam" } });
  const start = performance.now();
  await step(); // the predictor compiles at the first request
  return { info: { "compile and first run s": secondsSince(start) }, step };
}

async function prepareSession(task: TaskOf<"session">): Promise<PreparedTask> {
  const session = await ort.InferenceSession.create(await readFile(task.file), {
    executionProviders: task.provider === "cpu" ? ["cpu"] : [task.provider, "cpu"],
    intraOpNumThreads: task.threads,
    logSeverityLevel: 3,
  });
  const size = task.shape.reduce((product, side) => product * side, 1);
  const images = new ort.Tensor("float32", randomValues(size), task.shape);
  return { info: {}, step: () => session.run({ images }) };
}

async function prepareAggregation(task: TaskOf<"aggregate">): Promise<PreparedTask> {
  const { trainable, statistics } = initialParameters(requirePreset(task.architecture), seed);
  const base = { weights: trainable, statistics };
  const baseDigest = weightsDigest(base);
  const updates = Array.from({ length: task.updateCount }, (_, index): SiteUpdate => {
    const random = createRandom(seed + index);
    return {
      siteId: `site-${index}`,
      roundNumber: 1,
      baseDigest,
      exampleCount: 100 + index,
      weights: trainable.map((value) => value + 0.01 * (random.next() - 0.5)),
      statistics: statistics.slice(),
    };
  });
  const round = { base, updates, strategy: configureStrategy("fedavg"), state: {} };
  const step = () => Promise.resolve(aggregateRound({ ...round, batchNormPolicy: "average" }));
  return { info: {}, step };
}

async function prepareIngest(task: TaskOf<"ingest">): Promise<PreparedTask> {
  const { imageSize } = requirePreset(task.architecture);
  const contents = await Promise.all(task.files.map((file) => readFile(file)));
  const step = async () => {
    for (const [index, content] of contents.entries()) {
      const { gray } = await readImageFile(content, task.files[index] ?? "");
      preprocess(gray, imageSize);
    }
  };
  return { info: {}, step };
}

function randomValues(count: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: count }, () => random.normal());
}

const secondsSince = (start: number): number => Number(((performance.now() - start) / 1000).toFixed(2));
