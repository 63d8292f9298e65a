/** A graph that also gives the values which quantisation needs to know the range of. Pure. */
import type { Graph, Node } from "../../engine/graph/index.ts";
import { quantizeGraph } from "../quantize/quantize-graph.ts";

/** The nodes whose range quantising the graph asks for, whatever layers are kept in float. */
export function nodesToObserve(graph: Graph): readonly Node[] {
  const asked = new Set<Node>();
  const rangeOf = (node: Node) => {
    asked.add(node);
    return { low: 0, high: 1 };
  };
  quantizeGraph(graph, { rangeOf, weightBits: 8, keepFloat: new Set() });
  return [...asked];
}

/** The graph with these nodes as its outputs, called `value_0`, `value_1` ... */
export function observedGraph(graph: Graph, nodes: readonly Node[]): Graph {
  return { ...graph, outputs: nodes.map((value, i) => ({ name: observedName(i), value })) };
}

export const observedName = (index: number): string => `value_${index}`;
