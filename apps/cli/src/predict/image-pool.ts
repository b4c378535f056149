import { Worker } from "node:worker_threads";
import { DomainError } from "@crossread/contracts/errors";
import type { ImageAnswer, ImageRequest, ImageWorkerData } from "./image-messages.ts";
import type { ImageWork } from "./image-work.ts";

/** Image work in threads; the map of an image is written by the thread that decoded it. */
export interface ImagePool extends ImageWork {
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (answer: ImageAnswer) => void;
  readonly reject: (error: Error) => void;
}

export function createImagePool(threadCount: number, data: ImageWorkerData): ImagePool {
  const threads = Array.from({ length: threadCount }, () => startThread(data));
  const threadOf = (id: number) => threads[id % threads.length]!;
  return {
    prepare: async (id, file, targets) => {
      const answer = await threadOf(id).ask({ kind: "prepare", id, file, targets });
      if (answer.kind !== "ready") throw unexpected(answer);
      return answer.image;
    },
    writeMaps: async (id, map) => {
      const answer = await threadOf(id).ask({ kind: "map", id, map });
      if (answer.kind !== "written") throw unexpected(answer);
    },
    close: async () => {
      await Promise.all(threads.map((thread) => thread.end()));
    },
  };
}

function startThread(workerData: ImageWorkerData) {
  const worker = new Worker(new URL("../../bin/image-worker.mjs", import.meta.url), { workerData });
  const waiting = new Map<number, Waiting>();
  let broken: Error | undefined;
  const breakAll = (error: Error) => {
    broken = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  worker.on("message", (answer: ImageAnswer) => {
    const asker = waiting.get(answer.id);
    waiting.delete(answer.id);
    asker?.resolve(answer);
  });
  worker.on("error", breakAll);
  worker.on("exit", () => breakAll(new Error("A thread that prepares images ended early.")));
  return {
    ask: (request: Exclude<ImageRequest, { kind: "end" }>): Promise<ImageAnswer> =>
      new Promise((resolve, reject) => {
        if (broken !== undefined) {
          reject(broken);
          return;
        }
        waiting.set(request.id, { resolve, reject });
        worker.postMessage(request);
      }),
    end: async (): Promise<void> => {
      worker.postMessage({ kind: "end" } satisfies ImageRequest);
      await ended;
    },
  };
}

function unexpected(answer: ImageAnswer): Error {
  if (answer.kind === "refused") return new DomainError(answer.code, answer.reason);
  return answer.kind === "failed" ? answer.error : new Error(`Answer "${answer.kind}" was not expected.`);
}
