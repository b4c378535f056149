import * as tf from "@tensorflow/tfjs-core";
import { single, sizeOf, type Attributes, type GradientTable } from "./gradient-table.ts";

type Pair = readonly [number, number];

/** Takes or adds elements on both sides of one axis; a negative count takes. */
export function padOrCrop(x: tf.Tensor, axis: number, [start, end]: Pair): tf.Tensor {
  const begin = x.shape.map((_, at) => (at === axis ? Math.max(0, -start) : 0));
  const size = x.shape.map((dim, at) => (at === axis ? dim - Math.max(0, -start) - Math.max(0, -end) : dim));
  const cropped = start < 0 || end < 0 ? tf.slice(x, begin, size) : x;
  if (start <= 0 && end <= 0) return cropped;
  return tf.pad(
    cropped,
    x.shape.map((_, at): [number, number] => (at === axis ? [Math.max(0, start), Math.max(0, end)] : [0, 0])),
  );
}

/** Folds the mirrored margins back onto the elements that they repeat. tfjs's own leaves them out. */
function mirrorPadGradient(dy: tf.Tensor, attributes: Attributes): tf.Tensor {
  const edge = attributes["mode"] === "reflect" ? 1 : 0;
  const paddings = attributes["paddings"] as [number, number][];
  return paddings.reduce((folded, [start, end], axis) => {
    if (start === 0 && end === 0) return folded;
    const length = folded.shape[axis]! - start - end;
    const margin = (from: number, count: number, position: number): tf.Tensor[] => {
      if (count === 0) return [];
      const taken = padOrCrop(folded, axis, [-from, from + count - folded.shape[axis]!]);
      return [padOrCrop(tf.reverse(taken, axis), axis, [position, length - position - count])];
    };
    return tf.addN([
      padOrCrop(folded, axis, [-start, -end]),
      ...margin(0, start, edge),
      ...margin(start + length, end, length - edge - end),
    ]);
  }, dy);
}

interface Range {
  readonly axis: number;
  readonly begin: number;
  readonly stride: number;
  readonly length: number;
}

/** Puts the elements of one axis at begin, begin + stride, … of an axis of the given length, zeros elsewhere. */
function spread(dy: tf.Tensor, { axis, begin, stride, length }: Range): tf.Tensor {
  const count = dy.shape[axis]!;
  const step = Math.abs(stride);
  const first = stride < 0 ? begin + stride * (count - 1) : begin;
  const ordered = stride < 0 && count > 1 ? tf.reverse(dy, axis) : dy;
  const [before, after] = [dy.shape.slice(0, axis), dy.shape.slice(axis + 1)];
  const split = tf.reshape(ordered, [sizeOf(before), count, 1, sizeOf(after)]);
  const spaced = tf.reshape(padOrCrop(split, 2, [0, step - 1]), [...before, count * step, ...after]);
  return padOrCrop(spaced, axis, [first, length - first - count * step]);
}

function stridedSliceGradient(dy: tf.Tensor, shape: readonly number[], attributes: Attributes): tf.Tensor {
  const list = (name: string): number[] => [...(attributes[name] as number[])];
  const plan = tf.slice_util.sliceInfo(
    [...shape],
    list("begin"),
    list("end"),
    list("strides"),
    attributes["beginMask"] as number,
    attributes["endMask"] as number,
    attributes["ellipsisMask"] as number,
    attributes["newAxisMask"] as number,
    attributes["shrinkAxisMask"] as number,
  );
  const ranges = shape.map((length, axis): Range & { readonly count: number } => {
    const [begin, stride] = [plan.begin[axis]!, plan.strides[axis]!];
    return { axis, begin, stride, length, count: Math.ceil((plan.end[axis]! - begin) / stride) };
  });
  const dense = tf.reshape(
    dy,
    ranges.map(({ count }) => count),
  );
  return ranges.reduce(
    (result, range) => (range.count === range.length && range.stride === 1 ? result : spread(result, range)),
    dense,
  );
}

function depthToSpaceGradient(dy: tf.Tensor, shape: readonly number[], attributes: Attributes): tf.Tensor {
  const block = attributes["blockSize"] as number;
  if (attributes["dataFormat"] === "NCHW") {
    const [batch, depth, height, width] = shape as [number, number, number, number];
    const channels = depth / (block * block);
    const split = tf.reshape(dy, [batch, channels, height, block, width, block]);
    return tf.reshape(tf.transpose(split, [0, 3, 5, 1, 2, 4]), [...shape]);
  }
  const [batch, height, width, depth] = shape as [number, number, number, number];
  const split = tf.reshape(dy, [batch, height, block, width, block, depth / (block * block)]);
  return tf.reshape(tf.transpose(split, [0, 1, 3, 2, 4, 5]), [...shape]);
}

export const movingGradients: GradientTable = {
  DepthToSpace: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attributes) => ({
      x: () => depthToSpaceGradient(single(dy), x!.shape, attributes),
    }),
  },
  Diag: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x]) => ({
      x: () => {
        const places = tf.range(0, x!.size * x!.size, x!.size + 1, "int32");
        return tf.reshape(tf.gather(tf.reshape(single(dy), [-1]), places as tf.Tensor1D), x!.shape);
      },
    }),
  },
  FlipLeftRight: {
    gradFunc: (dy) => ({ image: () => tf.image.flipLeftRight(single(dy) as tf.Tensor4D) }),
  },
  MirrorPad: { gradFunc: (dy, _, attributes) => ({ x: () => mirrorPadGradient(single(dy), attributes) }) },
  // Of one part, which tfjs's own take for the list of parts.
  SplitV: {
    gradFunc: (dy, _, { axis }) => ({ x: () => tf.concat([dy].flat(), axis as number) }),
  },
  StridedSlice: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attributes) => ({
      x: () => stridedSliceGradient(single(dy), x!.shape, attributes),
    }),
  },
  Unpack: {
    gradFunc: (dy, _, { axis }) => ({ value: () => tf.stack([dy].flat(), axis as number) }),
  },
};
