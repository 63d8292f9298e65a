/**
 * The gradient of each operation as one entry of a table: given a node and the gradient of its result, the gradients
 * of its inputs, as nodes of the same graph. null: that input gets none.
 */
import type { GraphBuilder, Node, OperationNode, OpName } from "../graph/index.ts";

export type GradientRule = (b: GraphBuilder, node: OperationNode, grad: Node) => readonly (Node | null)[];

const zero = (b: GraphBuilder) => b.scalar(0);
const neg = (b: GraphBuilder, x: Node) => b.apply("Neg", [x]);
const input = (node: OperationNode, index: number): Node => node.inputs[index]!;

export const gradientRules: Readonly<Partial<Record<OpName, GradientRule>>> = {
  Identity: (_b, _node, g) => [g],
  Add: (b, n, g) => [unbroadcast(b, g, input(n, 0)), unbroadcast(b, g, input(n, 1))],
  Sub: (b, n, g) => [unbroadcast(b, g, input(n, 0)), unbroadcast(b, neg(b, g), input(n, 1))],
  Mul: (b, n, g) => [
    unbroadcast(b, b.mul(g, input(n, 1)), input(n, 0)),
    unbroadcast(b, b.mul(g, input(n, 0)), input(n, 1)),
  ],
  // d(x/y) = dx/y - (x/y) dy/y
  Div: (b, n, g) => [
    unbroadcast(b, b.div(g, input(n, 1)), input(n, 0)),
    unbroadcast(b, neg(b, b.div(b.mul(g, n), input(n, 1))), input(n, 1)),
  ],
  Neg: (b, _n, g) => [neg(b, g)],
  Exp: (b, n, g) => [b.mul(g, n)],
  Log: (b, n, g) => [b.div(g, input(n, 0))],
  Sqrt: (b, n, g) => [b.div(g, b.mul(n, b.scalar(2)))],
  // At 0 the derivative is taken as 0, as TensorFlow and PyTorch do.
  Relu: (b, n, g) => [b.apply("Where", [b.apply("Greater", [input(n, 0), zero(b)]), g, zero(b)])],
  Clip: clipRule,
  // y = x - log sum exp x: dx = g - softmax(x) sum(g)
  LogSoftmax: (b, n, g) => {
    const axis = Number(n.attributes.axis);
    return [b.sub(g, b.mul(b.apply("Exp", [n]), b.reduceSum(g, [axis])))];
  },
  ReduceSum: (b, n, g) => [spread(b, n, g), null],
  ReduceMean: (b, n, g) => {
    const size = (x: Node) => b.apply("Cast", [b.apply("Size", [x])], { to: "float32" });
    return [b.mul(spread(b, n, g), b.div(size(n), size(input(n, 0)))), null];
  },
  Reshape: (b, n, g) => [b.apply("Reshape", [g, b.apply("Shape", [input(n, 0)])]), null],
  MatMul: matMulRule,
  Gemm: gemmRule,
};

/** Sums a gradient over the axes along which its input was broadcast. */
function unbroadcast(b: GraphBuilder, grad: Node, to: Node): Node {
  const extra = grad.shape.length - to.shape.length;
  const axes = grad.shape.flatMap((dim, axis) =>
    axis < extra || (to.shape[axis - extra] === 1 && dim !== 1) ? [axis] : [],
  );
  if (axes.length === 0) return grad;
  const summed = b.reduceSum(grad, axes);
  return extra === 0 ? summed : b.apply("Squeeze", [summed, b.integers(Array.from({ length: extra }, (_, i) => i))]);
}

/** A reduction's gradient, spread back over the axes that were reduced. */
function spread(b: GraphBuilder, node: OperationNode, grad: Node): Node {
  const data = input(node, 0);
  const axes = node.inputs[1];
  const lostAxes = axes ?? b.integers(data.shape.map((_, axis) => axis));
  const kept =
    node.attributes.keepdims === 1 || data.shape.length === 0 ? grad : b.apply("Unsqueeze", [grad, lostAxes]);
  return b.apply("Expand", [kept, b.apply("Shape", [data])]);
}

/** Inside the bounds the gradient passes; at a bound it does not, as for Relu. */
function clipRule(b: GraphBuilder, node: OperationNode, grad: Node): readonly (Node | null)[] {
  const [x, low, high] = node.inputs;
  let result = grad;
  if (low) result = b.apply("Where", [b.apply("Greater", [x!, low]), result, zero(b)]);
  if (high) result = b.apply("Where", [b.apply("Less", [x!, high]), result, zero(b)]);
  return [result, null, null];
}

/** Matrices only: dA = G Bt, dB = At G. */
function matMulRule(b: GraphBuilder, node: OperationNode, grad: Node): readonly Node[] {
  return [
    b.apply("Gemm", [grad, input(node, 1), null], { transB: 1 }),
    b.apply("Gemm", [input(node, 0), grad, null], { transA: 1 }),
  ];
}

/** Y = A' B' + C with alpha = beta = 1; A' and B' are transposed where the attributes say so. */
function gemmRule(b: GraphBuilder, node: OperationNode, grad: Node): readonly (Node | null)[] {
  const [transA, transB] = [Number(node.attributes.transA), Number(node.attributes.transB)];
  const [x, w] = [input(node, 0), input(node, 1)];
  const product = (left: Node, right: Node, leftT: number, rightT: number) =>
    b.apply("Gemm", [left, right, null], { transA: leftT, transB: rightT });
  const dx = transA ? product(w, grad, transB, 1) : product(grad, w, 0, transB ? 0 : 1);
  const dw = transB ? product(grad, x, 1, transA) : product(x, grad, transA ? 0 : 1, 0);
  const bias = node.inputs[2];
  return [dx, dw, bias ? unbroadcast(b, grad, bias) : null];
}
