/** Gradients of reductions and of normalisations along an axis. y is the node's result, g its gradient. */

import { type GraphBuilder, type Node, type OperationNode, type OpName, staticDims } from "../../graph/index.ts";
import { reducedAxes } from "../../graph/ops/reduction.ts";
import { callOf, numberAttribute } from "../../graph/spec.ts";
import { firstInputOnly, type GradientRule, inputOf, type RuleCall } from "../rule.ts";

export const reductionRules: Partial<Record<OpName, GradientRule>> = {
  ReduceSum: firstInputOnly(({ b, node, grad }) => withReducedAxes(b, node, grad)),
  ReduceMean: firstInputOnly((call) => withReducedAxes(call.b, call.node, call.b.div(call.grad, reducedCount(call)))),

  // Ties share the gradient evenly, as in TensorFlow's reduce_max and PyTorch's amax.
  ReduceMax: firstInputOnly((call) => {
    const { b, node, grad } = call;
    const axes = reducedAxes(callOf(node));
    const isLargest = b.cast(b.equal(inputOf(call, 0), withReducedAxes(b, node, node)), node.dtype);
    const share = b.div(withReducedAxes(b, node, grad), b.reduceSum(isLargest, axes));
    return b.mul(isLargest, share);
  }),

  // dx = y (g - sum(g y))
  Softmax: ({ b, node, grad }) => {
    const axis = numberAttribute(node, "axis");
    return b.mul(node, b.sub(grad, b.reduceSum(b.mul(grad, node), [axis])));
  },

  // dx = g - exp(y) sum(g)
  LogSoftmax: ({ b, node, grad }) => {
    const axis = numberAttribute(node, "axis");
    return b.sub(grad, b.mul(b.exp(node), b.reduceSum(grad, [axis])));
  },
};

/** A value of the result's shape, with the reduced axes back as dimensions of 1. */
function withReducedAxes(b: GraphBuilder, node: OperationNode, value: Node): Node {
  const axes = reducedAxes(callOf(node));
  return numberAttribute(node, "keepdims") === 1 || axes.length === 0 ? value : b.unsqueeze(value, axes);
}

/** How many values were reduced into one, as a scalar: a constant where the axes are known, else computed. */
function reducedCount(call: RuleCall): Node {
  const { b, node } = call;
  const x = inputOf(call, 0);
  const dims = staticDims(reducedAxes(callOf(node)).map((axis) => x.shape[axis]!));
  if (dims)
    return b.scalar(
      dims.reduce((product, dim) => product * dim, 1),
      node.dtype,
    );
  return b.cast(b.div(b.size(x), b.size(node)), node.dtype);
}
