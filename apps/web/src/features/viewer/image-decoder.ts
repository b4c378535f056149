import type { DecodeReply, DecodeRequest, ModelInput } from "./decode-protocol.ts";
import type { DisplayImage } from "./display-image.ts";

/** What is used of a `Worker`. */
export interface DecodeWorker {
  postMessage(request: DecodeRequest): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<DecodeReply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

export interface ImageDecoder {
  /** Starts a worker before there is anything to do. */
  readonly prepare: () => void;
  /** Waits behind what was asked for before. */
  readonly decode: (instanceId: string) => Promise<DisplayImage>;
  /** What the network is given in place of the image; before everything that waits. */
  readonly makeInput: (instanceId: string, inputSizePx: number) => Promise<ModelInput>;
  /** Puts an image that still waits before all others: somebody looks at its place on the screen. */
  readonly hasten: (instanceId: string) => void;
}

interface Task {
  readonly request: DecodeRequest;
  readonly finish: (reply: DecodeReply) => void;
  readonly reject: (error: Error) => void;
}

/** A few workers, each with one image at a time; one that dies fails its own image only and is replaced. */
export function createImageDecoder(size: number, createWorker: () => DecodeWorker): ImageDecoder {
  const idle: DecodeWorker[] = [];
  let workerCount = 0;
  let waiting: Task[] = [];

  function next(): void {
    const task = waiting[0];
    if (task === undefined) return;
    const worker = idle.pop() ?? (workerCount < size ? create() : undefined);
    if (worker === undefined) return;
    waiting = waiting.slice(1);
    worker.onmessage = ({ data }) => {
      idle.push(worker);
      next();
      if (data.kind === "failure") task.reject(new Error(data.message));
      else task.finish(data);
    };
    worker.onerror = (event) => {
      worker.terminate();
      workerCount -= 1;
      next();
      task.reject(new Error(event.message || "The image could not be decoded in this browser."));
    };
    worker.postMessage(task.request);
  }

  function create(): DecodeWorker {
    workerCount += 1;
    return createWorker();
  }

  return {
    prepare() {
      if (workerCount === 0) idle.push(create());
    },
    decode(instanceId) {
      return new Promise((resolve, reject) => {
        const finish = (reply: DecodeReply) => reply.kind === "image" && resolve(reply.answer);
        waiting = [...waiting, { request: { task: "image", instanceId }, finish, reject }];
        next();
      });
    },
    makeInput(instanceId, inputSizePx) {
      return new Promise((resolve, reject) => {
        const finish = (reply: DecodeReply) => reply.kind === "input" && resolve(reply.answer);
        waiting = [{ request: { task: "input", instanceId, inputSizePx }, finish, reject }, ...waiting];
        next();
      });
    },
    hasten(instanceId) {
      const isAsked = ({ request }: Task) => request.task === "image" && request.instanceId === instanceId;
      waiting = [...waiting.filter(isAsked), ...waiting.filter((task) => !isAsked(task))];
    },
  };
}
