import type { GraphBuilder, GraphNode, Value } from "../graph-builder.ts";
import { producersOf, type Rewrite } from "./rewrite.ts";

const pixelAxes = "0,2,3";

/**
 * Batch normalisation by statistics that were computed from the same tensor: one operator in its training mode returns
 * the statistics with the result. ONNX Runtime has that mode on its CPU provider only.
 */
export function fuseBatchNorm(nodes: readonly GraphNode[], graph: GraphBuilder): Rewrite {
  const producers = producersOf(nodes);
  const replaced = new Map<Value, Value>();
  const made: GraphNode[] = [];
  for (const node of nodes) {
    if (node.op !== "BatchNormalization") continue;
    const [x, scale, offset, mean, variance] = node.inputs as [Value, Value, Value, Value, Value];
    const moments = findMoments({ x, mean, variance }, producers);
    if (moments === undefined || replaced.has(moments.variance)) continue;
    if (dependsOn([scale, offset], [moments.mean, moments.variance], producers)) continue;
    const unused = ownZeros({ x, like: mean }, graph);
    made.push(...unused.nodes);
    const value = { ...node.outputs[0]! };
    const [meanOut, varianceOut] = [{ ...mean }, { ...variance }];
    replaced.set(node.outputs[0]!, value);
    for (const [reduced, output] of [
      [moments.mean, meanOut],
      [moments.variance, varianceOut],
    ] as const) {
      const inPlace = { ...reduced };
      made.push({ op: "Reshape", inputs: [output, graph.int64s(reduced.dims)], outputs: [inPlace] });
      replaced.set(reduced, inPlace);
    }
    made.push({
      op: "BatchNormalization",
      inputs: [x, scale, offset, ...unused.values],
      attributes: { ...node.attributes, training_mode: { int: 1 }, momentum: { float: 0 } },
      outputs: [value, meanOut, varianceOut],
    });
  }
  return { nodes: made, replaced };
}

/**
 * Two vectors of zeros for the running statistics that the operator would blend, of which momentum 0 leaves nothing. It
 * writes its results over them, so nothing may share their memory: no constant will do, nor what ONNX Runtime could take
 * for the same as another layer's. These hang on the layer's own input.
 */
function ownZeros(
  { x, like }: { readonly x: Value; readonly like: Value },
  graph: GraphBuilder,
): { readonly nodes: readonly GraphNode[]; readonly values: readonly Value[] } {
  const channels = like.dims[0]!;
  const pixel: Value = graph.input({ dims: [1, channels, 1, 1], dtype: "float32" });
  const row: Value = graph.input(like);
  const values = [graph.input(like), graph.input(like)] as const;
  const starts = graph.int64s([0, 0, 0]);
  const nodes: GraphNode[] = [
    {
      op: "Slice",
      inputs: [x, starts, graph.int64s([1, 1, 1]), graph.int64s([0, 2, 3])],
      outputs: [pixel],
    },
    { op: "Reshape", inputs: [pixel, graph.int64s([channels])], outputs: [row] },
    { op: "Mul", inputs: [row, graph.scalar(0)], outputs: [values[0]] },
    { op: "Sub", inputs: [row, row], outputs: [values[1]] },
  ];
  return { nodes, values };
}

/** The reduced values themselves, before any change of shape. */
interface Moments {
  readonly mean: Value;
  readonly variance: Value;
}

interface Statistics {
  readonly x: Value;
  readonly mean: Value;
  readonly variance: Value;
}

/** Finds where mean and variance are computed, if from x over all axes but the channels'. */
function findMoments(statistics: Statistics, producers: ReadonlyMap<Value, GraphNode>): Moments | undefined {
  const { x } = statistics;
  const through = (value: Value): Value => {
    const producer = producers.get(value);
    return producer?.op === "Reshape" ? through(producer.inputs[0]!) : value;
  };
  const reducedFrom = (value: Value): Value | undefined => {
    const producer = producers.get(value);
    const axes = producer?.op === "ReduceMean" ? producer.attributes?.["axes"] : undefined;
    return axes && "ints" in axes && axes.ints.join() === pixelAxes ? producer?.inputs[0] : undefined;
  };
  const [mean, variance] = [through(statistics.mean), through(statistics.variance)];
  if (reducedFrom(mean) !== x) return undefined;
  const squared = reducedFrom(variance);
  const square = squared && producers.get(squared);
  if (square?.op !== "Mul" || square.inputs[0] !== square.inputs[1]) return undefined;
  const difference = producers.get(square.inputs[0]!);
  if (difference?.op !== "Sub" || difference.inputs[0] !== x) return undefined;
  return through(difference.inputs[1]!) === mean ? { mean, variance } : undefined;
}

/** Whether one operator for all would need a result of its own as its input. */
function dependsOn(
  values: readonly Value[],
  sources: readonly Value[],
  producers: ReadonlyMap<Value, GraphNode>,
): boolean {
  const seen = new Set<Value>();
  const open = [...values];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (sources.includes(value)) return true;
    if (seen.has(value)) continue;
    seen.add(value);
    for (const input of producers.get(value)?.inputs ?? []) if (input) open.push(input);
  }
  return false;
}
