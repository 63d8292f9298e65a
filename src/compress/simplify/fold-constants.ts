/** What depends on constants only is computed once. Pure but for the evaluator that the caller hands in. */
import {
  elementCount,
  type Graph,
  inputsOf,
  isOperation,
  type Node,
  staticDims,
  type TensorValue,
  topologicalOrder,
} from "../../engine/graph/index.ts";
import { rewriteGraph } from "../rewrite.ts";

/** Runs a graph without inputs: a tensor for each output. */
export type Evaluate = (graph: Graph) => Promise<Readonly<Record<string, TensorValue>>>;

/** A result may have this many values more than what it is made of: expanded constants would swell the file. */
const allowedGrowth = 4096;

export async function foldConstants(graph: Graph, evaluate: Evaluate): Promise<Graph> {
  const folded = foldableNodes(graph);
  const ends = endsOf(graph, folded);
  if (ends.length === 0) return graph;
  const values = await evaluate(constantGraph(ends));
  const end = new Map(ends.map((node, i) => [node, values[`value_${i}`]!]));
  return rewriteGraph(graph, ({ b, node }) => {
    const value = end.get(node);
    return value ? b.constant(node.name, value.dtype, value.dims, value.data) : null;
  });
}

function foldableNodes(graph: Graph): ReadonlySet<Node> {
  const folded = new Set<Node>();
  for (const node of topologicalOrder(graph.outputs.map(({ value }) => value))) {
    // Integers that stand for real weights stay integers.
    if (!isOperation(node) || node.op === "DequantizeLinear" || staticDims(node.shape) === null) continue;
    const inputs = inputsOf(node).filter((input) => input !== null);
    const isConstant = inputs.length > 0 && inputs.every((input) => input.op === "Constant" || folded.has(input));
    const size = inputs.reduce((sum, input) => sum + elementCount(staticDims(input.shape) ?? []), 0);
    if (isConstant && elementCount(node.shape as number[]) <= size + allowedGrowth) folded.add(node);
  }
  return folded;
}

/** Folded nodes that something else uses. */
function endsOf(graph: Graph, folded: ReadonlySet<Node>): readonly Node[] {
  const ends = new Set<Node>();
  for (const node of topologicalOrder(graph.outputs.map(({ value }) => value))) {
    if (folded.has(node)) continue;
    for (const input of inputsOf(node)) if (input && folded.has(input)) ends.add(input);
  }
  for (const { value } of graph.outputs) if (folded.has(value)) ends.add(value);
  return [...ends];
}

function constantGraph(ends: readonly Node[]): Graph {
  const outputs = ends.map((value, i) => ({ name: `value_${i}`, value }));
  return rewriteGraph({ name: "constants", inputs: [], outputs }, () => null);
}
