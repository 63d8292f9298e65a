/** Reverse-mode differentiation: graph in, graph out. Nothing is executed and the forward graph is not changed. */
import {
  type GraphBuilder,
  inputsOf,
  isOperation,
  type Node,
  type OperationNode,
  renderShape,
  topologicalOrder,
} from "../graph/index.ts";
import { spread, takesNarrow } from "./narrow.ts";
import { noGradient } from "./rule.ts";
import { gradientRules } from "./rules/index.ts";

/**
 * Gradients of a scalar with respect to targets, as new nodes of the builder's graph. Only nodes on a path from a
 * target to the root are visited; where a value is used several times, its gradients add.
 * @param root float scalar (shape [])
 * @param targets any nodes: inputs, constants or values between
 * @returns a gradient a target, in order, of the target's shape
 * @throws ENGINE_NO_GRADIENT naming operation and node: a rule is missing, or the root does not depend on a target
 */
export function gradients(b: GraphBuilder, root: Node, targets: readonly Node[]): Node[] {
  if (root.shape.length > 0) noGradient(root, `it must be a scalar, its shape is ${renderShape(root.shape)}`);
  const order = topologicalOrder([root]);
  const onPath = dependents(order, targets);
  const grads = new Map<Node, Node>([[root, b.scalar(1, root.dtype)]]);
  for (const node of order.reverse()) {
    const grad = grads.get(node);
    if (grad && isOperation(node) && onPath.has(node)) addInputGradients(b, node, grad, onPath, grads);
  }
  return targets.map((target) => {
    const grad = grads.get(target) ?? noGradient(target, `${root.name} does not depend on it`);
    return spread(b, grad, target);
  });
}

/** The targets and everything in the order that depends on one of them. */
function dependents(order: readonly Node[], targets: readonly Node[]): ReadonlySet<Node> {
  const found = new Set<Node>(targets);
  for (const node of order) {
    if (inputsOf(node).some((input) => input !== null && found.has(input))) found.add(node);
  }
  return found;
}

/** Applies a node's rule for each input on the path and adds the result to what that input has already got. */
function addInputGradients(
  b: GraphBuilder,
  node: OperationNode,
  grad: Node,
  onPath: ReadonlySet<Node>,
  grads: Map<Node, Node>,
): void {
  let whole: Node | null = null;
  node.inputs.forEach((input, index) => {
    if (input === null || !onPath.has(input)) return;
    const rule = gradientRules[node.op] ?? noGradient(node, "no rule is written for it");
    if (!takesNarrow(node, index)) whole ??= spread(b, grad, node);
    const part = rule({ b, node, grad: whole ?? grad }, index);
    if (part === null) return;
    const sum = grads.get(input);
    grads.set(input, sum ? b.add(sum, part) : part);
  });
}
