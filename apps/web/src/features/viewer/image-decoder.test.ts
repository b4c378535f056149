import { describe, expect, test } from "vitest";
import type { DecodeRequest } from "./decode-protocol.ts";
import type { DisplayImage } from "./display-image.ts";
import { createImageDecoder, type DecodeWorker } from "./image-decoder.ts";

const image: DisplayImage = {
  widthPx: 1,
  heightPx: 1,
  values: Uint16Array.of(7),
  rowSpacing: 1,
  columnSpacing: 1,
  overview: null,
  chestWall: "left",
};

class FakeWorker implements DecodeWorker {
  onmessage: DecodeWorker["onmessage"] = null;
  onerror: DecodeWorker["onerror"] = null;
  readonly asked: string[] = [];
  isTerminated = false;

  postMessage(request: DecodeRequest): void {
    this.asked.push(request.instanceId);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  answer(): void {
    this.onmessage?.(new MessageEvent("message", { data: { kind: "image", answer: image } }));
  }
}

function workers() {
  const made: FakeWorker[] = [];
  const create = () => {
    const worker = new FakeWorker();
    made.push(worker);
    return worker;
  };
  return { made, create };
}

describe("decoding images in workers", () => {
  test("starts one worker ahead, which then takes the first image", () => {
    const { made, create } = workers();
    const decoder = createImageDecoder(2, create);
    decoder.prepare();
    decoder.prepare();
    void decoder.decode("a");
    expect(made.map(({ asked }) => asked)).toEqual([["a"]]);
    void decoder.decode("b");
    expect(made.map(({ asked }) => asked)).toEqual([["a"], ["b"]]);
  });

  test("gives each worker one image at a time and takes the one that is looked at first", async () => {
    const { made, create } = workers();
    const decoder = createImageDecoder(1, create);
    const first = decoder.decode("a");
    const ahead = decoder.decode("b");
    const shown = decoder.decode("c");
    decoder.hasten("c");
    expect(made.map(({ asked }) => asked)).toEqual([["a"]]);
    made[0]?.answer();
    await expect(first).resolves.toBe(image);
    made[0]?.answer();
    await expect(shown).resolves.toBe(image);
    made[0]?.answer();
    await expect(ahead).resolves.toBe(image);
    expect(made.map(({ asked }) => asked)).toEqual([["a", "c", "b"]]);
  });

  test("replaces a worker that died and fails its image only", async () => {
    const { made, create } = workers();
    const decoder = createImageDecoder(1, create);
    const lost = decoder.decode("a");
    const kept = decoder.decode("b");
    made[0]?.onerror?.(Object.assign(new Event("error"), { message: "out of memory" }) as ErrorEvent);
    await expect(lost).rejects.toThrow("out of memory");
    expect(made[0]?.isTerminated).toBe(true);
    made[1]?.answer();
    await expect(kept).resolves.toBe(image);
  });
});
