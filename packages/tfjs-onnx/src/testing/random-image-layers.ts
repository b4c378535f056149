import * as tf from "@tensorflow/tfjs-core";
import type { Draws, RandomLayer } from "./random-network.ts";

type Pair = [number, number];
type Padding = "same" | "valid" | number | [Pair, Pair, Pair, Pair];

const pairOf = (draws: Draws, high: number): Pair => [draws.whole(1, high), draws.whole(1, high)];

const paddingOf = (draws: Draws, kernel: Pair): Padding =>
  draws.pick<() => Padding>([
    () => "same",
    () => "valid",
    () => draws.whole(0, Math.min(...kernel) - 1),
    () => [
      [0, 0],
      [draws.whole(0, kernel[0] - 1), draws.whole(0, kernel[0] - 1)],
      [draws.whole(0, kernel[1] - 1), draws.whole(0, kernel[1] - 1)],
      [0, 0],
    ],
  ])();

/** Now and then as many as the blocked layout wants. */
const channelsOf = (draws: Draws): number => draws.pick([1, 2, 3, 4, 5, 16]);

/** Only for images, and only if every window fits. */
const image =
  (layer: (x: tf.Tensor4D, draws: Draws) => tf.Tensor | undefined): RandomLayer =>
  (x, draws) =>
    x.rank === 4 ? layer(x as tf.Tensor4D, draws) : undefined;

interface Geometry {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly pad: Padding;
  readonly dilation: Pair;
}

function geometryOf(x: tf.Tensor4D, draws: Draws, mayDilate: boolean): Geometry | undefined {
  const kernel = pairOf(draws, 4);
  const isDilated = mayDilate && draws.whole(0, 3) === 0;
  const stride: Pair = isDilated ? [1, 1] : pairOf(draws, 3);
  const dilation: Pair = isDilated ? pairOf(draws, 2) : [1, 1];
  const pad = paddingOf(draws, kernel);
  const info = tf.backend_util.computeConv2DInfo(
    x.shape,
    [...kernel, x.shape[3], 1],
    stride,
    dilation,
    pad,
    typeof pad === "number" ? "floor" : undefined,
  );
  // A window that lies wholly in the padding has no mean.
  const last = (info.outWidth - 1) * stride[1] - info.padInfo.left;
  const fits = info.outHeight > 0 && info.outWidth > 0 && last < x.shape[2];
  return fits ? { kernel, stride, pad, dilation } : undefined;
}

const roundingFor = (pad: Padding): "floor" | undefined => (typeof pad === "string" ? undefined : "floor");

export const imageLayers: Readonly<Record<string, RandomLayer>> = {
  conv2d: image((x, draws) => {
    const geometry = geometryOf(x, draws, true);
    if (!geometry) return undefined;
    const { kernel, stride, pad, dilation } = geometry;
    const filter = draws.parameter([...kernel, x.shape[3], channelsOf(draws)]) as tf.Tensor4D;
    return tf.conv2d(x, filter, stride, pad, "NHWC", dilation, roundingFor(pad));
  }),
  depthwiseConv2d: image((x, draws) => {
    const geometry = geometryOf(x, draws, true);
    if (!geometry) return undefined;
    const { kernel, stride, pad, dilation } = geometry;
    const filter = draws.parameter([...kernel, x.shape[3], draws.pick([1, 1, 2, 3])]) as tf.Tensor4D;
    return tf.depthwiseConv2d(x, filter, stride, pad, "NHWC", dilation, roundingFor(pad));
  }),
  separableConv2d: image((x, draws) => {
    const kernel = pairOf(draws, 3);
    const multiplier = draws.whole(1, 2);
    const depthwise = draws.parameter([...kernel, x.shape[3], multiplier]) as tf.Tensor4D;
    const pointwise = draws.parameter([1, 1, x.shape[3] * multiplier, channelsOf(draws)]) as tf.Tensor4D;
    return tf.separableConv2d(x, depthwise, pointwise, draws.whole(1, 2), "same");
  }),
  conv2dTranspose: image((x, draws) => {
    const kernel = pairOf(draws, 3);
    const stride = pairOf(draws, 2);
    const channels = draws.whole(1, 3);
    const filter = draws.parameter([...kernel, channels, x.shape[3]]) as tf.Tensor4D;
    const [batch, height, width] = x.shape;
    const size: [number, number, number, number] = [batch, height * stride[0], width * stride[1], channels];
    return tf.conv2dTranspose(x, filter, size, stride, "same");
  }),
  maxPool: image((x, draws) => {
    const geometry = geometryOf(x, draws, false);
    if (!geometry) return undefined;
    return tf.maxPool(x, geometry.kernel, geometry.stride, geometry.pad, roundingFor(geometry.pad));
  }),
  avgPool: image((x, draws) => {
    const geometry = geometryOf(x, draws, false);
    if (!geometry) return undefined;
    return tf.avgPool(x, geometry.kernel, geometry.stride, geometry.pad, roundingFor(geometry.pad));
  }),
  batchNorm: image((x, draws) => {
    const channels = x.shape[3];
    const [mean, spread, offset, scale] = [0, 1, 2, 3].map(() => draws.parameter([channels]) as tf.Tensor1D);
    const variance = tf.add(tf.square(spread!), 0.3) as tf.Tensor1D;
    return tf.batchNorm(x, mean!, variance, offset!, scale!, draws.pick([1e-3, 0.1]));
  }),
  batchStatistics: image((x, draws) => {
    const { mean, variance } = tf.moments(x, draws.pick([[0, 1, 2], [1, 2], [3]]), true);
    const normal = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 0.1)));
    return tf.add(tf.mul(normal, draws.parameter([x.shape[3]])), draws.parameter([x.shape[3]]));
  }),
  resizeBilinear: image((x, draws) => {
    const [aligned, centered] = draws.pick([
      [false, false],
      [true, false],
      [false, true],
    ] as const);
    return tf.image.resizeBilinear(x, pairOf(draws, 9), aligned, centered);
  }),
  resizeNearestNeighbor: image((x, draws) => {
    const [aligned, centered] = draws.pick([
      [false, false],
      [true, false],
      [false, true],
    ] as const);
    return tf.image.resizeNearestNeighbor(x, pairOf(draws, 9), aligned, centered);
  }),
  squeezeAndExcite: image((x, draws) => {
    const channels = x.shape[3];
    const squeezed = tf.relu(tf.matMul(tf.mean(x, [1, 2]), draws.parameter([channels, 2])));
    const gate = tf.sigmoid(tf.matMul(squeezed, draws.parameter([2, channels])));
    return tf.mul(x, tf.reshape(gate, [-1, 1, 1, channels]));
  }),
  spatialGate: image((x, draws) => {
    const maps = tf.concat([tf.mean(x, 3, true), tf.max(x, 3, true)], 3) as tf.Tensor4D;
    const filter = draws.parameter([3, 3, 2, 1]) as tf.Tensor4D;
    return tf.mul(x, tf.sigmoid(tf.conv2d(maps, filter, 1, "same")));
  }),
  localResponse: image((x, draws) => tf.localResponseNormalization(x, draws.whole(0, 3), 1.5, 0.3, 0.7)),
  depthToSpace: image((x) => (x.shape[3] % 4 === 0 ? tf.depthToSpace(x, 2) : undefined)),
  spaceToBatch: image((x, draws) => {
    const block = pairOf(draws, 2);
    const fill = (axis: 0 | 1): Pair => [0, (block[axis] - (x.shape[axis + 1]! % block[axis])) % block[axis]];
    return tf.spaceToBatchND(x, block, [fill(0), fill(1)]);
  }),
};
