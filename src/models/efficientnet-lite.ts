/**
 * EfficientNet-Lite as a graph: EfficientNet-B0's inverted residual blocks without squeeze-excitation, ReLU6 for
 * swish, stem and head not scaled by width (Tan & Le 2019; Google's `efficientnet/lite`). Weights carry the names of
 * the PyTorch port, kernels in its layout [out, in, k, k]. Pure.
 */
import type { GraphBuilder, Node } from "../engine/graph/index.ts";
import { foldBatchNorm } from "./batch-norm.ts";
import type { Weight, Weights } from "./safetensors.ts";

export interface LiteVariant {
  readonly width: number;
  readonly depth: number;
  /** Side of the input that it was trained on, pixels. */
  readonly inputSize: number;
}

export const liteVariants = [
  { width: 1.0, depth: 1.0, inputSize: 224 },
  { width: 1.0, depth: 1.1, inputSize: 240 },
  { width: 1.1, depth: 1.2, inputSize: 260 },
] as const satisfies readonly LiteVariant[];

/** Length of the feature vector, for every variant. */
export const liteFeatureCount = 1280;
const stemChannels = 32;
const batchNormEpsilon = 1e-3;

interface Stage {
  readonly repeats: number;
  readonly kernel: number;
  /** Of the stage's first block; the others have 1. */
  readonly stride: number;
  readonly expansion: number;
  readonly channels: number;
}

const stages: readonly Stage[] = [
  { repeats: 1, kernel: 3, stride: 1, expansion: 1, channels: 16 },
  { repeats: 2, kernel: 3, stride: 2, expansion: 6, channels: 24 },
  { repeats: 2, kernel: 5, stride: 2, expansion: 6, channels: 40 },
  { repeats: 3, kernel: 3, stride: 2, expansion: 6, channels: 80 },
  { repeats: 3, kernel: 5, stride: 1, expansion: 6, channels: 112 },
  { repeats: 4, kernel: 5, stride: 2, expansion: 6, channels: 192 },
  { repeats: 1, kernel: 3, stride: 1, expansion: 6, channels: 320 },
];

interface Block {
  readonly kernel: number;
  readonly stride: number;
  readonly expansion: number;
  readonly inputChannels: number;
  readonly channels: number;
}

/** The blocks of a variant in order: widths rounded to 8, repeats rounded up except in the first and last stage. */
export function liteBlocks({ width, depth }: LiteVariant): readonly Block[] {
  let inputChannels = stemChannels;
  return stages.flatMap(({ repeats, kernel, stride, expansion, channels: unscaled }, stage) => {
    const fixed = stage === 0 || stage === stages.length - 1;
    const channels = roundChannels(unscaled * width);
    return Array.from({ length: fixed ? repeats : Math.ceil(repeats * depth) }, (_, i): Block => {
      const block = { kernel, stride: i === 0 ? stride : 1, expansion, inputChannels, channels };
      inputChannels = channels;
      return block;
    });
  });
}

/** To the nearest multiple of 8, but never down by more than a tenth. */
function roundChannels(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

/** A value [N, C, size, size] on its way through the network. */
interface Plane {
  readonly value: Node;
  readonly size: number;
}

interface ConvLayer {
  /** Name of the convolution and of its BatchNorm in the weights. */
  readonly conv: string;
  readonly norm: string;
  /** Shape of the kernel: [out, in / groups, k, k]. */
  readonly shape: readonly [number, number, number, number];
  readonly stride: number;
  readonly groups: number;
  readonly relu6: boolean;
}

/** Adds the layers of one network to a builder. */
class LiteNetwork {
  readonly #b: GraphBuilder;
  readonly #weights: Weights;
  readonly #prefix: string;

  constructor(b: GraphBuilder, weights: Weights, prefix: string) {
    this.#b = b;
    this.#weights = weights;
    this.#prefix = prefix;
  }

  /** Convolution with TensorFlow's SAME padding, BatchNorm folded into it, and ReLU6 where asked. */
  conv(x: Plane, { conv, norm, shape, stride, groups, relu6 }: ConvLayer): Plane {
    const { kernel, bias } = foldBatchNorm(this.weight(`${conv}.weight`, shape), this.#norm(norm, shape[0]));
    const { before, after, size } = samePadding(x.size, shape[2], stride);
    const value = this.#b.conv(
      x.value,
      this.#b.constant(`${this.#prefix}${conv}.weight`, "float32", shape, kernel),
      this.#b.constant(`${this.#prefix}${conv}.bias`, "float32", [shape[0]], bias),
      { strides: [stride, stride], pads: [before, before, after, after], group: groups },
    );
    return { value: relu6 ? this.#b.clip(value, 0, 6) : value, size };
  }

  /** Expansion 1x1, depthwise kxk, projection 1x1, and the shortcut where shapes allow it. */
  block(x: Plane, index: number, { kernel, stride, expansion, inputChannels, channels }: Block): Plane {
    const name = (part: string) => `_blocks.${index}.${part}`;
    const wide = inputChannels * expansion;
    const pointwise = { stride: 1, groups: 1 };
    let y = x;
    if (expansion !== 1) {
      const shape = [wide, inputChannels, 1, 1] as const;
      y = this.conv(y, { conv: name("_expand_conv"), norm: name("_bn0"), shape, ...pointwise, relu6: true });
    }
    y = this.conv(y, {
      conv: name("_depthwise_conv"),
      norm: name("_bn1"),
      shape: [wide, 1, kernel, kernel],
      stride,
      groups: wide,
      relu6: true,
    });
    const shape = [channels, wide, 1, 1] as const;
    y = this.conv(y, { conv: name("_project_conv"), norm: name("_bn2"), shape, ...pointwise, relu6: false });
    const shortcut = stride === 1 && inputChannels === channels;
    return shortcut ? { ...y, value: this.#b.add(y.value, x.value) } : y;
  }

  /** A weight of the expected shape. The file's hash was checked, so another shape is a bug. */
  weight(name: string, shape: readonly number[]): Weight {
    const weight = this.#weights.get(name);
    if (!weight || weight.shape.join() !== shape.join()) {
      throw new Error(`weight ${name} is [${weight?.shape ?? "missing"}], expected [${shape}]`);
    }
    return weight;
  }

  #norm(name: string, channels: number) {
    const vector = (part: string) => this.weight(`${name}.${part}`, [channels]).data;
    return {
      gamma: vector("weight"),
      beta: vector("bias"),
      mean: vector("running_mean"),
      variance: vector("running_var"),
      epsilon: batchNormEpsilon,
    };
  }
}

/**
 * The network up to its pooled features.
 * @param image [N, 3, size, size], normalised
 * @param size side of the input, which SAME padding depends on
 * @param prefix goes before the names of the constants
 * @returns features [N, 1280]
 */
export function buildLiteFeatures(
  b: GraphBuilder,
  variant: LiteVariant,
  weights: Weights,
  { image, size, prefix }: { image: Node; size: number; prefix: string },
): Node {
  const network = new LiteNetwork(b, weights, prefix);
  const stem = { conv: "_conv_stem", norm: "_bn0", stride: 2, groups: 1, relu6: true } as const;
  let x = network.conv({ value: image, size }, { ...stem, shape: [stemChannels, 3, 3, 3] });
  for (const [index, block] of liteBlocks(variant).entries()) x = network.block(x, index, block);
  const channels = liteBlocks(variant).at(-1)!.channels;
  const head = { conv: "_conv_head", norm: "_bn1", stride: 1, groups: 1, relu6: true } as const;
  x = network.conv(x, { ...head, shape: [liteFeatureCount, channels, 1, 1] });
  return b.flatten(b.globalAveragePool(x.value));
}

/** ImageNet logits [N, 1000] from features: the classifier that the base was trained with. */
export function buildLiteLogits(b: GraphBuilder, weights: Weights, features: Node): Node {
  const network = new LiteNetwork(b, weights, "");
  const kernel = network.weight("_fc.weight", [1000, liteFeatureCount]);
  const bias = network.weight("_fc.bias", [1000]);
  return b.gemm(
    features,
    b.constant("_fc.weight", "float32", kernel.shape, kernel.data),
    b.constant("_fc.bias", "float32", bias.shape, bias.data),
    { transB: true },
  );
}

/** TensorFlow's SAME padding along one axis: the output is ceil(size / stride), the odd pixel goes to the end. */
export function samePadding(
  size: number,
  kernel: number,
  stride: number,
): { before: number; after: number; size: number } {
  const output = Math.ceil(size / stride);
  const total = Math.max((output - 1) * stride + kernel - size, 0);
  const before = Math.floor(total / 2);
  return { before, after: total - before, size: output };
}
