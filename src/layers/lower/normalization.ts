/** BatchNormalization, Rescaling and Normalization: a scale and a shift a channel. */
import type { Node } from "../../engine/graph/index.ts";
import type { LayerOf } from "../layer.ts";
import {
  channelConstant,
  channelsOf,
  checkLastAxis,
  type LowerContext,
  pictureSize,
  refuse,
  weightData,
  weightNode,
} from "./context.ts";

type BatchNorm = LayerOf<"BatchNormalization">;

/** A map x -> scale x + shift for each channel, in float64. */
export interface Affine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** gamma (x - mean) / sqrt(variance + epsilon) + beta as scale and shift, with the moving statistics. */
export function affineOf(context: LowerContext, layer: BatchNorm, channels: number): Affine {
  const vector = (weight: string) => weightData(context, layer, weight, [channels]);
  const [mean, variance] = [vector("moving_mean"), vector("moving_variance")];
  const gamma = layer.scale ? vector("gamma") : null;
  const beta = layer.center ? vector("beta") : null;
  const scale = Float64Array.from(variance, (value, i) => (gamma?.[i] ?? 1) / Math.sqrt(value + layer.epsilon));
  return { scale, shift: scale.map((value, i) => (beta?.[i] ?? 0) - value * mean[i]!) };
}

export function lowerBatchNorm(context: LowerContext, layer: BatchNorm, x: Node): Node {
  checkLastAxis(layer, x);
  const owner = layer.sharedWith ?? layer.name;
  const channels = channelsOf(layer, x);
  if (context.batchStatistics.has(owner)) return batchNormalized(context, layer, x, channels);
  if (!context.trainable.has(owner)) {
    return applyAffine(context, layer.name, x, affineOf(context, layer, channels));
  }
  const plain = affineOf(context, { ...layer, scale: false, center: false }, channels);
  return trained(context, layer, applyAffine(context, layer.name, x, plain));
}

/** gamma x + beta with weights that may be trained. */
function trained(context: LowerContext, layer: BatchNorm, x: Node): Node {
  const { b } = context;
  const scaled = layer.scale ? b.mul(x, trainedVector(context, layer, "gamma", x)) : x;
  return layer.center ? b.add(scaled, trainedVector(context, layer, "beta", x)) : scaled;
}

/** A weight a channel that may be trained, so that it broadcasts over x. */
function trainedVector(context: LowerContext, layer: BatchNorm, weight: "gamma" | "beta", x: Node): Node {
  const channels = channelsOf(layer, x);
  const node = weightNode(context, layer, weight, [channels]);
  return x.shape.length === 4 ? context.b.reshape(node, [1, channels, 1, 1]) : node;
}

/**
 * gamma (x - mean) / sqrt(variance + epsilon) + beta of the batch itself; its mean and biased variance are kept. Factors
 * are put together a channel before they meet the picture: memory, not arithmetic, is what a pass over it costs.
 */
function batchNormalized(context: LowerContext, layer: BatchNorm, x: Node, channels: number): Node {
  const { b, statistics } = context;
  const isPicture = x.shape.length === 4;
  const axes = isPicture ? [0, 2, 3] : [0];
  const mean = b.reduceMean(x, axes);
  const centred = b.sub(x, mean);
  const variance = b.reduceMean(b.mul(centred, centred), axes);
  const [rows, columns] = isPicture ? pictureSize(layer, x) : [1, 1];
  const { momentum, sharedWith, name } = layer;
  statistics.push({
    layer: sharedWith ?? name,
    momentum,
    mean: b.reshape(mean, [channels]),
    variance: b.reshape(variance, [channels]),
    valuesPerPhoto: rows * columns,
  });
  const gamma = layer.scale ? trainedVector(context, layer, "gamma", x) : b.scalar(1);
  const scaled = b.mul(centred, b.div(gamma, b.sqrt(b.add(variance, b.scalar(layer.epsilon)))));
  return layer.center ? b.add(scaled, trainedVector(context, layer, "beta", x)) : scaled;
}

/**
 * scale x + shift. For serving a picture takes it as a depthwise 1 x 1 convolution, which ONNX Runtime keeps in its
 * blocked layout and joins with an activation behind it; for training as products and sums, which have gradients.
 */
export function applyAffine(context: LowerContext, name: string, x: Node, { scale, shift }: Affine): Node {
  const { b, prefix } = context;
  const channels = scale.length;
  if (context.form === "serving" && x.shape.length === 4) {
    const kernel = b.constant(`${prefix}${name}/scale`, "float32", [channels, 1, 1, 1], Float32Array.from(scale));
    const bias = b.constant(`${prefix}${name}/shift`, "float32", [channels], Float32Array.from(shift));
    return b.conv(x, kernel, bias, { group: channels, name: `${prefix}${name}` });
  }
  const vector = (part: string, values: Float64Array) =>
    channelConstant(context, `${name}/${part}`, Float32Array.from(values), x.shape.length);
  return b.add(b.mul(x, vector("scale", scale)), vector("shift", shift));
}

/** A value a channel, or one for all; Keras computes x * scale + offset in float32. */
export function lowerRescaling(context: LowerContext, layer: LayerOf<"Rescaling">, x: Node): Node {
  const { b } = context;
  const operand = (part: string, values: readonly number[]): Node => {
    if (values.length === 1) return b.scalar(values[0]!);
    if (values.length === channelsOf(layer, x)) {
      return channelConstant(context, `${layer.name}/${part}`, values, x.shape.length);
    }
    return refuse(layer, `${part} has ${values.length} values for ${channelsOf(layer, x)} channels`);
  };
  return b.add(b.mul(x, operand("scale", layer.scale)), operand("offset", layer.offset));
}

export function lowerNormalization(context: LowerContext, layer: LayerOf<"Normalization">, x: Node): Node {
  checkLastAxis(layer, x);
  const channels = channelsOf(layer, x);
  const values = (part: "mean" | "variance"): readonly number[] | Float32Array => {
    if (!layer.constants) return weightData(context, layer, part, [channels]);
    const given = layer.constants[part];
    if (given.length === channels) return given;
    if (given.length === 1) return new Array<number>(channels).fill(given[0]!);
    return refuse(layer, `${part} has ${given.length} values for ${channels} channels`);
  };
  const deviation = Float32Array.from(values("variance"), (value) => Math.max(Math.sqrt(value), 1e-7));
  const rank = x.shape.length;
  const centred = context.b.sub(x, channelConstant(context, `${layer.name}/mean`, values("mean"), rank));
  return context.b.div(centred, channelConstant(context, `${layer.name}/deviation`, deviation, rank));
}
