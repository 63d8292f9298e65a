/** Convolutions and dense layers, with a BatchNormalization folded into them where the plan says so. */
import type { Node } from "../../engine/graph/index.ts";
import type { LayerOf, Pair } from "../layer.ts";
import { lowerActivation } from "./activation.ts";
import { channelsOf, type LowerContext, pictureSize, refuse, weightData, weightNode } from "./context.ts";
import type { FoldPlan } from "./fold.ts";
import { affineOf } from "./normalization.ts";
import { windowPads } from "./padding.ts";

type Convolution = LayerOf<"Conv2D"> | LayerOf<"DepthwiseConv2D"> | LayerOf<"SeparableConv2D">;
type Linear = Convolution | LayerOf<"Dense">;

interface Kernel {
  readonly weight: string;
  readonly shape: readonly number[];
  /** Axis of the outputs. */
  readonly outputAxis: 0 | 1;
}

/** Kernel and bias as nodes; folded in float64 and rounded once where a normalisation goes into them. */
function linearWeights(
  context: LowerContext,
  layer: Linear,
  kernel: Kernel,
  plan: FoldPlan,
): { weight: Node; bias: Node | null } {
  const { b, prefix } = context;
  const outputs = kernel.shape[kernel.outputAxis]!;
  const norm = plan.normOf.get(layer.name);
  if (!norm) {
    const weight = weightNode(context, layer, kernel.weight, kernel.shape);
    return { weight, bias: layer.useBias ? weightNode(context, layer, "bias", [outputs]) : null };
  }
  const { scale, shift } = affineOf(context, norm, outputs);
  const data = weightData(context, layer, kernel.weight, kernel.shape);
  const own = layer.useBias ? weightData(context, layer, "bias", [outputs]) : null;
  const inner = kernel.outputAxis === 0 ? data.length / outputs : 1;
  const folded = scaledByOutput(data, scale, inner);
  const bias = Float32Array.from(shift, (value, i) => value + scale[i]! * (own?.[i] ?? 0));
  return {
    weight: b.constant(`${prefix}${layer.name}/${kernel.weight}`, "float32", kernel.shape, folded),
    bias: b.constant(`${prefix}${layer.name}/bias`, "float32", [outputs], bias),
  };
}

/** Each run of `inner` values times the factor of its output; runs go around the outputs. */
function scaledByOutput(data: Float32Array, scale: Float64Array, inner: number): Float32Array {
  const scaled = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += inner) {
    const factor = scale[(start / inner) % scale.length]!;
    for (let i = start; i < start + inner; i++) scaled[i] = data[i]! * factor;
  }
  return scaled;
}

interface Placement {
  readonly pads: readonly [number, number, number, number];
  readonly strides: Pair;
  readonly dilations: Pair;
}

function placementOf(layer: Convolution, x: Node, plan: FoldPlan): Placement {
  const pads = plan.paddingOf.get(layer.name)?.amounts ?? windowPads(pictureSize(layer, x), layer);
  return { pads, strides: layer.strides, dilations: layer.dilation };
}

export function lowerConv2D(context: LowerContext, layer: LayerOf<"Conv2D">, x: Node, plan: FoldPlan): Node {
  const placement = placementOf(layer, x, plan);
  const channels = channelsOf(layer, x);
  const { groups, filters, kernel } = layer;
  if (channels % groups !== 0) refuse(layer, `${channels} channels cannot be divided into ${groups} groups`);
  const shape = [filters, channels / groups, ...kernel];
  const { weight, bias } = linearWeights(context, layer, { weight: "kernel", shape, outputAxis: 0 }, plan);
  const options = { ...placement, group: groups, name: context.prefix + layer.name };
  return lowerActivation(context.b, context.b.conv(x, weight, bias, options), layer.activation);
}

export function lowerDepthwise(
  context: LowerContext,
  layer: LayerOf<"DepthwiseConv2D">,
  x: Node,
  plan: FoldPlan,
): Node {
  const placement = placementOf(layer, x, plan);
  const channels = channelsOf(layer, x);
  const shape = [channels * layer.multiplier, 1, ...layer.kernel];
  const kernel: Kernel = { weight: "depthwise_kernel", shape, outputAxis: 0 };
  const { weight, bias } = linearWeights(context, layer, kernel, plan);
  const options = { ...placement, group: channels, name: context.prefix + layer.name };
  return lowerActivation(context.b, context.b.conv(x, weight, bias, options), layer.activation);
}

/** Depthwise, then 1 x 1; the bias and the activation belong to the second. */
export function lowerSeparable(
  context: LowerContext,
  layer: LayerOf<"SeparableConv2D">,
  x: Node,
  plan: FoldPlan,
): Node {
  const { b, prefix } = context;
  const placement = placementOf(layer, x, plan);
  const channels = channelsOf(layer, x);
  const wide = channels * layer.multiplier;
  const depthwise = weightNode(context, layer, "depthwise_kernel", [wide, 1, ...layer.kernel]);
  const options = { ...placement, group: channels, name: `${prefix}${layer.name}/depthwise` };
  const middle = b.conv(x, depthwise, null, options);
  const kernel: Kernel = { weight: "pointwise_kernel", shape: [layer.filters, wide, 1, 1], outputAxis: 0 };
  const { weight, bias } = linearWeights(context, layer, kernel, plan);
  return lowerActivation(b, b.conv(middle, weight, bias, { name: prefix + layer.name }), layer.activation);
}

/** A matrix product; on a picture, over its channels. */
export function lowerDense(context: LowerContext, layer: LayerOf<"Dense">, x: Node, plan: FoldPlan): Node {
  const { b } = context;
  const isPicture = x.shape.length === 4;
  if (!isPicture && x.shape.length !== 2) refuse(layer, `its input has ${x.shape.length} dimensions, only 2 or 4 work`);
  const flat = isPicture ? b.transpose(x, [0, 2, 3, 1]) : x;
  const shape = [channelsOf(layer, x), layer.units];
  const { weight, bias } = linearWeights(context, layer, { weight: "kernel", shape, outputAxis: 1 }, plan);
  const name = context.prefix + layer.name;
  if (!isPicture) return lowerActivation(b, b.gemm(flat, weight, bias, { name }), layer.activation);
  const product = b.matMul(flat, weight, { name });
  const shifted = bias === null ? product : b.add(product, bias);
  return lowerActivation(b, b.transpose(shifted, [0, 3, 1, 2]), layer.activation);
}
