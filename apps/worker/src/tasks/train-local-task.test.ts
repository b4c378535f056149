import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom } from "@crossread/metrics/random";
import { encodeCheckpoint } from "@crossread/model/checkpoint";
import { modelPresets } from "@crossread/model/config";
import { sha256 } from "@crossread/model/digest";
import { initialParameters } from "@crossread/model/parameter-table";
import { fitTransform } from "@crossread/model/preprocess";
import { createFileObjectStore } from "@crossread/storage/file-object-store";
import type { ObjectStore } from "@crossread/storage/object-store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tinyTraining } from "../testing/test-platform.ts";
import { cacheInput, inputKey } from "./input-cache.ts";
import type { ImageReference, TaskEvent, TaskInput } from "./task-contracts.ts";
import { trainLocalTask } from "./train-local-task.ts";

const config = modelPresets["tiny-cbam"];
const stateKey = "training-states/update.safetensors";
let directory: string;
let store: ObjectStore;
let input: TaskInput<"train-local">;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "crossread-task-"));
  store = createFileObjectStore(directory);
  const { manifest, weights } = encodeCheckpoint({
    config,
    parameters: initialParameters(config, 1),
    normalisation: { mean: 0.5, standardDeviation: 0.3 },
    classNames: ["benign", "malignant"],
    lineage: {
      origin: "initial",
      parentId: null,
      round: 0,
      strategy: null,
      seed: 1,
      cohortDigests: [],
      updates: [],
      codeVersion: "test",
      sourceSha256: null,
    },
  });
  await store.put("checkpoints/base.safetensors", weights);
  input = {
    engine: { name: "onnx", threadCount: 1 },
    base: { manifest, blobKey: "checkpoints/base.safetensors" },
    roundNumber: 1,
    plan: { ...tinyTraining, localEpochs: 3, batchSize: 4 },
    seed: 5,
    train: await images("train", 12),
    tuning: await images("tuning", 3),
    stateKey,
    stateIntervalMs: 0,
  };
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** References whose pixels are in the cache already. */
async function images(name: string, count: number): Promise<ImageReference[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const imageId = `${name}-${index}`;
      const digest = sha256(imageId);
      const random = createRandom(index).fork(name);
      const pixels = Float32Array.from({ length: config.imageSize ** 2 }, () => random.next());
      const chain = fitTransform(config.imageSize, config.imageSize, config.imageSize);
      await cacheInput(store, inputKey(digest, config.imageSize), { pixels, chain });
      return {
        imageId,
        subjectId: imageId,
        label: index % 2 === 0 ? 1 : 0,
        blobKey: `instances/${digest}.dcm`,
        sha256: digest,
      } as const;
    }),
  );
}

function run(on: ObjectStore = store) {
  const events: TaskEvent<"train-local">[] = [];
  const emit = (event: TaskEvent<"train-local">) => Promise.resolve(void events.push(event));
  return trainLocalTask(input, { store: on, emit }).then((output) => ({ output, events }));
}

/** Keeps so many states and then fails, as a process that is killed. */
function dyingStore(stateCount: number): ObjectStore {
  let states = 0;
  return {
    ...store,
    put: async (key, bytes) => {
      if (key === stateKey && ++states > stateCount) throw new Error("killed");
      await store.put(key, bytes);
    },
  };
}

describe("a site's training", () => {
  test("delivers the same update after a kill, and does not repeat the steps before it", async () => {
    const undisturbed = await run();
    await store.delete(stateKey);
    // three steps and an epoch's end are four states: the fifth would be of step 4
    await expect(run(dyingStore(4))).rejects.toThrow("killed");
    const resumed = await run();
    expect(resumed.output.sha256).toBe(undisturbed.output.sha256);
    expect(resumed.output.progress.curve).toEqual(undisturbed.output.progress.curve);
    expect(undisturbed.events[0]).toMatchObject({ step: 1 });
    expect(resumed.events[0]).toMatchObject({ epoch: 1, step: 4 });
  });

  test("starts over where the saved state is damaged or belongs to another training", async () => {
    const undisturbed = await run();
    await store.put(stateKey, (await store.get(stateKey)).subarray(0, 500));
    expect((await run()).output.sha256).toBe(undisturbed.output.sha256);
    input = { ...input, seed: 6 };
    const other = await run();
    expect(other.events[0]).toMatchObject({ step: 1 });
    expect(other.output.sha256).not.toBe(undisturbed.output.sha256);
  });
});
