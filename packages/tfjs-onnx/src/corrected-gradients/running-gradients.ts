import * as tf from "@tensorflow/tfjs-core";
import { adjusted, single, type Attributes, type GradientTable } from "./gradient-table.ts";

interface Run {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

const readRun = (attributes: Attributes, rank: number): Run => {
  const axis = attributes["axis"] as number;
  return {
    axis: axis < 0 ? axis + rank : axis,
    exclusive: Boolean(attributes["exclusive"]),
    reverse: Boolean(attributes["reverse"]),
  };
};

/**
 * dx[i] = Σⱼ dy[j] · ∏ₖ x[k] over the k ≠ i that run into y[j], for the j that x[i] runs into. Nothing is divided by
 * x, so that zeros are allowed; the memory is quadratic in the axis's length.
 */
function cumulativeProductGradient(dy: tf.Tensor, x: tf.Tensor, run: Run): tf.Tensor {
  const last = x.rank - 1;
  const order = [...x.shape.keys()].filter((axis) => axis !== run.axis).concat(run.axis);
  const length = x.shape[run.axis]!;
  const rows = tf.reshape(tf.transpose(x, order), [-1, 1, length]);
  const identity = tf.eye(length);
  const others = tf.add(tf.mul(rows, tf.sub(1, identity)), identity); // [rows, i, k]: x[k], 1 where k = i
  const reached = tf.cumsum(identity, 1, run.exclusive, run.reverse); // [i, j]: 1 where x[i] runs into y[j]
  const products = tf.mul(tf.cumprod(others, 2, run.exclusive, run.reverse), reached);
  const dyRows = tf.reshape(tf.transpose(dy, order), [-1, 1, length]);
  const turned = tf.reshape(
    tf.sum(tf.mul(products, dyRows), 2),
    order.map((axis) => x.shape[axis]!),
  );
  const back = [...x.shape.keys()].map((axis) =>
    axis === run.axis ? last : axis < run.axis ? axis : axis - 1,
  );
  return tf.transpose(turned, back);
}

export const runningGradients: GradientTable = {
  Cumprod: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attributes) => ({
      x: () => cumulativeProductGradient(single(dy), x!, readRun(attributes, x!.rank)),
    }),
  },
  // tfjs's own transposes the result once too often unless the axis is the last one.
  Cumsum: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attributes) => {
      const { axis, exclusive, reverse } = readRun(attributes, x!.rank);
      return { x: () => tf.cumsum(single(dy), axis, exclusive, !reverse) };
    },
  },
  // tfjs's own does not know negative axes.
  Prod: adjusted("Prod", {
    attributes: (attributes, [x]) => ({
      ...attributes,
      axis: tf.util.parseAxisParam(attributes["axis"] as number[], x!.shape),
    }),
  }),
};
