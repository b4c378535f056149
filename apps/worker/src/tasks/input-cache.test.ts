import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore } from "@crossread/storage/file-object-store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cacheInput, findCachedInput, inputKey } from "./input-cache.ts";

const chain = {
  imageWidthPx: 3,
  imageHeightPx: 4,
  inputSizePx: 2,
  scale: 0.5,
  offsetXPx: 0.25,
  offsetYPx: 0,
};
const key = inputKey("ab".repeat(32), 2);
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "crossread-inputs-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe("the cache of preprocessed images", () => {
  test("gives back the very pixels and the transform chain", async () => {
    const store = createFileObjectStore(directory);
    const pixels = Float32Array.from([0, 0.1, 0.5, 1]);
    expect(await findCachedInput(store, key)).toBeUndefined();
    await cacheInput(store, key, { chain, pixels });
    expect(await findCachedInput(store, key)).toEqual({ chain, pixels });
  });

  test.each([3, 20, 150])("does not trust an entry whose byte %i was changed", async (position) => {
    const store = createFileObjectStore(directory);
    await cacheInput(store, key, { chain, pixels: Float32Array.from([0, 0.1, 0.5, 1]) });
    const bytes = (await store.get(key)).slice();
    const place = Math.min(position, bytes.length - 1);
    bytes[place] = (bytes[place] ?? 0) ^ 0x55;
    await store.put(key, bytes);
    expect(await findCachedInput(store, key)).toBeUndefined();
  });
});
