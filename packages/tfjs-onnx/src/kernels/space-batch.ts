import { backend_util } from "@tensorflow/tfjs-core";
import { sizeOf, type GraphBuilder } from "../graph-builder.ts";
import type { Kernel, KernelCall, KernelTable } from "../kernel.ts";
import { transpose } from "../rearrange.ts";
import { fullValue, symbolic, type SymbolicTensor } from "../symbolic-tensor.ts";
import { padTensor } from "./padding.ts";
import { reshapeTensor, sliceTensor } from "./shape.ts";

const fullPermutation = (
  graph: GraphBuilder,
  x: SymbolicTensor,
  permutation: readonly number[],
): SymbolicTensor =>
  symbolic(
    permutation.map((axis) => x.shape[axis]!),
    x.dtype,
    transpose(graph, fullValue(graph, x), permutation),
  );

const blockOf = (call: KernelCall): number[] => [...call.numbers("blockShape")];

const spaceToBatch: Kernel = (call) => {
  const { graph } = call;
  const x = call.input("x");
  const block = blockOf(call);
  const paddings = call.numberPairs("paddings");
  const all = x.shape.map((_, axis): readonly [number, number] => paddings[axis - 1] ?? [0, 0]);
  const padded = padTensor(graph, x, all, 0);
  const shape = [...padded.shape];
  const count = sizeOf(block);
  const split = backend_util.getReshaped(shape, block, count, false);
  const permutation = backend_util.getPermuted(split.length, block.length, false);
  const flat = backend_util.getReshapedPermuted(shape, block, count, false);
  return reshapeTensor(graph, fullPermutation(graph, reshapeTensor(graph, padded, split), permutation), flat);
};

const batchToSpace: Kernel = (call) => {
  const { graph } = call;
  const x = call.input("x");
  const block = blockOf(call);
  const crops = call.numberPairs("crops");
  const shape = [...x.shape];
  const count = sizeOf(block);
  const split = backend_util.getReshaped(shape, block, count);
  const permutation = backend_util.getPermuted(split.length, block.length);
  const flat = backend_util.getReshapedPermuted(shape, block, count);
  const joined = reshapeTensor(
    graph,
    fullPermutation(graph, reshapeTensor(graph, x, split), permutation),
    flat,
  );
  return sliceTensor(
    graph,
    joined,
    crops.map(([start, end], index) => ({ axis: index + 1, start, end: flat[index + 1]! - end })),
  );
};

export const spaceBatchKernels: KernelTable = { BatchToSpaceND: batchToSpace, SpaceToBatchND: spaceToBatch };
