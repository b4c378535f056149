import * as tf from "@tensorflow/tfjs-core";
import { describe } from "vitest";
import { float } from "../testing/agreement.ts";
import { sweep, sweepSlopes, type SweepCase } from "../testing/sweep.ts";

type Three = [number, number, number];
type Pad = "same" | "valid" | number;

const geometries: readonly [kernel: Three, stride: Three, pad: Pad][] = [
  [[2, 3, 3], [1, 1, 1], "same"],
  [[2, 3, 3], [2, 1, 3], "same"],
  [[2, 3, 3], [1, 1, 1], "valid"],
  [[3, 2, 3], [2, 1, 3], "valid"],
  [[2, 3, 3], [1, 2, 1], 1],
  [[1, 2, 1], [3, 3, 3], "same"],
  [[1, 1, 1], [1, 1, 1], "valid"],
];

const title = ([kernel, stride, pad]: (typeof geometries)[number]): string =>
  `${kernel.join("×")}, stride ${stride.join("×")}, pad ${pad}`;

describe("volumes", () => {
  sweepSlopes(
    geometries.flatMap((geometry): SweepCase[] => {
      const [kernel, stride, pad] = geometry;
      const inputs = [float("x", 2, 4, 5, 6, 2)];
      return [
        {
          name: `convolution ${title(geometry)}`,
          inputs: [...inputs, float("w", ...kernel, 2, 3)],
          f: (x, w) => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, stride, pad as "same"),
        },
        // tfjs's CPU gradient takes the height of a window for its width.
        ...(kernel[1] === kernel[2]
          ? [
              {
                name: `greatest of ${title(geometry)}`,
                inputs,
                f: (x?: tf.Tensor) => tf.maxPool3d(x as tf.Tensor5D, kernel, stride, pad),
              },
            ]
          : []),
        {
          name: `mean of ${title(geometry)}`,
          inputs,
          f: (x) => tf.avgPool3d(x as tf.Tensor5D, kernel, stride, pad),
        },
      ];
    }),
    ["cpu"],
  );
  sweepSlopes([
    {
      name: "transposed convolution",
      inputs: [float("x", 1, 2, 3, 2, 2), float("w", 3, 3, 3, 4, 2)],
      f: (x, w) => tf.conv3dTranspose(x as tf.Tensor5D, w as tf.Tensor5D, [1, 4, 6, 4, 4], 2, "same"),
    },
    {
      name: "one volume without batch axis",
      inputs: [float("x", 3, 4, 5, 2), float("w", 2, 2, 2, 2, 2)],
      f: (x, w) => tf.conv3d(x as tf.Tensor4D, w as tf.Tensor5D, 1, "same"),
    },
  ]);
  sweep([
    ...geometries.map((geometry): SweepCase => ({
      name: `greatest of ${title(geometry)}, forward`,
      inputs: [float("x", 2, 4, 5, 6, 2)],
      f: (x) => tf.maxPool3d(x as tf.Tensor5D, ...geometry),
      hasGradient: false,
    })),
    {
      name: "dilated convolution",
      inputs: [float("x", 1, 5, 5, 5, 2), float("w", 2, 2, 2, 2, 2)],
      f: (x, w) => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, 1, "same", "NDHWC", [2, 1, 2]),
      hasGradient: false,
    },
    {
      name: "the gradient of a maximum among equals",
      inputs: [float("x", 1, 4, 4, 4, 2)],
      f: (x) => tf.maxPool3d(x as tf.Tensor5D, 2, 1, "same"),
      values: { x: Float32Array.from({ length: 128 }, (_, index) => (index * 7) % 3) },
    },
  ]);
});
