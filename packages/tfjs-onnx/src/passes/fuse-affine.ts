import type { GraphBuilder, GraphNode, Value } from "../graph-builder.ts";
import { producersOf, type Rewrite } from "./rewrite.ts";

/** x·b + c with one b and one c for each channel in one pass: a batch normalisation by mean 0 and variance 1. */
export function fuseAffine(nodes: readonly GraphNode[], graph: GraphBuilder): Rewrite {
  const producers = producersOf(nodes);
  const uses = new Map<Value, number>();
  for (const node of nodes)
    for (const input of node.inputs) if (input) uses.set(input, (uses.get(input) ?? 0) + 1);
  const replaced = new Map<Value, Value>();
  const made: GraphNode[] = [];
  const flat = (value: Value, channels: number): Value => {
    const output = graph.input({ dims: [channels], dtype: "float32" });
    made.push({ op: "Reshape", inputs: [value, graph.int64s([channels])], outputs: [output] });
    return output;
  };
  for (const node of nodes) {
    const found = affine(node, producers);
    if (found === undefined || uses.get(found.product) !== 1) continue;
    const { x, factor, offset } = found;
    const channels = x.dims[1]!;
    const filled = (value: number): Value =>
      graph.constant(new Float32Array(channels).fill(value), [channels], "float32");
    const output = { ...node.outputs[0]! };
    replaced.set(node.outputs[0]!, output);
    made.push({
      op: "BatchNormalization",
      inputs: [x, flat(factor, channels), flat(offset, channels), filled(0), filled(1)],
      attributes: { epsilon: { float: 0 } },
      outputs: [output],
    });
  }
  return { nodes: made, replaced };
}

interface Affine {
  readonly x: Value;
  readonly factor: Value;
  readonly offset: Value;
  readonly product: Value;
}

function affine(node: GraphNode, producers: ReadonlyMap<Value, GraphNode>): Affine | undefined {
  if (node.op !== "Add") return undefined;
  const sum = split(node);
  const product = sum && producers.get(sum.image);
  const parts = product?.op === "Mul" ? split(product) : undefined;
  if (sum === undefined || parts === undefined) return undefined;
  return { x: parts.image, factor: parts.channels, offset: sum.channels, product: sum.image };
}

/** The operand of the result's size and the one with a number for each channel. */
function split(node: GraphNode): { readonly image: Value; readonly channels: Value } | undefined {
  const output = node.outputs[0]!;
  if (output.dims.length !== 4 || output.dtype !== "float32") return undefined;
  const channelDims = [1, output.dims[1]!, 1, 1].join();
  const whole = output.dims.join();
  const [a, b] = [node.inputs[0]!, node.inputs[1]!];
  if (whole === channelDims) return undefined;
  if (a.dims.join() === whole && b.dims.join() === channelDims) return { image: a, channels: b };
  if (b.dims.join() === whole && a.dims.join() === channelDims) return { image: b, channels: a };
  return undefined;
}
