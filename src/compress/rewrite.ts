/** The form of a pass over a graph: every node is made again from its new inputs, or replaced by what a rule gives. Pure. */
import {
  type Graph,
  GraphBuilder,
  inputsOf,
  type Node,
  type OperationNode,
  topologicalOrder,
} from "../engine/graph/index.ts";

/** A node of the old graph whose inputs exist in the new one. */
export interface RewriteStep {
  readonly b: GraphBuilder;
  readonly node: OperationNode;
  /** Of the new graph, in the node's order. */
  readonly inputs: readonly (Node | null)[];
  /** How many nodes and outputs of the old graph use a node of the old graph. */
  readonly userCount: (node: Node) => number;
}

/** What stands for the node in the new graph; null leaves it as it is. Nodes that nothing uses any more vanish. */
export type RewriteRule = (step: RewriteStep) => Node | null;

/** Applies a rule to each node, inputs before their users. Names of graph inputs and outputs stay. */
export function rewriteGraph(graph: Graph, rule: RewriteRule): Graph {
  const order = topologicalOrder(graph.outputs.map(({ value }) => value));
  const userCount = countUsers(graph);
  const b = new GraphBuilder([...graph.inputs, ...order].map(({ name }) => name));
  const made = new Map<Node, Node>();
  for (const input of graph.inputs) made.set(input, b.input(input.name, input.dtype, input.shape));
  for (const node of order) {
    if (node.op === "Input") continue;
    if (node.op === "Constant") made.set(node, b.constant(node.name, node.dtype, node.shape, node.data));
    else {
      const inputs = node.inputs.map((input) => (input === null ? null : made.get(input)!));
      made.set(node, rule({ b, node, inputs, userCount }) ?? b.apply(node.op, inputs, node.attributes, node.name));
    }
  }
  for (const { name, value } of graph.outputs) b.output(name, made.get(value)!);
  return b.build(graph.name);
}

/** Number of uses of each node: by other nodes, each input counted, and by outputs. */
export function countUsers(graph: Graph): (node: Node) => number {
  const counts = new Map<Node, number>();
  const count = (node: Node | null) => node && counts.set(node, (counts.get(node) ?? 0) + 1);
  for (const node of topologicalOrder(graph.outputs.map(({ value }) => value))) inputsOf(node).forEach(count);
  for (const { value } of graph.outputs) count(value);
  return (node) => counts.get(node) ?? 0;
}
