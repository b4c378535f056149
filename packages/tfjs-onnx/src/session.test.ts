import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { compileFunction } from "./compile.ts";
import { listExecutionProviders } from "./execution-providers.ts";
import { createSession } from "./session.ts";

const graph = compileFunction({
  inputs: [
    { name: "x", shape: [2, 2], dtype: "float32" },
    { name: "flags", shape: [2], dtype: "bool" },
    { name: "count", shape: [], dtype: "int32" },
  ],
  run: ({ x, flags, count }) => ({
    chosen: tf.where(flags!, x!, tf.neg(x!)),
    more: tf.add(count!, tf.scalar(1, "int32")),
    isLarge: tf.greater(x!, 2),
  }),
});
const x = Float32Array.of(1, 2, 3, 4);
const inputs = { x, flags: Int32Array.of(1, 0), count: Int32Array.of(41) };

describe("a session", () => {
  test("takes and gives floats, integers and truth values", async () => {
    const session = await createSession(graph, { threadCount: 1 });
    expect(await session.run(inputs)).toEqual({
      chosen: Float32Array.of(1, -2, 3, -4),
      more: Int32Array.of(42),
      isLarge: Int32Array.of(0, 0, 1, 1),
    });
    await session.dispose();
  });

  test("keeps outputs for the next run, to be read when wanted", async () => {
    const step = compileFunction({
      inputs: [{ name: "state", shape: [3], dtype: "float32" }],
      run: ({ state }) => ({ next: tf.mul(state!, 2), total: tf.sum(state!) }),
    });
    const session = await createSession(step, { threadCount: 1, keptOutputs: ["next"] });
    const first = await session.runAndKeep({ state: Float32Array.of(1, 2, 3) });
    const second = await session.runAndKeep({ state: first.kept["next"]! });
    expect(second.outputs).toEqual({ total: Float32Array.of(12) });
    expect(await second.kept["next"]!.read()).toEqual(Float32Array.of(4, 8, 12));
    expect(await session.run({ state: second.kept["next"]! })).toEqual({
      next: Float32Array.of(8, 16, 24),
      total: Float32Array.of(24),
    });
    for (const { kept } of [first, second]) kept["next"]!.dispose();
    await session.dispose();
  });

  test("refuses to keep what is no output, and a kept output of another shape", async () => {
    await expect(createSession(graph, { keptOutputs: ["x"] })).rejects.toThrow('"x" cannot be kept');
    const session = await createSession(graph, { threadCount: 1, keptOutputs: ["chosen", "more"] });
    const { kept } = await session.runAndKeep(inputs);
    await expect(session.run({ ...inputs, x: kept["more"]! })).rejects.toThrow(
      'Input "x" is the kept output "more" of int32 [], expected float32 [2,2]',
    );
    await session.dispose();
  });

  test.each([
    ["a missing input", { x }, 'Input "flags" is missing'],
    ["an unknown input", { ...inputs, z: x }, '"z" is no input of the graph: x, flags, count'],
    ["a wrong size", { ...inputs, x: Float32Array.of(1) }, 'Input "x" has 1 values, expected 4 for [2,2]'],
    ["a wrong type", { ...inputs, x: Int32Array.of(1, 2, 3, 4) }, 'Input "x" is a Int32Array'],
  ])("refuses %s", async (_, given, message) => {
    const session = await createSession(graph, { threadCount: 1 });
    await expect(session.run(given)).rejects.toThrow(message);
    await session.dispose();
  });

  test("refuses bytes that are no model", async () => {
    await expect(createSession({ ...graph, bytes: Uint8Array.of(1, 2, 3) })).rejects.toThrow(
      'could not load the graph on provider "cpu"',
    );
  });
});

test("reports the CPU provider as usable, and a reason for each that is not", async () => {
  const providers = await listExecutionProviders();
  expect(providers.map(({ name }) => name)).toEqual(["cpu", "webgpu", "cuda"]);
  expect(providers[0]).toEqual({ name: "cpu", isBundled: true, isUsable: true });
  for (const { isUsable, reason } of providers) expect(reason === undefined).toBe(isUsable);
});
