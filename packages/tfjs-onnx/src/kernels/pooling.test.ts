import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { compileFunction } from "../compile.ts";
import { float, int } from "../testing/agreement.ts";
import { sweep, type SweepCase } from "../testing/sweep.ts";

type Pad = "same" | "valid" | number;

const geometries: readonly [filter: [number, number], stride: [number, number], pad: Pad][] = [
  [[2, 2], [2, 2], "valid"],
  [[2, 2], [2, 2], "same"],
  [[3, 3], [2, 2], "valid"],
  [[3, 3], [1, 1], "same"],
  [[3, 2], [2, 3], "same"],
  [[3, 3], [2, 2], 1],
  [[7, 9], [1, 1], "valid"],
];

const title = ([filter, stride, pad]: (typeof geometries)[number]): string =>
  `${filter.join("×")}, stride ${stride.join("×")}, pad ${pad}`;

describe("pooling", () => {
  sweep(
    geometries.flatMap((geometry): SweepCase[] => {
      const [filter, stride, pad] = geometry;
      return [
        {
          name: `maximum ${title(geometry)}`,
          inputs: [float("x", 2, 7, 9, 3)],
          f: (x) => tf.maxPool(x as tf.Tensor4D, filter, stride, pad),
        },
        {
          name: `average ${title(geometry)}`,
          inputs: [float("x", 2, 7, 9, 3)],
          f: (x) => tf.avgPool(x as tf.Tensor4D, filter, stride, pad),
        },
      ];
    }),
  );

  sweep([
    {
      name: "maximum of integers",
      inputs: [int("x", 1, 5, 5, 2)],
      f: (x) => tf.maxPool(x as tf.Tensor4D, 3, 2, "same"),
      hasGradient: false,
    },
    {
      name: "the gradient of a maximum among equals",
      inputs: [float("x", 1, 6, 6, 2)],
      f: (x) => tf.maxPool(x as tf.Tensor4D, 3, 2, "same"),
      values: { x: Float32Array.from({ length: 72 }, (_, index) => (index * 7) % 3) },
    },
    ...[false, true].map((isNumbered): SweepCase => ({
      name: `maximum and its positions${isNumbered ? ", with the image's number" : ""}`,
      inputs: [float("x", 2, 6, 5, 3)],
      f: (x) => {
        const { result, indexes } = tf.maxPoolWithArgmax(x as tf.Tensor4D, [3, 2], 2, "same", isNumbered);
        return tf.add(result!, tf.cast(indexes!, "float32"));
      },
      hasGradient: false,
    })),
    {
      name: "dilated mean and maximum",
      inputs: [float("x", 1, 7, 7, 2)],
      f: (x) =>
        tf.concat([
          tf.pool(x as tf.Tensor4D, [3, 3], "avg", "same", [2, 2], 1),
          tf.pool(x as tf.Tensor4D, [2, 3], "max", "same", [2, 1], 1),
        ]),
    },
  ]);

  test.each([
    ["maximum", tf.maxPool],
    ["average", tf.avgPool],
  ])("refuses a %s of windows that lie wholly in the padding", (_, pool) => {
    expect(() =>
      compileFunction({
        inputs: [float("x", 1, 5, 5, 1)],
        run: ({ x }) => ({ y: pool(x as tf.Tensor4D, 2, 1, 2) }),
      }),
    ).toThrow('attribute "pad" is 2, so that windows lie wholly in the padding');
  });
});
