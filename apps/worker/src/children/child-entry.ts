/** A process of its own for one task at a time: it reads blobs, computes, writes blobs, and never sees the database. */
import { isDomainError } from "@crossread/contracts/errors";
import { openBlobStore } from "../blob-store.ts";
import { taskContracts, type TaskName } from "../tasks/task-contracts.ts";
import type { TaskContext } from "../tasks/task-context.ts";
import type { TaskInput, TaskOutput } from "../tasks/task-contracts.ts";
import { startMessageSchema, type ChildMessage } from "./child-protocol.ts";

type TaskRun<TName extends TaskName> = (
  input: TaskInput<TName>,
  context: TaskContext<TName>,
) => Promise<TaskOutput<TName>>;

/** Loaded on demand: a process that draws phantoms needs no tensor library. */
const tasks: { readonly [TName in TaskName]: () => Promise<TaskRun<TName>> } = {
  "prepare-model": async () => (await import("../tasks/prepare-model.ts")).prepareModel,
  "train-local": async () => (await import("../tasks/train-local-task.ts")).trainLocalTask,
  predict: async () => (await import("../tasks/predict.ts")).predict,
  explain: async () => (await import("../tasks/explain.ts")).explain,
  "inspect-files": async () => (await import("../tasks/inspect-files.ts")).inspectFiles,
  "fingerprint-images": async () => (await import("../tasks/fingerprint-images.ts")).fingerprintImages,
  "measure-maps": async () => (await import("../tasks/measure-maps.ts")).measureMaps,
  "analyse-readings": async () => (await import("../tasks/analyse-readings.ts")).analyseReadings,
  "import-films": async () => (await import("../tasks/import-films.ts")).importFilms,
  "generate-phantoms": async () => (await import("../tasks/generate-phantoms.ts")).generatePhantoms,
};

// Without its parent nobody waits for the result, and another process may be doing the same work.
process.on("disconnect", () => process.exit(1));
// The parent ends this process, or gives it another task of the same kind and owner.
process.on("message", (message) => void answer(message).then(send));
void send({ kind: "ready" });

async function answer(message: unknown): Promise<ChildMessage> {
  try {
    const start = startMessageSchema.parse(message);
    return { kind: "result", value: await runTask(start.task, start) };
  } catch (error) {
    return {
      kind: "failure",
      code: isDomainError(error) ? error.code : null,
      message: error instanceof Error ? error.message : String(error),
    };
  }
}

async function runTask<TName extends TaskName>(
  name: TName,
  start: { input: unknown; store: Parameters<typeof openBlobStore>[0] },
): Promise<TaskOutput<TName>> {
  const run = await tasks[name]();
  const input = taskContracts[name].input.parse(start.input) as TaskInput<TName>;
  return run(input, {
    store: await openBlobStore(start.store),
    emit: (event) => send({ kind: "event", value: event }),
  });
}

function send(message: ChildMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) throw new Error("This file runs as a child process only.");
    process.send(message, undefined, undefined, (error) => (error === null ? resolve() : reject(error)));
  });
}
