/**
 * Narrow gradients. What a reduction hands back is the same along the axes that it reduced, so it is kept with 1 there and
 * broadcasts; it is spread out only where a rule needs all of it. A pass over a picture less for each that never is.
 */
import { type GraphBuilder, type Node, type OperationNode, sameShape } from "../graph/index.ts";
import { shapeNode } from "./rule.ts";

/**
 * Whether a node's rule gives a right gradient, whole or narrow, for input `index` from a narrow one: it is multiplied by
 * values of the whole shape, or handed on as it is.
 */
export function takesNarrow({ op, inputs, shape }: OperationNode, index: number): boolean {
  switch (op) {
    case "Mul":
      return sameShape(inputs[1 - index]!.shape, shape);
    case "Add":
    case "Sub":
      return sameShape(inputs[index]!.shape, shape);
    case "Neg":
    case "Relu":
    case "Clip":
      return true;
    default:
      return false;
  }
}

/** A gradient of a value with the value's shape. */
export function spread(b: GraphBuilder, grad: Node, value: Node): Node {
  return sameShape(grad.shape, value.shape) ? grad : b.expand(grad, shapeNode(b, value));
}
