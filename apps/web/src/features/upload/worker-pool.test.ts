import { describe, expect, test } from "vitest";
import type { FileTask, WorkerReply, WorkerRequest } from "./file-worker-protocol.ts";
import { createWorkerPool, FileTaskFailure, type WorkerLike } from "./worker-pool.ts";

/** Answers when the test says so. */
function fakeWorkers() {
  const made: (WorkerLike & { asked: WorkerRequest[] })[] = [];
  const create = (): WorkerLike => {
    const worker = {
      asked: [] as WorkerRequest[],
      onmessage: null as WorkerLike["onmessage"],
      onerror: null as WorkerLike["onerror"],
      postMessage: (message: WorkerRequest) => void worker.asked.push(message),
      terminate: () => undefined,
    };
    made.push(worker);
    return worker;
  };
  const reply = (index: number, kind: "answer" | "failure") => {
    const worker = made[index];
    const id = worker?.asked.at(-1)?.id ?? 0;
    const data: WorkerReply =
      kind === "answer"
        ? { id, kind, answer: { kind: "other", reason: String(id) } }
        : { id, kind, message: "broken", isSessionEnded: false, isAborted: false };
    worker?.onmessage?.({ data } as MessageEvent<WorkerReply>);
  };
  return { made, create, reply };
}

const question = {
  source: {
    path: "a",
    sizeBytes: 1,
    modifiedMs: 0,
    content: { kind: "file" as const, file: new File([], "a") },
  },
};
const look = (pool: ReturnType<typeof createWorkerPool>, task: FileTask = "look") =>
  pool.run(task as "look", question);

describe("a pool of workers", () => {
  test("gives every worker one file at a time, and each answer to whoever asked", async () => {
    const { create, made, reply } = fakeWorkers();
    const pool = createWorkerPool(2, create);
    const answers = [look(pool), look(pool), look(pool)];
    await Promise.resolve();
    expect(made.map(({ asked }) => asked.length)).toEqual([1, 1]);
    reply(1, "answer");
    await expect(answers[1]).resolves.toMatchObject({ reason: "2" });
    await expect.poll(() => made.map(({ asked }) => asked.length)).toEqual([1, 2]);
    reply(0, "answer");
    reply(1, "failure");
    await expect(answers[0]).resolves.toMatchObject({ reason: "1" });
    await expect(answers[2]).rejects.toBeInstanceOf(FileTaskFailure);
  });

  test("replaces a worker that dies, and fails only its file", async () => {
    const { create, made, reply } = fakeWorkers();
    const pool = createWorkerPool(1, create);
    const lost = look(pool);
    const next = look(pool);
    await Promise.resolve();
    made[0]?.onerror?.({ message: "out of memory" } as ErrorEvent);
    await expect(lost).rejects.toThrow("out of memory");
    await expect.poll(() => made[1]?.asked.length).toBe(1);
    reply(1, "answer");
    await expect(next).resolves.toMatchObject({ kind: "other" });
  });
});
