import { blockedDomain } from "../blocked-layout.ts";
import { sizeOf, type GraphBuilder, type GraphNode, type Value } from "../graph-builder.ts";
import { producersOf, type Rewrite } from "./rewrite.ts";

const pixelAxes = "0,2,3";
/** Below this the product stays in the processor's cache, and one operator more costs more than its pass. */
const leastElements = 1 << 20;

/**
 * Σ a·b over batch and pixels without the tensor of products: a convolution whose filter is b and as large as a. Each
 * plane is dealt out to the lanes of the blocked layout, so that the operator reads both tensors once in their order.
 */
export function fuseChannelProducts(nodes: readonly GraphNode[], graph: GraphBuilder): Rewrite {
  const block = graph.channelBlock;
  const producers = producersOf(nodes);
  const replaced = new Map<Value, Value>();
  const made: GraphNode[] = [];
  const emit = (node: Omit<GraphNode, "outputs">, dims: readonly number[], output?: Value): Value => {
    const value = output ?? graph.input({ dims, dtype: "float32" });
    made.push({ ...node, outputs: [value] });
    return value;
  };
  const reshaped = (value: Value, dims: readonly number[], output?: Value): Value =>
    emit({ op: "Reshape", inputs: [value, graph.int64s(dims)] }, dims, output);

  for (const node of nodes) {
    const factors = channelProduct(node, producers);
    if (factors === undefined || block === undefined) continue;
    const [batch, channels, height, width] = factors[0].dims as [number, number, number, number];
    if (sizeOf(factors[0].dims) < leastElements || (height * width) % block !== 0) continue;
    const lanes = batch * channels * block;
    const steps = (height * width) / block;
    const sums = emit(
      {
        op: "Conv",
        domain: blockedDomain,
        inputs: [reshaped(factors[0], [1, lanes, steps, 1]), reshaped(factors[1], [lanes, 1, steps, 1])],
        attributes: {
          kernel_shape: { ints: [steps, 1] },
          strides: { ints: [1, 1] },
          dilations: { ints: [1, 1] },
          pads: { ints: [0, 0, 0, 0] },
          group: { int: lanes },
        },
      },
      [1, lanes, 1, 1],
    );
    const perChannel = emit(
      {
        op: "ReduceSum",
        inputs: [reshaped(sums, [batch, channels, block]), graph.int64s([0, 2])],
        attributes: { keepdims: { int: 0 } },
      },
      [channels],
    );
    const output = { ...node.outputs[0]! };
    reshaped(perChannel, output.dims, output);
    replaced.set(node.outputs[0]!, output);
  }
  return { nodes: made, replaced };
}

function channelProduct(
  node: GraphNode,
  producers: ReadonlyMap<Value, GraphNode>,
): readonly [Value, Value] | undefined {
  const axes = node.op === "ReduceSum" ? node.inputs[1]?.constant : undefined;
  if (axes === undefined || Array.from(axes, Number).join() !== pixelAxes) return undefined;
  const product = producers.get(node.inputs[0]!);
  if (product?.op !== "Mul" || product.outputs[0]!.dims.length !== 4) return undefined;
  const [a, b] = [product.inputs[0]!, product.inputs[1]!];
  const isWhole = [a, b].every(({ dims }) => dims.join() === product.outputs[0]!.dims.join());
  return isWhole && a.dtype === "float32" ? [a, b] : undefined;
}
