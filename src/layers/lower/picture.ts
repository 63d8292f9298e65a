/** Layers that pad, crop, pool or reshape. */
import type { GraphBuilder, Node } from "../../engine/graph/index.ts";
import type { LayerOf } from "../layer.ts";
import { channelsOf, checkPicture, type LowerContext, pictureSize, refuse, weightNode } from "./context.ts";
import { windowPads } from "./padding.ts";

export function lowerZeroPadding({ b }: LowerContext, layer: LayerOf<"ZeroPadding2D" | "Cropping2D">, x: Node): Node {
  checkPicture(layer, x);
  const sign = layer.type === "ZeroPadding2D" ? 1 : -1;
  const [top, left, bottom, right] = layer.amounts.map((amount) => sign * amount);
  return b.pad(x, [0, 0, top!, left!, 0, 0, bottom!, right!]);
}

export function lowerPooling({ b }: LowerContext, layer: LayerOf<"MaxPooling2D" | "AveragePooling2D">, x: Node): Node {
  const { size: kernel, strides, padding } = layer;
  const pads = windowPads(pictureSize(layer, x), { kernel, strides, padding });
  const options = { kernel, strides, pads };
  return layer.type === "MaxPooling2D" ? b.maxPool(unfusedPad(b, x), options) : b.averagePool(x, options);
}

/** Next to nothing: the smallest normal number of float32. */
const almostZero = 2 ** -126;

/**
 * ONNX Runtime 1.30 joins a Pad of zeros with the MaxPool behind it (PadFusion), although that pads with the lowest
 * value: the result is wrong wherever a window at the border holds negatives only, as in every ResNetV2. It leaves other
 * values alone.
 */
function unfusedPad(b: GraphBuilder, x: Node): Node {
  if (x.op !== "Pad") return x;
  const [picture, pads] = x.inputs;
  return b.apply("Pad", [picture!, pads!, b.scalar(almostZero)], x.attributes);
}

export function lowerGlobalPooling(
  { b }: LowerContext,
  layer: LayerOf<"GlobalAveragePooling2D" | "GlobalMaxPooling2D">,
  x: Node,
): Node {
  checkPicture(layer, x);
  const pooled = layer.type === "GlobalAveragePooling2D" ? b.globalAveragePool(x) : b.reduceMax(x, [2, 3]);
  return layer.keepDims ? pooled : b.flatten(pooled);
}

/** Keras lays a picture out with the channels last before it flattens it. */
export function lowerFlatten({ b }: LowerContext, x: Node): Node {
  if (x.shape.length === 2) return x;
  return b.flatten(channelsLast({ b }, x));
}

function channelsLast({ b }: Pick<LowerContext, "b">, x: Node): Node {
  if (x.shape.length !== 4) return x;
  const isVector = x.shape[2] === 1 && x.shape[3] === 1;
  return isVector ? b.reshape(x, [0, 1, 1, -1]) : b.transpose(x, [0, 2, 3, 1]);
}

/** @returns a picture as [N,C,H,W] where the shape has three dimensions besides the batch */
export function lowerReshape({ b }: LowerContext, layer: LayerOf<"Reshape">, x: Node): Node {
  const last = x.shape.length === 2 ? x : channelsLast({ b }, x);
  const reshaped = b.reshape(last, [0, ...layer.shape]);
  if (layer.shape.length !== 3) return reshaped;
  const [, rows, columns] = reshaped.shape;
  return rows === 1 && columns === 1 ? b.reshape(reshaped, [0, -1, 1, 1]) : b.transpose(reshaped, [0, 3, 1, 2]);
}

/** Slopes of Keras' shape [rows, columns, channels], 1 on shared axes. */
export function lowerPRelu(context: LowerContext, layer: LayerOf<"PReLU">, x: Node): Node {
  const { b } = context;
  const isPicture = x.shape.length === 4;
  const own = isPicture ? [...pictureSize(layer, x), channelsOf(layer, x)] : [channelsOf(layer, x)];
  const shape = own.map((dim, i) => (layer.sharedAxes.includes(i + 1) ? 1 : dim));
  const slopes = weightNode(context, layer, "alpha", shape);
  const slope = isPicture ? b.transpose(slopes, [2, 0, 1]) : slopes;
  if (slope.shape.length !== x.shape.length - 1) refuse(layer, "its slopes do not fit its input");
  return b.sub(b.relu(x), b.mul(slope, b.relu(b.neg(x))));
}
