/** Gradients of layers. g is the gradient of the node's result. */
import type { Node, OpName } from "../../graph/index.ts";
import { callOf, numberAttribute, staticDim } from "../../graph/spec.ts";
import { type GradientRule, inputOf, type RuleCall, sumToShape } from "../rule.ts";

export const layerRules: Partial<Record<OpName, GradientRule>> = {
  GlobalAveragePool: (call) => {
    const { b, node, grad } = call;
    const x = inputOf(call, 0);
    const [rows, columns] = x.shape.slice(2).map((dim) => staticDim(callOf(node), dim, "the size of X's picture"));
    return b.div(grad, b.scalar(rows! * columns!, node.dtype));
  },
  MatMul: matMulRule,
  Gemm: gemmRule,
};

/** dA = g Bᵀ, dB = Aᵀ g, summed over outer dimensions that were broadcast. */
function matMulRule(call: RuleCall, index: number): Node {
  const { b, grad } = call;
  const left = index === 0 ? grad : transposed(call, inputOf(call, 0));
  const right = index === 0 ? transposed(call, inputOf(call, 1)) : grad;
  return sumToShape(b, b.matMul(left, right), inputOf(call, index));
}

/** Swaps the last two axes. */
function transposed({ b }: RuleCall, x: Node): Node {
  const axes = x.shape.map((_, axis) => axis);
  return b.transpose(x, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
}

/**
 * Y = alpha A' B' + beta C, where A' is A or Aᵀ and B' is B or Bᵀ:
 * dA' = alpha g B'ᵀ, dB' = alpha A'ᵀ g, dC = beta g. A transposed input's gradient is written as the transposed product.
 */
function gemmRule(call: RuleCall, index: number): Node {
  const { b, node, grad } = call;
  const alpha = numberAttribute(node, "alpha");
  const [transA, transB] = [numberAttribute(node, "transA") === 1, numberAttribute(node, "transB") === 1];
  if (index === 2) {
    const beta = numberAttribute(node, "beta");
    return sumToShape(b, beta === 1 ? grad : b.mul(grad, b.scalar(beta, node.dtype)), inputOf(call, 2));
  }
  const other = inputOf(call, 1 - index);
  if (index === 0) {
    return transA
      ? b.gemm(other, grad, null, { alpha, transA: transB, transB: true })
      : b.gemm(grad, other, null, { alpha, transB: !transB });
  }
  return transB
    ? b.gemm(grad, other, null, { alpha, transA: true, transB: transA })
    : b.gemm(other, grad, null, { alpha, transA: !transA });
}
