/** Fetches and decodes one image at a time; its pixels are handed over, not copied. */
import type { DecodeReply, DecodeRequest } from "./decode-protocol.ts";
import { loadDisplayImage, loadModelInput } from "./display-image.ts";

globalThis.addEventListener("message", ({ data }: MessageEvent<DecodeRequest>) => {
  void answer(data);
});

async function answer(request: DecodeRequest): Promise<void> {
  try {
    if (request.task === "image") {
      const image = await loadDisplayImage(request.instanceId);
      const overview = image.overview === null ? [] : [image.overview.values.buffer];
      reply({ kind: "image", answer: image }, [image.values.buffer, ...overview]);
    } else {
      const input = await loadModelInput(request.instanceId, request.inputSizePx);
      reply({ kind: "input", answer: input }, [input.buffer]);
    }
  } catch (error) {
    reply({ kind: "failure", message: error instanceof Error ? error.message : String(error) }, []);
  }
}

const reply = (message: DecodeReply, transfer: Transferable[]): void =>
  globalThis.postMessage(message, { transfer });
