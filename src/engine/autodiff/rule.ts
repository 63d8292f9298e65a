/** The form of a gradient rule, and what several rules share. */
import { FulcrumError } from "../../errors/index.ts";
import { type GraphBuilder, type Node, type OperationNode, staticDims } from "../graph/index.ts";

/** A node whose gradient is known, while the gradients of its inputs are asked for. */
export interface RuleCall {
  /** Where the gradient's nodes are made. */
  readonly b: GraphBuilder;
  readonly node: OperationNode;
  /** Gradient with respect to the node's result, of the result's shape; narrow only where `takesNarrow` allows it. */
  readonly grad: Node;
}

/**
 * Gradient with respect to input `index`, of that input's shape or narrow (narrow.ts); null where it is zero almost everywhere (comparisons,
 * shapes). It is asked for only if a target depends on it. A case without a rule is refused by `noGradient`.
 */
export type GradientRule = (call: RuleCall, index: number) => Node | null;

/** The node's input; only for those that a rule knows to be there. */
export function inputOf({ node }: RuleCall, index: number): Node {
  return node.inputs[index]!;
}

/** Throws ENGINE_NO_GRADIENT for a node. */
export function noGradient(node: Pick<Node, "op" | "name">, problem: string): never {
  throw new FulcrumError("ENGINE_NO_GRADIENT", { op: node.op, node: node.name, problem });
}

/** For inputs that only steer an operation, such as axes and shapes: they have no gradient. */
export const firstInputOnly =
  (rule: (call: RuleCall) => Node): GradientRule =>
  (call, index) =>
    index === 0 ? rule(call) : noGradient(call.node, `there is no rule for its input ${index}`);

/** Zero almost everywhere. */
export const zeroGradient: GradientRule = () => null;

/** The shape of a value as an int64 vector: a constant where it is known, else computed. */
export function shapeNode(b: GraphBuilder, value: Node): Node {
  const dims = staticDims(value.shape);
  return dims ? b.integers(dims) : b.shape(value);
}

/** Sums a gradient over the axes along which its input was broadcast; the result has the input's shape. */
export function sumToShape(b: GraphBuilder, grad: Node, input: Node): Node {
  const extra = grad.shape.length - input.shape.length;
  const axes = grad.shape.flatMap((dim, axis) =>
    axis < extra || (input.shape[axis - extra] === 1 && dim !== 1) ? [axis] : [],
  );
  if (axes.length === 0) return grad;
  const summed = b.reduceSum(grad, axes);
  return extra === 0 ? summed : b.squeeze(summed, axes.slice(0, extra));
}
