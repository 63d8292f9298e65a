/** Losses and penalties as graphs, made of operations that have gradients. Pure. */
import type { GraphBuilder, Node } from "../graph/index.ts";

/**
 * Mean over the batch of -sum(labels * log softmax(logits)): Keras' categorical_crossentropy of a softmax output,
 * which it too computes from the logits, so nothing is clipped.
 * @param logits [N,K]
 * @param labels [N,K], each row a distribution (one 1 for a hard label)
 * @returns scalar
 */
export function softmaxCrossEntropy(b: GraphBuilder, logits: Node, labels: Node): Node {
  const likelihood = b.reduceSum(b.mul(labels, b.logSoftmax(logits)), [1], { keepDims: false });
  return b.neg(b.reduceMean(likelihood, null, { keepDims: false }));
}

/** factor * sum of squares, as Keras' `l2`: without a half. Returns a scalar. */
export function l2Penalty(b: GraphBuilder, weight: Node, factor: number): Node {
  const squares = b.reduceSum(b.mul(weight, weight), null, { keepDims: false });
  return b.mul(squares, b.scalar(factor, weight.dtype));
}
