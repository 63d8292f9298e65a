/** Reverse-mode differentiation: graph in, graph out. Nothing is executed and the forward graph is not changed. */
import { FulcrumError } from "../../errors/index.ts";
import { type GraphBuilder, inputsOf, isOperation, type Node, topologicalOrder } from "../graph/index.ts";
import { gradientRules } from "./rules.ts";

/**
 * Gradients of a scalar with respect to targets, as new nodes of the builder's graph.
 * Only nodes on a path from a target to the root are visited; where a value is used several times, gradients add.
 * @param root scalar (shape [])
 * @returns a gradient a target, in order; each has its target's shape. A target that the root does not depend on is refused
 * @throws ENGINE_NO_GRADIENT naming operation and node
 */
export function gradients(b: GraphBuilder, root: Node, targets: readonly Node[]): Node[] {
  const order = topologicalOrder([root]);
  const onPath = new Set<Node>(targets);
  for (const node of order) if (inputsOf(node).some((input) => input !== null && onPath.has(input))) onPath.add(node);

  const grads = new Map<Node, Node>([[root, b.scalar(1)]]);
  for (const node of order.reverse()) {
    const grad = grads.get(node);
    if (grad === undefined || !onPath.has(node) || !isOperation(node)) continue;
    const rule = gradientRules[node.op];
    if (!rule) throw new FulcrumError("ENGINE_NO_GRADIENT", { op: node.op, node: node.name });
    const inputGrads = rule(b, node, grad);
    node.inputs.forEach((input, i) => {
      const inputGrad = inputGrads[i];
      if (!input || !inputGrad || !onPath.has(input)) return;
      const earlier = grads.get(input);
      grads.set(input, earlier ? b.add(earlier, inputGrad) : inputGrad);
    });
  }
  return targets.map((target) => {
    const grad = grads.get(target);
    if (!grad)
      throw new FulcrumError("ENGINE_NO_GRADIENT", {
        op: "none (the result does not depend on it)",
        node: target.name,
      });
    return grad;
  });
}
