/** Runs in a thread of its own: decoding and presenting a full-field mammogram takes seconds of computing. */
import { parentPort } from "node:worker_threads";
import { isDomainError } from "@crossread/contracts/errors";
import { readInstance } from "@crossread/dicom/read-instance";
import { renderImage } from "@crossread/dicom/rendered-image";
import type { RenderAnswer, RenderRequest } from "./render-messages.ts";

async function answerTo({ bytes, id, name, options }: RenderRequest): Promise<RenderAnswer> {
  try {
    // Buffers of a pool cannot change their thread: a copy of the small result can.
    const image = new Uint8Array(await renderImage(readInstance(bytes, name), options));
    return { kind: "rendered", id, image };
  } catch (error) {
    if (isDomainError(error)) return { kind: "refused", id, code: error.code, message: error.message };
    return { kind: "failed", id, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

parentPort?.on("message", (request: RenderRequest) => {
  void answerTo(request).then((answer) =>
    parentPort?.postMessage(answer, answer.kind === "rendered" ? [answer.image.buffer as ArrayBuffer] : []),
  );
});
