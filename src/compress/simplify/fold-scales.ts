/**
 * Rule: a scale and a shift a channel behind a convolution, written as BatchNormalization or as arithmetic with
 * constants, become part of its kernel and bias: s (conv(x, W) + c) + t = conv(x, s W) + (s c + t), in float64, rounded
 * once to float32.
 */
import type { ConstantNode, Node, OperationNode } from "../../engine/graph/index.ts";
import type { RewriteRule } from "../rewrite.ts";

/** y = scale * x + shift, a value a channel. */
export interface ChannelMap {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

export const foldScales: RewriteRule = ({ b, node, inputs, userCount }) => {
  const place = inputs.findIndex((input) => input?.op === "Conv");
  const conv = inputs[place];
  if (conv?.op !== "Conv" || userCount(node.inputs[place]!) !== 1) return null;
  const [x, weight, bias] = conv.inputs;
  if (weight!.op !== "Constant" || (bias && bias.op !== "Constant") || weight!.dtype !== "float32") return null;
  const map = channelMapOf(node, inputs, place);
  if (map === null) return null;
  const kernel = scaleRows(weight as ConstantNode, map.scale);
  const folded = map.shift.map(
    (shift, i) => map.scale[i]! * Number((bias as ConstantNode | null)?.data[i] ?? 0) + shift,
  );
  return b.apply(
    "Conv",
    [
      x!,
      b.constant(`${node.name}/weight`, "float32", (weight as ConstantNode).shape, kernel),
      b.constant(`${node.name}/bias`, "float32", [folded.length], Float32Array.from(folded)),
    ],
    conv.attributes,
    node.name,
  );
};

/** A BatchNormalization with constant parameters as scale and shift; null for any other node. */
export function batchNormMap(node: OperationNode): ChannelMap | null {
  const parameters = node.inputs.slice(1).map((input) => (input?.op === "Constant" ? input.data : null));
  if (node.op !== "BatchNormalization" || parameters.includes(null)) return null;
  const [gamma, beta, mean, variance] = parameters as [Float32Array, Float32Array, Float32Array, Float32Array];
  const epsilon = node.attributes.epsilon as number;
  const scale = Float64Array.from(gamma, (value, i) => value / Math.sqrt(variance[i]! + epsilon));
  return { scale, shift: scale.map((value, i) => beta[i]! - value * mean[i]!) };
}

/** What a node does to the convolution at input `place`. */
function channelMapOf(node: OperationNode, inputs: readonly (Node | null)[], place: number): ChannelMap | null {
  if (node.op === "BatchNormalization") return place === 0 ? batchNormMap(node) : null;
  const other = inputs[1 - place];
  if (inputs.length !== 2 || other?.op !== "Constant") return null;
  const values = channelValues(other, Number(inputs[place]!.shape[1]));
  if (values === null) return null;
  const none = values.map(() => 0);
  const unit = values.map(() => 1);
  if (node.op === "Add") return { scale: unit, shift: values };
  if (node.op === "Mul") return { scale: values, shift: none };
  if (node.op === "Sub" && place === 0) return { scale: unit, shift: values.map((value) => -value) };
  if (node.op === "Div" && place === 0) return { scale: values.map((value) => 1 / value), shift: none };
  return null;
}

/** A constant that broadcasts along channels of [N,C,H,W]: a scalar, [C,1,1] or [1,C,1,1]. */
function channelValues({ shape, data }: ConstantNode, channels: number): Float64Array | null {
  if (data.length === 1 && shape.length <= 4) return new Float64Array(channels).fill(Number(data[0]));
  const isPerChannel = data.length === channels && shape.length >= 3 && shape.length <= 4 && shape.at(-3) === channels;
  return isPerChannel ? Float64Array.from(data, Number) : null;
}

function scaleRows({ data }: ConstantNode, scale: Float64Array): Float32Array {
  const rowSize = data.length / scale.length;
  const scaled = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) scaled[i] = Number(data[i]) * scale[Math.floor(i / rowSize)]!;
  return scaled;
}
