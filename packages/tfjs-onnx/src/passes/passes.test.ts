import "@tensorflow/tfjs-backend-cpu";
import { fromBinary } from "@bufbuild/protobuf";
import * as tf from "@tensorflow/tfjs-core";
import { ModelProtoSchema } from "onnx-buf";
import { beforeEach, describe, expect, test } from "vitest";
import { probeChannelBlock } from "../channel-block.ts";
import { compileFunction, type CompiledGraph } from "../compile.ts";
import { compare, float, withGradients } from "../testing/agreement.ts";

const channelBlock = await probeChannelBlock();

beforeEach(async () => {
  await tf.setBackend("cpu");
});

const opsOf = (graph: CompiledGraph): string[] =>
  fromBinary(ModelProtoSchema, graph.bytes).graph!.node.map((node) => node.opType);
const count = (graph: CompiledGraph, op: string): number => opsOf(graph).filter((name) => name === op).length;

describe("x · σ(x)", () => {
  test.each(["cpu", "gpu"] as const)(
    "is one operator for %s, forward and where its gradient reads it",
    async (target) => {
      const inputs = [float("x", 2, 5)];
      const run = withGradients(inputs, (x) => tf.mul(x!, tf.sigmoid(x!)));
      const { graph, worst } = await compare({ inputs, run, target });
      expect(worst).toBeLessThan(1e-6);
      expect(count(graph, "QuickGelu")).toBe(1);
    },
  );

  test("stays two operators where the gate is broadcast", async () => {
    const inputs = [float("x", 2, 3), float("row", 1, 3)];
    const { graph, worst } = await compare({
      inputs,
      run: ({ x, row }) => ({ y: tf.mul(x!, tf.sigmoid(row!)) }),
    });
    expect(worst).toBeLessThan(1e-6);
    expect(opsOf(graph)).not.toContain("QuickGelu");
  });
});

describe("batch normalisation by the batch's own statistics", () => {
  const inputs = [float("x", 3, 4, 5, 6), float("gamma", 6), float("beta", 6)];
  const axes = [0, 1, 2];
  const normalise = (
    x: tf.Tensor,
    mean: tf.Tensor,
    variance: tf.Tensor,
    scales: readonly tf.Tensor[],
  ): tf.Tensor =>
    tf.batchNorm4d(
      x as tf.Tensor4D,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      scales[1] as tf.Tensor1D,
      scales[0] as tf.Tensor1D,
      1e-3,
    );

  test("is one operator that returns the statistics too", async () => {
    const { graph, worst } = await compare({
      inputs: [...inputs, float("w", 1, 1, 6, 6)],
      run: ({ x, gamma, beta, w }) => {
        const image = tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same");
        const mean = tf.mean(image, axes);
        const variance = tf.mean(tf.squaredDifference(image, mean), axes);
        return { y: normalise(image, mean, variance, [gamma!, beta!]), mean, variance };
      },
    });
    expect(worst).toBeLessThan(1e-5);
    expect([count(graph, "BatchNormalization"), count(graph, "ReduceMean")]).toEqual([1, 0]);
  });

  test("keeps the statistics of two layers with one scale apart", async () => {
    const { worst } = await compare({
      inputs,
      run: ({ x, gamma, beta }) => {
        const layer = (input: tf.Tensor) => {
          const mean = tf.mean(input, axes);
          const variance = tf.mean(tf.squaredDifference(input, mean), axes);
          return { value: normalise(input, mean, variance, [gamma!, beta!]), mean, variance };
        };
        const first = layer(x!);
        const second = layer(tf.mul(first.value, tf.add(x!, 3)));
        const statistics = tf.stack([first.mean, first.variance, second.mean, second.variance]);
        return { y: second.value, statistics, scale: tf.add(gamma!, 0.5) };
      },
    });
    expect(worst).toBeLessThan(1e-5);
  });

  test.each([1, 6])("keeps %i channel(s) of three layers with constant scales apart", async (channels) => {
    const { graph, worst } = await compare({
      inputs: [float("x", 3, 4, 5, channels), float("w", 1, 1, channels, channels)],
      run: ({ x, w }) => {
        const one = tf.ones([channels]);
        const kept: tf.Tensor[] = [];
        let image = x!;
        for (let layer = 0; layer < 3; layer++) {
          image = tf.add(tf.conv2d(image as tf.Tensor4D, w as tf.Tensor4D, 1, "same"), layer);
          const mean = tf.mean(image, axes);
          const variance = tf.mean(tf.squaredDifference(image, mean), axes);
          image = normalise(image, mean, variance, [one, one]);
          kept.push(mean, variance);
        }
        return { y: image, statistics: tf.stack(kept) };
      },
    });
    expect(worst).toBeLessThan(1e-4);
    expect([count(graph, "BatchNormalization"), count(graph, "ReduceMean")]).toEqual([3, 0]);
  });

  test("is left alone with a scale that is made of its own statistics", async () => {
    const { worst } = await compare({
      inputs: [...inputs, float("w", 1, 1, 6, 6)],
      run: ({ x, beta, w }) => {
        const image = tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same");
        const mean = tf.mean(image, axes);
        const variance = tf.mean(tf.squaredDifference(image, mean), axes);
        return { y: normalise(image, mean, variance, [tf.add(mean, variance), beta!]) };
      },
    });
    expect(worst).toBeLessThan(1e-5);
  });

  test.each([
    ["of another tensor", (x: tf.Tensor) => tf.add(x, 1), axes],
    ["over other axes", (x: tf.Tensor) => x, [0, 1]],
  ])("is left alone with a mean %s", async (_, other, meanAxes) => {
    const { graph, worst } = await compare({
      inputs,
      run: ({ x, gamma, beta }) => {
        const reduced = tf.mean(other(x!), meanAxes);
        const mean = meanAxes.length === 3 ? reduced : tf.mean(reduced, 0);
        const variance = tf.mean(tf.squaredDifference(x!, mean), axes);
        return { y: normalise(x!, mean, variance, [gamma!, beta!]) };
      },
    });
    expect(worst).toBeLessThan(1e-5);
    expect(opsOf(graph).filter((op) => op === "ReduceMean").length).toBeGreaterThan(0);
  });
});

describe.skipIf(channelBlock === undefined)("a sum of products over pixels", () => {
  const block = channelBlock ?? 0;
  const sumOfProducts = (height: number) =>
    compare({
      inputs: [float("a", 2, height, 64, 2), float("b", 2, height, 64, 2), float("w", 1, 1, 2, 64)],
      run: ({ a, b, w }) => {
        const [left, right] = [a, b].map((x) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same"));
        return { y: tf.sum(tf.mul(left!, right!), [0, 1, 2]) };
      },
      channelBlock: block,
    });

  test("of large images is one convolution and no tensor of products", async () => {
    const { graph, worst } = await sumOfProducts(128);
    expect(worst).toBeLessThan(1e-4);
    expect([count(graph, "Mul"), count(graph, "Conv")]).toEqual([0, 3]);
  });

  test("of small images stays a product and its sum", async () => {
    const { graph, worst } = await sumOfProducts(2);
    expect(worst).toBeLessThan(1e-4);
    expect([count(graph, "Mul"), count(graph, "Conv")]).toEqual([1, 2]);
  });
});

describe("a factor and an offset for each channel", () => {
  const inputs = [float("x", 2, 3, 4, 6), float("w", 1, 1, 6, 8), float("b", 8), float("c", 8)];
  const imageOf = (x: tf.Tensor, w: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same");

  test("are one operator, with their gradients", async () => {
    const run = withGradients(inputs, (x, w, b, c) => tf.add(tf.mul(imageOf(x!, w!), b!), c!));
    const { graph, worst } = await compare({ inputs, run });
    expect(worst).toBeLessThan(1e-5);
    expect(count(graph, "BatchNormalization")).toBe(1);
  });

  test("stay two where the product is an output too", async () => {
    const { graph, worst } = await compare({
      inputs,
      run: ({ x, w, b, c }) => {
        const product = tf.mul(imageOf(x!, w!), b!);
        return { product, y: tf.add(product, c!) };
      },
    });
    expect(worst).toBeLessThan(1e-5);
    expect(opsOf(graph)).not.toContain("BatchNormalization");
  });
});

test("an equal function gives equal bytes through all passes", () => {
  const inputs = [float("x", 2, 4, 4, 3)];
  const run = withGradients(inputs, (x) => tf.mul(x!, tf.sigmoid(x!)));
  const [first, second] = [compileFunction({ inputs, run }), compileFunction({ inputs, run })];
  expect(Buffer.from(first.bytes).equals(second.bytes)).toBe(true);
});
