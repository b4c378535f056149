import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { encodeSafetensors } from "@crossread/model/safetensors";
import { readWeightsSource } from "./weights-source.ts";

const directory = mkdtempSync(join(tmpdir(), "crossread-weights-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function write(name: string, content: Uint8Array | string): string {
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
}

test.each([
  ["a.h5", [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0], /is HDF5 .*save_file/],
  ["a.pth", [0x50, 0x4b, 0x03, 0x04, 0, 0, 0, 0, 0], /is a zip archive .*torch\.load/],
  ["old.pth", [0x80, 0x02, 0x8a, 0x0a, 0, 0, 0, 0, 0], /is a Python pickle/],
])("%s is never opened, and the refusal says how to convert it", async (name, bytes, message) => {
  const file = write(name, Uint8Array.from(bytes));
  await expect(readWeightsSource(file)).rejects.toThrow(message);
});

test("tells a safetensors file by its content, whatever its first byte", async () => {
  // a header of 0x80 bytes begins like a pickle
  const shortest = encodeSafetensors([{ name: "w", shape: [1], values: Float32Array.of(1) }]);
  const missing = 0x80 - shortest[0]!;
  const padded = encodeSafetensors([
    { name: `w${"x".repeat(missing)}`, shape: [1], values: Float32Array.of(1) },
  ]);
  expect(padded[0]).toBe(0x80);
  const { tensors } = await readWeightsSource(write("padded.safetensors", padded));
  expect(tensors.size).toBe(1);
});

test("reads a tfjs model with the shard beside it, and names a missing shard", async () => {
  const weight = { name: "w", shape: [2], dtype: "float32" };
  const manifest = (path: string) =>
    JSON.stringify({ weightsManifest: [{ paths: [path], weights: [weight] }] });
  write("shard.bin", new Uint8Array(Float32Array.of(1, 2).buffer));
  const { tensors } = await readWeightsSource(write("model.json", manifest("shard.bin")));
  expect([...tensors.keys()]).toEqual(["w"]);
  await expect(readWeightsSource(write("lost.json", manifest("lost.bin")))).rejects.toThrow(/lost\.bin/);
});
