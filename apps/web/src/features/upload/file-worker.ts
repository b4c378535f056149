/** One of several workers: does what it is asked, one file at a time, and gives up when it is told to. */
import { look, preview, send } from "./file-tasks.ts";
import type { FileAnswers, FileTask, WorkerReply, WorkerRequest } from "./file-worker-protocol.ts";
import { SendingRefused } from "./send-file.ts";
import { listZip } from "./zip-archive.ts";

const running = new Map<number, AbortController>();

const reply = (message: WorkerReply): void => globalThis.postMessage(message);

globalThis.addEventListener("message", (event: MessageEvent<WorkerRequest>) => {
  const request = event.data;
  if (request.task === "abort") {
    running.get(request.id)?.abort(new Error("paused"));
    return;
  }
  void answer(request);
});

async function answer(request: Exclude<WorkerRequest, { task: "abort" }>): Promise<void> {
  const { id } = request;
  const stop = new AbortController();
  running.set(id, stop);
  try {
    reply({ id, kind: "answer", answer: await run(request, stop.signal) });
  } catch (error) {
    reply({
      id,
      kind: "failure",
      message: error instanceof Error ? error.message : String(error),
      isSessionEnded: error instanceof SendingRefused && error.isSessionEnded,
      isAborted: stop.signal.aborted,
    });
  } finally {
    running.delete(id);
  }
}

async function run(
  request: Exclude<WorkerRequest, { task: "abort" }>,
  signal: AbortSignal,
): Promise<FileAnswers[FileTask]> {
  const { id } = request;
  switch (request.task) {
    case "list-zip":
      return listZip(request.question.archive);
    case "look":
      return look(request.question);
    case "preview":
      return preview(request.question);
    case "send":
      return send(request.question, {
        fetch: (input, init) => globalThis.fetch(input, init),
        signal,
        wait,
        onSent: (sentBytes) =>
          reply({ id, kind: "progress", sentBytes, totalBytes: request.question.source.sizeBytes }),
        onDelay: (delay) => reply({ id, kind: "delay", delay }),
      });
  }
}

/** So many seconds, or until the browser says that the connection is back. */
function wait(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => () => {
      clearTimeout(timer);
      globalThis.removeEventListener("online", resume);
      signal.removeEventListener("abort", stop);
      settle();
    };
    const resume = end(resolve);
    const stop = end(() => reject(signal.reason instanceof Error ? signal.reason : new Error("paused")));
    const timer = setTimeout(resume, seconds * 1_000);
    globalThis.addEventListener("online", resume);
    signal.addEventListener("abort", stop);
  });
}
