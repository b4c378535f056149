import * as tf from "@tensorflow/tfjs-core";
import type { Draws, RandomLayer } from "./random-network.ts";

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const activations: readonly Unary[] = [
  tf.relu,
  tf.relu6,
  tf.elu,
  tf.selu,
  tf.sigmoid,
  tf.tanh,
  tf.softplus,
  tf.erf,
  tf.abs,
  tf.square,
  tf.sin,
  (x) => tf.leakyRelu(x, 0.3),
  (x) => tf.mul(x, tf.sigmoid(x)),
  (x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2)))),
  (x) => tf.log(tf.add(tf.square(x), 0.5)),
  (x) => tf.exp(tf.neg(tf.abs(x))),
  (x) => tf.clipByValue(x, -0.7, 1.1),
  (x) => tf.sqrt(tf.add(tf.abs(x), 0.1)),
  (x) => tf.atan(tf.expm1(tf.clipByValue(x, -3, 3))),
];

const operations: readonly Binary[] = [
  tf.add,
  tf.sub,
  tf.mul,
  (a, b) => tf.sub(b, a),
  (a, b) => tf.div(a, tf.add(tf.square(b), 0.5)),
  tf.maximum,
  tf.minimum,
  tf.squaredDifference,
  (a, b) => tf.where(tf.greater(a, b), tf.mul(a, b), tf.sub(a, b)),
  (a, b) => tf.mul(a, tf.cast(tf.logicalOr(tf.less(a, b), tf.greaterEqual(b, 0.2)), "float32")),
  (a, b) => tf.atan2(a, tf.add(tf.square(b), 0.5)),
];

const axesOf = (x: tf.Tensor, draws: Draws): number[] => {
  const axes = x.shape.map((_, axis) => axis).filter(() => draws.whole(0, 1) === 1);
  return draws.whole(0, 1) === 1 ? axes : axes.map((axis) => axis - x.rank);
};

const axisOf = (x: tf.Tensor, draws: Draws): number => draws.whole(0, x.rank - 1);

const orderOf = (x: tf.Tensor, draws: Draws): number[] => {
  const left = x.shape.map((_, axis) => axis);
  return x.shape.map(() => left.splice(draws.whole(0, left.length - 1), 1)[0]!);
};

/** A shape that broadcasts to that of x, some of its axes 1, leading ones left out. */
const thinner = (x: tf.Tensor, draws: Draws): number[] =>
  x.shape.slice(draws.whole(0, x.rank)).map((dim) => draws.pick([1, dim, dim]));

const atLeast =
  (rank: number, layer: RandomLayer): RandomLayer =>
  (x, draws) =>
    x.rank >= rank ? layer(x, draws) : undefined;

const reductions: readonly ((x: tf.Tensor, axes: number[], keepDims: boolean) => tf.Tensor)[] = [
  tf.sum,
  tf.mean,
  tf.max,
  tf.min,
  tf.logSumExp,
  (x, axes, keepDims) => tf.norm(tf.add(x, 0.3), "euclidean", axes.slice(0, 2), keepDims),
];

export const tensorLayers: Readonly<Record<string, RandomLayer>> = {
  activation: (x, draws) => draws.pick(activations)(x),
  prelu: atLeast(1, (x, draws) =>
    tf.prelu(x, draws.parameter(x.shape.map((dim, axis) => (axis === 0 ? 1 : draws.pick([1, dim]))))),
  ),
  operation: (x, draws) => draws.pick(operations)(x, draws.parameter(thinner(x, draws))),
  widen: atLeast(1, (x, draws) => {
    const axis = axisOf(x, draws);
    if (x.shape[axis] !== 1) return undefined;
    const shape = x.shape.with(axis, draws.whole(2, 4));
    return draws.pick(operations)(x, draws.parameter(shape.slice(draws.whole(0, axis))));
  }),
  outer: (x, draws) =>
    x.rank > 3 ? undefined : tf.mul(tf.expandDims(x, -1), draws.parameter([draws.whole(1, 3)])),
  reduce: atLeast(1, (x, draws) => {
    const axes = axesOf(x, draws);
    return axes.length === 0 ? undefined : draws.pick(reductions)(x, axes, draws.whole(0, 1) === 1);
  }),
  transpose: atLeast(1, (x, draws) => tf.transpose(x, orderOf(x, draws))),
  reverse: atLeast(1, (x, draws) => tf.reverse(x, axesOf(x, draws))),
  flatten: atLeast(2, (x, draws) =>
    tf.reshape(x, draws.pick([[-1], [x.shape[0]!, -1], [-1, x.shape.at(-1)!], [...x.shape, 1]])),
  ),
  unflatten: (x, draws) => {
    const divisors = [2, 3, 4, 5].filter((divisor) => x.size % divisor === 0);
    return divisors.length === 0 ? undefined : tf.reshape(x, [1, draws.pick(divisors), -1, 1]);
  },
  dense: atLeast(2, (x, draws) => {
    const isTurned = draws.whole(0, 1) === 1;
    const size = [x.shape.at(-1)!, draws.whole(1, 4)];
    return tf.matMul(x, draws.parameter(isTurned ? size.toReversed() : size), false, isTurned);
  }),
  gram: atLeast(2, (x, draws) =>
    draws.whole(0, 1) === 1 ? tf.matMul(x, x, true) : tf.matMul(x, x, false, true),
  ),
  softmax: atLeast(1, (x) => tf.softmax(x)),
  logSoftmax: atLeast(1, (x) => tf.logSoftmax(x)),
  layerNorm: atLeast(1, (x, draws) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.mul(
      tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 0.1))),
      draws.parameter([x.shape.at(-1)!]),
    );
  }),
  pad: atLeast(1, (x, draws) =>
    x.rank > 4
      ? undefined
      : tf.pad(
          x,
          x.shape.map((): [number, number] => [draws.whole(0, 1), draws.whole(0, 2)]),
          draws.pick([0, 0, 0.5]),
        ),
  ),
  mirrorPad: atLeast(1, (x, draws) =>
    tf.mirrorPad(
      x,
      x.shape.map((dim): [number, number] => [draws.whole(0, dim - 1), draws.whole(0, dim - 1)]),
      draws.pick(["reflect", "symmetric"]),
    ),
  ),
  slice: atLeast(1, (x, draws) => {
    const begin = x.shape.map((dim) => draws.whole(0, dim - 1));
    return tf.slice(
      x,
      begin,
      x.shape.map((dim, axis) => draws.whole(1, dim - begin[axis]!)),
    );
  }),
  stridedSlice: atLeast(1, (x, draws) => {
    const strides = x.shape.map(() => draws.pick([1, 2, -1, -2]));
    const begin = x.shape.map((dim, axis) => (strides[axis]! > 0 ? draws.whole(0, dim - 1) : -1));
    const end = x.shape.map((dim, axis) => (strides[axis]! > 0 ? dim : -dim - 1));
    return tf.stridedSlice(x, begin, end, strides);
  }),
  concat: atLeast(1, (x, draws) => {
    const axis = axisOf(x, draws);
    return tf.concat([x, tf.tanh(x), draws.parameter(x.shape.with(axis, draws.whole(1, 2)))], axis);
  }),
  splitAndStack: atLeast(1, (x, draws) => {
    const axis = axisOf(x, draws);
    const parts = tf.unstack(x, axis);
    return tf.stack([parts[0]!, tf.neg(parts.at(-1)!)], draws.whole(0, x.rank - 1));
  }),
  split: atLeast(1, (x, draws) => {
    const axis = axisOf(x, draws);
    const first = draws.whole(0, x.shape[axis]! - 1);
    return first === 0 ? undefined : tf.split(x, [first, x.shape[axis]! - first], axis)[draws.whole(0, 1)];
  }),
  tile: atLeast(1, (x, draws) =>
    tf.tile(
      x,
      x.shape.map(() => draws.pick([1, 1, 2, 3])),
    ),
  ),
  gather: atLeast(1, (x, draws) => {
    const axis = axisOf(x, draws);
    const indices = [0, 1, 2].map(() => draws.whole(0, x.shape[axis]! - 1));
    return tf.gather(x, tf.tensor1d(indices, "int32"), axis);
  }),
  runningSum: atLeast(1, (x, draws) =>
    tf.cumsum(x, axisOf(x, draws), draws.whole(0, 1) === 1, draws.whole(0, 1) === 1),
  ),
  runningProduct: atLeast(1, (x, draws) =>
    tf.cumprod(tf.tanh(x), axisOf(x, draws), draws.whole(0, 1) === 1, draws.whole(0, 1) === 1),
  ),
  product: atLeast(1, (x, draws) =>
    tf.prod(tf.add(tf.tanh(x), 1.5), axisOf(x, draws), draws.whole(0, 1) === 1),
  ),
  topK: atLeast(1, (x, draws) => tf.topk(x, draws.whole(1, x.shape.at(-1)!)).values),
  residual: (x) => tf.add(x, tf.sigmoid(tf.mul(x, 2))),
  rounded: (x) => tf.add(x, tf.cast(tf.cast(tf.mul(x, 3), "int32"), "float32")),
  greatestPlace: atLeast(1, (x, draws) => {
    const axis = axisOf(x, draws);
    const place = tf.expandDims(tf.cast(tf.argMax(x, axis), "float32"), axis);
    return tf.add(x, tf.mul(place, 0.1));
  }),
};
