import "@tensorflow/tfjs-backend-cpu";
import { createRandom } from "@crossread/metrics/random";
import { expect, test } from "vitest";
import { modelPresets } from "./config.ts";
import type { Engine, TrainingBatch } from "./engine.ts";
import { initialParameters } from "./parameter-table.ts";
import { createProgramEngine, type ProgramRuntime } from "./program-engine.ts";
import type { ProgramValue } from "./program-value.ts";
import { createTfjsEngine, tfjsRuntime } from "./tfjs-engine.ts";

const config = modelPresets["tiny-cbam"];
const batchSize = 2;
const random = createRandom(5);
const batches: TrainingBatch[] = Array.from({ length: 2 }, () => ({
  images: Float32Array.from({ length: batchSize * config.imageSize ** 2 }, () => random.normal()),
  labels: [0, 1],
}));

/** Keeps what it is asked to keep out of JavaScript's sight, as a GPU does, and counts what is left there. */
function deviceRuntime(): { readonly runtime: ProgramRuntime; readonly liveCount: () => number } {
  const inner = tfjsRuntime("cpu");
  let live = 0;
  const upload = (values: Float32Array): ProgramValue => {
    live += 1;
    let held: Float32Array | undefined = values;
    return {
      read: () =>
        held === undefined ? Promise.reject(new Error("It was freed before.")) : Promise.resolve(held),
      dispose: () => {
        if (held === undefined) throw new Error("It was freed twice.");
        held = undefined;
        live -= 1;
      },
    };
  };
  const prepare: ProgramRuntime["prepare"] = async (program, keptNames) => {
    const ready = await inner.prepare(program, keptNames);
    return {
      dispose: () => ready.dispose(),
      run: async (inputs) => {
        const { arrays, kept } = await ready.run(inputs);
        const uploaded = Object.entries(kept).map(([name, value]) => {
          if (!(value instanceof Float32Array)) throw new Error(`${name} is no array.`);
          return [name, upload(value)] as const;
        });
        return { arrays, kept: Object.fromEntries(uploaded) };
      },
    };
  };
  return { runtime: { ...inner, prepare }, liveCount: () => live };
}

async function train(engine: Engine) {
  const trainer = await engine.createTrainer({
    config,
    parameters: initialParameters(config, 3),
    optimizer: { learningRate: 1e-3 },
    batchSize,
  });
  const losses: number[] = [];
  for (const batch of batches) losses.push((await trainer.step(batch)).loss);
  const { images } = batches[0]!;
  const { logits } = await trainer.evaluate({ images, count: batchSize });
  const saved = { parameters: await trainer.parameters(), optimizer: await trainer.optimizerState() };
  return { trainer, result: { losses, logits, saved }, saved };
}

test("a trainer whose state stays on the device computes what one in JavaScript does, and frees every array once", async () => {
  const { liveCount, runtime } = deviceRuntime();
  const here = await train(await createTfjsEngine("cpu"));
  const there = await train(createProgramEngine(runtime));
  expect(there.result).toEqual(here.result);
  expect(there.saved.optimizer.step).toBe(2);
  expect(liveCount()).toBe(4);

  there.trainer.restore(here.saved);
  expect(liveCount()).toBe(0);
  expect((await there.trainer.step(batches[0]!)).loss).toBe((await here.trainer.step(batches[0]!)).loss);
  await there.trainer.dispose();
  await here.trainer.dispose();
  expect(liveCount()).toBe(0);
});
