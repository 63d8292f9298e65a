/** Gradients of elementwise operations. y is the node's result, g its gradient. At a kink (Relu, Clip) it is 0. */
import type { DataType, GraphBuilder, Node, OpName } from "../../graph/index.ts";
import { type GradientRule, inputOf, noGradient, type RuleCall, sumToShape, zeroGradient } from "../rule.ts";

const isFloat = (dtype: DataType): boolean => dtype === "float32" || dtype === "float64";

export const elementwiseRules: Partial<Record<OpName, GradientRule>> = {
  Identity: ({ grad }) => grad,

  // Through whole numbers nothing flows.
  Cast: (call) => {
    const { dtype } = inputOf(call, 0);
    return isFloat(dtype) && isFloat(call.node.dtype) ? call.b.cast(call.grad, dtype) : null;
  },

  Add: (call, index) => sumToShape(call.b, call.grad, inputOf(call, index)),

  Sub: (call, index) => {
    const part = sumToShape(call.b, call.grad, inputOf(call, index));
    return index === 0 ? part : call.b.neg(part);
  },

  Mul: (call, index) => {
    const { b, grad } = call;
    const [input, other] = [inputOf(call, index), inputOf(call, 1 - index)];
    // Of a square: 2 x g once, in the place of x g twice.
    if (input === other) return index === 0 ? b.mul(b.mul(grad, b.scalar(2, grad.dtype)), input) : null;
    return sumToShape(b, b.mul(grad, other), input);
  },

  // d(a/b) = da/b - (a/b) db/b
  Div: (call, index) => {
    const { b, node, grad } = call;
    const quotient = b.div(grad, inputOf(call, 1));
    if (index === 0) return sumToShape(b, quotient, inputOf(call, 0));
    return b.neg(sumToShape(b, b.mul(quotient, node), inputOf(call, 1)));
  },

  Neg: ({ b, grad }) => b.neg(grad),
  Exp: ({ b, node, grad }) => b.mul(grad, node),
  Log: (call) => call.b.div(call.grad, inputOf(call, 0)),
  Sqrt: ({ b, node, grad }) => b.div(grad, b.mul(node, b.scalar(2, node.dtype))),

  Relu: (call) => {
    const { b, grad } = call;
    return passWhere(b, b.greater(inputOf(call, 0), b.scalar(0, grad.dtype)), grad);
  },

  // y (1 - y) g
  Sigmoid: ({ b, node, grad }) => b.mul(grad, b.mul(node, b.sub(b.scalar(1, node.dtype), node))),
  // (1 - y^2) g
  Tanh: ({ b, node, grad }) => b.mul(grad, b.sub(b.scalar(1, node.dtype), b.mul(node, node))),
  // 2 / sqrt(pi) exp(-x^2) g
  Erf: (call) => {
    const { b, grad } = call;
    const x = inputOf(call, 0);
    const slope = b.mul(b.scalar(2 / Math.sqrt(Math.PI), grad.dtype), b.exp(b.neg(b.mul(x, x))));
    return b.mul(grad, slope);
  },
  Clip: clipRule,
  Greater: zeroGradient,
  Less: zeroGradient,
  Equal: zeroGradient,

  Where: (call, index) => {
    if (index === 0) return null;
    const { b, grad } = call;
    const zero = b.scalar(0, grad.dtype);
    const condition = inputOf(call, 0);
    const taken = index === 1 ? b.where(condition, grad, zero) : b.where(condition, zero, grad);
    return sumToShape(b, taken, inputOf(call, index));
  },
};

/** Strictly between the bounds the gradient passes. */
function clipRule(call: RuleCall, index: number): ReturnType<GradientRule> {
  if (index > 0) noGradient(call.node, "there is no rule for its bounds");
  const { b, grad, node } = call;
  const [x, low, high] = node.inputs;
  const aboveLow = low ? b.greater(x!, low) : null;
  const belowHigh = high ? b.less(x!, high) : null;
  if (!aboveLow || !belowHigh) return passWhere(b, aboveLow ?? belowHigh, grad);
  if (!isBelow(low!, high!)) return passWhere(b, aboveLow, passWhere(b, belowHigh, grad));
  // One of the two holds everywhere, so where they are equal, both do. A mask less to make.
  return passWhere(b, b.equal(aboveLow, belowHigh), grad);
}

/** Whether a bound is known to be below another. */
function isBelow(low: Node, high: Node): boolean {
  return low.op === "Constant" && high.op === "Constant" && Number(low.data[0]) < Number(high.data[0]);
}

/** The gradient where a condition holds (null: everywhere), else 0. A product: ONNX Runtime's Where is much slower. */
function passWhere(b: GraphBuilder, condition: Node | null, grad: Node): Node {
  return condition === null ? grad : b.mul(grad, b.cast(condition, grad.dtype));
}
