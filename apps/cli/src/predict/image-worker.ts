/** A thread that decodes images and writes maps while the main thread computes the network. */
import { parentPort, workerData } from "node:worker_threads";
import { isDomainError } from "@crossread/contracts/errors";
import type { ImageAnswer, ImageRequest, ImageWorkerData } from "./image-messages.ts";
import { createImageWork } from "./image-work.ts";

const port = parentPort;
if (port === null) throw new Error("This file runs as a worker thread only.");
const work = createImageWork((workerData as ImageWorkerData).frame);

port.on("message", (request: ImageRequest) => {
  if (request.kind === "end") port.close();
  else void answer(request);
});

async function answer(request: Exclude<ImageRequest, { kind: "end" }>): Promise<void> {
  const { id } = request;
  try {
    if (request.kind === "prepare") {
      const image = await work.prepare(id, request.file, request.targets);
      send({ kind: "ready", id, image }, [image.pixels.buffer]);
    } else {
      await work.writeMaps(id, request.map);
      send({ kind: "written", id });
    }
  } catch (error) {
    if (isDomainError(error)) send({ kind: "refused", id, code: error.code, reason: error.message });
    else send({ kind: "failed", id, error: error instanceof Error ? error : new Error(String(error)) });
  }
}

function send(message: ImageAnswer, transfer: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}
