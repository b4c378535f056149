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
    // The running statistics that the operator would blend, of which momentum 0 leaves nothing. It writes its results
    // over them, so that nothing else may share their memory.
    const unused = [{ ...mean }, { ...mean }];
    made.push({ op: "Mul", inputs: [scale, graph.scalar(0)], outputs: [unused[0]!] });
    made.push({ op: "Mul", inputs: [offset, graph.scalar(0)], outputs: [unused[1]!] });
    const value = { ...node.outputs[0]! };
    const [meanOut, varianceOut] = [{ ...mean }, { ...variance }];
    replaced.set(node.outputs[0]!, value);
    replaced.set(mean, meanOut);
    replaced.set(variance, varianceOut);
    made.push({
      op: "BatchNormalization",
      inputs: [x, scale, offset, ...unused],
      attributes: { ...node.attributes, training_mode: { int: 1 }, momentum: { float: 0 } },
      outputs: [value, meanOut, varianceOut],
    });
  }
  return { nodes: made, replaced };
}

interface Moments {
  readonly x: Value;
  readonly mean: Value;
  readonly variance: Value;
}

/** Confirms that mean and variance are those of x over all axes but the channels'. */
function findMoments(moments: Moments, producers: ReadonlyMap<Value, GraphNode>): Moments | undefined {
  const through = (value: Value | undefined): Value | undefined => {
    const producer = value && producers.get(value);
    return producer?.op === "Reshape" ? through(producer.inputs[0]) : value;
  };
  const reduced = (value: Value): Value | undefined => {
    const source = through(value);
    const producer = source && producers.get(source);
    const axes = producer?.op === "ReduceMean" ? producer.attributes?.["axes"] : undefined;
    return axes && "ints" in axes && axes.ints.join() === pixelAxes ? producer?.inputs[0] : undefined;
  };
  if (reduced(moments.mean) !== moments.x) return undefined;
  const squared = reduced(moments.variance);
  const square = squared && producers.get(squared);
  if (square?.op !== "Mul" || square.inputs[0] !== square.inputs[1]) return undefined;
  const difference = producers.get(square.inputs[0]!);
  if (difference?.op !== "Sub" || difference.inputs[0] !== moments.x) return undefined;
  return through(difference.inputs[1]) === through(moments.mean) ? moments : undefined;
}
