import * as tf from "@tensorflow/tfjs-core";
import { gradientOfTfjs, single, sizeOf, type GradientTable } from "./gradient-table.ts";

const noGradient = (indices: tf.Tensor) => (): tf.Tensor => tf.zeros(indices.shape);

/** With batch axes: the rows of all batches one below the other, the indices moved on by whole batches. */
function batchedGather(
  dy: tf.Tensor,
  [x, indices]: readonly [tf.Tensor, tf.Tensor],
  [axis, batchDims]: readonly [number, number],
): tf.Tensor {
  const batch = sizeOf(x.shape.slice(0, batchDims));
  const outer = sizeOf(x.shape.slice(batchDims, axis));
  const length = x.shape[axis]!;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const count = indices.size / batch;
  const moves = tf.range(0, batch, 1, "int32").mul(tf.scalar(length, "int32"));
  const rows = tf.add(tf.reshape(indices, [batch, count]), tf.reshape(moves, [batch, 1]));
  const values = tf.transpose(tf.reshape(dy, [batch, outer, count, inner]), [0, 2, 1, 3]);
  const sums = tf.unsortedSegmentSum(
    tf.reshape(values, [batch * count, outer * inner]),
    tf.reshape(rows, [batch * count]) as tf.Tensor1D,
    batch * length,
  );
  return tf.reshape(tf.transpose(tf.reshape(sums, [batch, length, outer, inner]), [0, 2, 1, 3]), x.shape);
}

const gatherOfTfjs = gradientOfTfjs("GatherV2");

export const indexingGradients: GradientTable = {
  GatherNd: {
    inputsToSave: ["params", "indices"],
    gradFunc: (dy, [params, indices]) => ({
      params: () => tf.scatterND(indices!, single(dy), params!.shape),
      indices: noGradient(indices!),
    }),
  },
  // tfjs's own knows one batch axis.
  GatherV2: {
    ...gatherOfTfjs,
    gradFunc(dy, saved, attributes) {
      const [x, indices] = saved as [tf.Tensor, tf.Tensor];
      const batchDims = (attributes["batchDims"] ?? 0) as number;
      const axis = tf.util.parseAxisParam(attributes["axis"] as number, x.shape)[0]!;
      if (batchDims === 0) return gatherOfTfjs.gradFunc(dy, saved, { ...attributes, axis });
      return {
        x: () => batchedGather(single(dy), [x, indices], [axis, batchDims]),
        indices: noGradient(indices),
      };
    },
  },
  ScatterNd: {
    inputsToSave: ["indices"],
    gradFunc: (dy, [indices]) => ({
      updates: () => tf.gatherND(single(dy), indices!),
      indices: noGradient(indices!),
    }),
  },
  TensorScatterUpdate: {
    inputsToSave: ["indices", "updates"],
    gradFunc: (dy, [indices, updates]) => ({
      // Not by tensorScatterUpdate of zeros: on tfjs's CPU backend that writes into dy itself.
      tensor: () => {
        const hits = tf.scatterND(indices! as tf.Tensor2D, tf.onesLike(updates!), single(dy).shape);
        return tf.where(tf.greater(hits, 0), 0, single(dy));
      },
      updates: () => tf.gatherND(single(dy), indices!),
      indices: noGradient(indices!),
    }),
  },
  TopK: {
    inputsToSave: ["x"],
    outputsToSave: [false, true],
    gradFunc: (dy, [x, indices]) => ({
      x: () => {
        const places = tf.range(0, x!.shape.at(-1)!, 1, "int32");
        const isTaken = tf.equal(tf.expandDims(indices!, -1), places); // [..., k, n]
        return tf.sum(tf.where(isTaken, tf.expandDims(single(dy), -1), 0), -2);
      },
    }),
  },
};
