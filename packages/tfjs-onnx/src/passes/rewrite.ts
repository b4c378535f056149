import type { GraphBuilder, GraphNode, Value } from "../graph-builder.ts";

/** Values that stand in for others, and the nodes that make them. */
export interface Rewrite {
  readonly nodes: readonly GraphNode[];
  readonly replaced: ReadonlyMap<Value, Value>;
}

/** New constants come from the graph; new nodes are returned. */
export type Pass = (nodes: readonly GraphNode[], graph: GraphBuilder) => Rewrite;

export function producersOf(nodes: readonly GraphNode[]): ReadonlyMap<Value, GraphNode> {
  return new Map(nodes.flatMap((node) => node.outputs.map((output): [Value, GraphNode] => [output, node])));
}

/** Carries a rewrite out: every use of a replaced value becomes a use of its replacement. */
export function applyRewrite(nodes: readonly GraphNode[], rewrite: Rewrite): readonly GraphNode[] {
  const current = (value: Value): Value => rewrite.replaced.get(value) ?? value;
  return [...nodes, ...rewrite.nodes].map((node) =>
    node.inputs.some((input) => input && rewrite.replaced.has(input))
      ? { ...node, inputs: node.inputs.map((input) => input && current(input)) }
      : node,
  );
}

/** The nodes that the outputs need, each after those that make its inputs. */
export function liveNodes(nodes: readonly GraphNode[], outputs: readonly Value[]): readonly GraphNode[] {
  const producers = producersOf(nodes);
  const ordered = new Set<GraphNode>();
  // Depth-first without recursion: a training step is thousands of nodes deep.
  const stack: { readonly node: GraphNode; next: number }[] = [];
  const enter = (value: Value | undefined) => {
    const node = value && producers.get(value);
    if (node && !ordered.has(node)) stack.push({ node, next: 0 });
  };
  for (const output of outputs) {
    enter(output);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      if (top.next < top.node.inputs.length) enter(top.node.inputs[top.next++]);
      else {
        ordered.add(top.node);
        stack.pop();
      }
    }
  }
  return [...ordered];
}
