/** Activation functions, as Keras defines them. */
import type { GraphBuilder, Node } from "../../engine/graph/index.ts";
import type { Activation } from "../layer.ts";

/** Constants of selu (Klambauer et al. 2017). */
const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

/** @param x a picture [N,C,H,W], or any other value in Keras' own layout */
export function lowerActivation(b: GraphBuilder, x: Node, activation: Activation): Node {
  const scalar = (value: number) => b.scalar(value);
  switch (activation.kind) {
    case "linear":
      return x;
    case "relu":
      return lowerRelu(b, x, activation);
    case "sigmoid":
      return b.sigmoid(x);
    case "tanh":
      return b.tanh(x);
    case "softmax":
      return b.softmax(x, lastAxis(x));
    case "logSoftmax":
      return b.logSoftmax(x, lastAxis(x));
    case "exponential":
      return b.exp(x);
    case "softplus":
      return softplus(b, x);
    case "softsign":
      return b.div(x, b.add(absolute(b, x), scalar(1)));
    case "swish":
      return b.mul(x, b.sigmoid(x));
    case "mish":
      return b.mul(x, b.tanh(softplus(b, x)));
    case "selu":
      return b.mul(elu(b, x, seluAlpha), scalar(seluScale));
    case "elu":
      return elu(b, x, activation.alpha);
    case "gelu":
      return activation.approximate ? approximateGelu(b, x) : exactGelu(b, x);
    case "hardSigmoid":
      return b.clip(b.add(b.mul(x, scalar(activation.slope)), scalar(0.5)), 0, 1);
    case "hardSwish":
      return b.mul(x, b.div(b.clip(b.add(x, scalar(3)), 0, 6), scalar(6)));
  }
}

/** Keras' last axis: the channels of a picture. */
function lastAxis(x: Node): number {
  return x.shape.length === 4 ? 1 : -1;
}

type Relu = Extract<Activation, { kind: "relu" }>;

function lowerRelu(b: GraphBuilder, x: Node, { maxValue, negativeSlope, threshold }: Relu): Node {
  if (negativeSlope === 0 && threshold === 0) return maxValue === null ? b.relu(x) : b.clip(x, 0, maxValue);
  const floor = b.scalar(threshold);
  const below = b.mul(b.sub(x, floor), b.scalar(negativeSlope));
  const above = maxValue === null ? x : b.clip(x, null, maxValue);
  return b.where(b.less(x, floor), below, above);
}

function elu(b: GraphBuilder, x: Node, alpha: number): Node {
  const negative = b.sub(b.exp(b.clip(x, null, 0)), b.scalar(1));
  return b.add(b.relu(x), b.mul(negative, b.scalar(alpha)));
}

function absolute(b: GraphBuilder, x: Node): Node {
  return b.add(b.relu(x), b.relu(b.neg(x)));
}

/** log(1 + e^x) = max(x, 0) + log(1 + e^-|x|), which cannot overflow. */
function softplus(b: GraphBuilder, x: Node): Node {
  return b.add(b.relu(x), b.log(b.add(b.exp(b.neg(absolute(b, x))), b.scalar(1))));
}

/** x (1 + erf(x / sqrt 2)) / 2 */
function exactGelu(b: GraphBuilder, x: Node): Node {
  const share = b.add(b.erf(b.mul(x, b.scalar(Math.SQRT1_2))), b.scalar(1));
  return b.mul(b.mul(x, share), b.scalar(0.5));
}

/** x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 */
function approximateGelu(b: GraphBuilder, x: Node): Node {
  const cube = b.mul(b.mul(x, x), x);
  const inner = b.mul(b.add(x, b.mul(cube, b.scalar(0.044715))), b.scalar(Math.sqrt(2 / Math.PI)));
  return b.mul(b.mul(x, b.add(b.tanh(inner), b.scalar(1))), b.scalar(0.5));
}
