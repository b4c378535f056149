import * as tf from "@tensorflow/tfjs-core";
import { describe } from "vitest";
import { float } from "../testing/agreement.ts";
import { sweep, type SweepCase } from "../testing/sweep.ts";

const sizes: readonly [number, number][] = [
  [8, 10],
  [2, 3],
  [1, 1],
  [4, 5],
  [7, 5],
];

const samplings: readonly [string, boolean, boolean][] = [
  ["asymmetric", false, false],
  ["aligned corners", true, false],
  ["half pixels", false, true],
];

describe("resizing", () => {
  sweep(
    sizes.flatMap((size) =>
      samplings.flatMap(([name, alignCorners, halfPixelCenters]): SweepCase[] => [
        {
          name: `bilinear to ${size.join("×")}, ${name}`,
          inputs: [float("x", 2, 4, 5, 3)],
          f: (x) => tf.image.resizeBilinear(x as tf.Tensor4D, size, alignCorners, halfPixelCenters),
        },
        {
          name: `nearest to ${size.join("×")}, ${name}`,
          inputs: [float("x", 2, 4, 5, 3)],
          f: (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, size, alignCorners, halfPixelCenters),
        },
      ]),
    ),
  );

  sweep([
    {
      name: "bilinear of what was transposed before, which ONNX Runtime moves through its own operator",
      inputs: [float("x", 1, 3, 6, 2)],
      f: (x) => {
        const turned = tf.relu(tf.transpose(tf.exp(x!), [0, 3, 1, 2])) as tf.Tensor4D;
        return tf.reshape(tf.image.resizeBilinear(turned, [9, 8], true), [-1]);
      },
    },
  ]);
});
