import * as tf from "@tensorflow/tfjs-core";
import { bilinearShares, nearestShares, type Sampling, type ShareTable } from "../resampling.ts";
import { single, type GradientTable } from "./gradient-table.ts";

/**
 * dx = Rhᵀ · dy · Rw, with the tables R of shares by which the forward kernel mixes rows and columns. tfjs's own
 * kernels exchange rows and columns, do not know half pixels, or miss elements.
 */
function resizeGradient(table: ShareTable): GradientTable[string] {
  return {
    inputsToSave: ["images"],
    gradFunc(dy, [images], attributes) {
      const { alignCorners, halfPixelCenters } = attributes as unknown as Sampling;
      const [, height, width] = images!.shape as [number, number, number];
      const [, newHeight, newWidth] = single(dy).shape as [number, number, number];
      const shares = (from: number, to: number): tf.Tensor2D =>
        tf.tensor2d(table({ alignCorners, halfPixelCenters }, from, to), [to, from]);
      return {
        images: () => {
          const planes = tf.transpose(single(dy), [0, 3, 1, 2]);
          const columns = tf.matMul(planes, shares(width, newWidth));
          const rows = tf.matMul(shares(height, newHeight), columns, true);
          return tf.transpose(rows, [0, 2, 3, 1]);
        },
      };
    },
  };
}

export const resizeGradients: GradientTable = {
  ResizeBilinear: resizeGradient(bilinearShares),
  ResizeNearestNeighbor: resizeGradient(nearestShares),
};
