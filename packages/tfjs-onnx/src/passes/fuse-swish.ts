import { microsoftDomain, type GraphNode, type Value } from "../graph-builder.ts";
import { sameDims } from "../rearrange.ts";
import { producersOf, type Rewrite } from "./rewrite.ts";

/** x · σ(x) as one operator that reads and writes each element once. */
export function fuseSwish(nodes: readonly GraphNode[]): Rewrite {
  const producers = producersOf(nodes);
  const replaced = new Map<Value, Value>();
  const made: GraphNode[] = [];
  for (const node of nodes) {
    const x = swishArgument(node, producers);
    if (x === undefined) continue;
    const output = { ...node.outputs[0]! };
    replaced.set(node.outputs[0]!, output);
    made.push({
      op: "QuickGelu",
      domain: microsoftDomain,
      inputs: [x],
      attributes: { alpha: { float: 1 } },
      outputs: [output],
    });
  }
  return { nodes: made, replaced };
}

function swishArgument(node: GraphNode, producers: ReadonlyMap<Value, GraphNode>): Value | undefined {
  if (node.op !== "Mul") return undefined;
  const [a, b] = [node.inputs[0]!, node.inputs[1]!];
  const isGateOf = (gate: Value, x: Value): boolean => {
    const producer = producers.get(gate);
    return producer?.op === "Sigmoid" && producer.inputs[0] === x && sameDims(gate.dims, x.dims);
  };
  if (isGateOf(b, a)) return a;
  return isGateOf(a, b) ? b : undefined;
}
