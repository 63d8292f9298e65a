/** The verifier: runs the executable specification over a whole graph. Every pass that makes a graph ends with it. */
import { FulcrumError } from "../../errors/index.ts";
import { type Graph, isOperation, type Node, type OperationNode } from "./node.ts";
import { opSpecs } from "./ops/index.ts";
import { topologicalOrder } from "./order.ts";
import { isDim, renderShape, sameShape } from "./shape.ts";
import { checkCall } from "./spec.ts";
import { arrayTypes, elementCount } from "./tensor.ts";

/**
 * Checks that a graph is legal: no cycle, unique names, every operation as its spec says with the type and shape that
 * the spec infers, constants as long as their shape, inputs declared.
 * @returns the graph's nodes in topological order
 * @throws FulcrumError ENGINE_GRAPH_INVALID naming the node, its operation and the problem
 */
export function verifyGraph(graph: Graph): readonly Node[] {
  const roots = graph.outputs.map((output) => output.value);
  const order = topologicalOrder(roots, (node) => invalid(node, "it depends on itself"));
  const inputs: ReadonlySet<Node> = new Set(graph.inputs);
  const names = new Map<string, Node>();
  for (const node of new Set([...graph.inputs, ...order])) {
    if (names.has(node.name)) invalid(node, `its name is also that of a node of operation ${names.get(node.name)!.op}`);
    names.set(node.name, node);
    if (node.op === "Input" && !inputs.has(node)) invalid(node, "it is used but is not an input of the graph");
    verifyNode(node);
  }
  verifyOutputs(graph, names);
  return order;
}

/** Checks one node against its spec; its inputs are taken as they are. */
export function verifyNode(node: Node): void {
  if (!node.shape.every(isDim)) invalid(node, `${renderShape(node.shape)} is not a shape of whole numbers and symbols`);
  if (isOperation(node)) verifyOperation(node);
  if (node.op !== "Constant") return;
  const count = elementCount(node.shape);
  if (!(node.data instanceof arrayTypes[node.dtype])) invalid(node, `its data is not a ${arrayTypes[node.dtype].name}`);
  if (node.data.length !== count)
    invalid(node, `its shape ${renderShape(node.shape)} has ${count} values, its data ${node.data.length}`);
}

/** Throws ENGINE_GRAPH_INVALID for a node. */
export function invalid(node: Pick<Node, "name"> & { readonly op: string }, problem: string): never {
  throw new FulcrumError("ENGINE_GRAPH_INVALID", { node: node.name, op: node.op, problem });
}

function verifyOperation(node: OperationNode): void {
  const { inputs, attributes } = node;
  const { type } = checkCall(opSpecs[node.op], { inputs, attributes, fail: (problem) => invalid(node, problem) });
  if (type.dtype === node.dtype && sameShape(type.shape, node.shape)) return;
  const [declared, inferred] = [node, type].map((value) => `${value.dtype} ${renderShape(value.shape)}`);
  invalid(node, `it is declared as ${declared} but gives ${inferred}`);
}

/** Output names are unique and do not collide with another node's name. */
function verifyOutputs(graph: Graph, names: ReadonlyMap<string, Node>): void {
  const seen = new Set<string>();
  for (const { name, value } of graph.outputs) {
    const site = { name, op: "Output" };
    if (seen.has(name)) invalid(site, "the graph has two outputs of this name");
    if (names.has(name) && names.get(name) !== value) invalid(site, "its name is that of another node");
    seen.add(name);
  }
  if (seen.size === 0) invalid({ name: graph.name, op: "Graph" }, "it has no output");
}
