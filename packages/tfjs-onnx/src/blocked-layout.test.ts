import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { probeChannelBlock } from "./channel-block.ts";
import { compare, float, withGradients } from "./testing/agreement.ts";

const channelBlock = await probeChannelBlock();

const geometries: readonly [kernel: number, stride: number, pad: "same" | "valid", size: [number, number]][] =
  [
    [3, 1, "same", [7, 9]],
    [5, 1, "same", [7, 7]],
    [3, 2, "same", [8, 8]],
    [3, 2, "same", [7, 9]],
    [5, 2, "same", [14, 14]],
    [3, 1, "valid", [7, 9]],
    [3, 2, "valid", [8, 8]],
    [2, 3, "valid", [9, 8]],
  ];

test("the block size is one that processors have", () => {
  expect([undefined, 4, 8, 16]).toContain(channelBlock);
});

describe.skipIf(channelBlock === undefined)("depthwise convolution in the blocked layout", () => {
  const block = channelBlock ?? 0;
  test.each(geometries)("agrees with the CPU backend: %i², stride %i, %s, input %j", async (...geometry) => {
    const [kernel, stride, pad, size] = geometry;
    const inputs = [float("x", 3, ...size, 2 * block), float("w", kernel, kernel, 2 * block, 1)];
    const run = withGradients(inputs, (x, w) =>
      tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad),
    );
    const { worst, graph } = await compare({ inputs, run, channelBlock: block });
    expect(worst).toBeLessThan(1e-5);
    expect(Buffer.from(graph.bytes).includes("com.microsoft.nchwc")).toBe(true);
  });

  test.each([
    ["channels that do not fill a block", block + 1, 1],
    ["a channel multiplier", block, 2],
  ])("leaves %s in NCHW", async (_, channels, multiplier) => {
    const inputs = [float("x", 2, 6, 6, channels), float("w", 3, 3, channels, multiplier)];
    const run = withGradients(inputs, (x, w) =>
      tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same"),
    );
    const { worst, graph } = await compare({ inputs, run, channelBlock: block });
    expect(worst).toBeLessThan(1e-5);
    expect(Buffer.from(graph.bytes).includes("com.microsoft.nchwc")).toBe(false);
  });
});
