/**
 * EfficientNet-Lite: EfficientNet-B0's inverted residual blocks without squeeze-excitation, ReLU6 for swish, stem and
 * head not scaled by width (Tan & Le 2019; Google's `efficientnet/lite`). Keras has no such model; the layers are named
 * in its manner. Pure.
 */
import { type Network, relu6 } from "../layer.ts";
import { NetworkBuilder } from "../network-builder.ts";

export interface LiteVariant {
  readonly width: number;
  readonly depth: number;
  /** Side of the input that it was trained on, pixels. */
  readonly inputSize: number;
}

/** Lite0 to Lite4 (efficientnet_lite_builder.py, efficientnet_lite_params). */
export const liteVariants = [
  { width: 1.0, depth: 1.0, inputSize: 224 },
  { width: 1.0, depth: 1.1, inputSize: 240 },
  { width: 1.1, depth: 1.2, inputSize: 260 },
  { width: 1.2, depth: 1.4, inputSize: 280 },
  { width: 1.4, depth: 1.8, inputSize: 300 },
] as const satisfies readonly LiteVariant[];

/** Length of the feature vector, for every variant. */
export const liteFeatureCount = 1280;
const stemChannels = 32;
const norm = { epsilon: 1e-3, momentum: 0.99 };

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
export function liteBlocks({ width, depth }: Pick<LiteVariant, "width" | "depth">): readonly Block[] {
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

/** @param size side of the input in pixels, which is normalised */
export function efficientNetLite(name: string, variant: LiteVariant, size: number): Network {
  const b = new NetworkBuilder();
  const normed = (part: string, x: string) => b.batchNorm(part, x, norm);
  let x = b.conv("stem_conv", b.input("image", [size, size, 3]), stemChannels, { kernel: 3, stride: 2 });
  x = b.activation("stem_relu", normed("stem_bn", x), relu6);
  for (const [index, block] of liteBlocks(variant).entries()) x = addBlock(b, x, index, block);
  x = normed("head_bn", b.conv("head_conv", x, liteFeatureCount, { kernel: 1 }));
  return b.build(name, b.activation("head_relu", x, relu6));
}

/** Expansion 1x1, depthwise kxk, projection 1x1, and the shortcut where shapes allow it. */
function addBlock(b: NetworkBuilder, input: string, index: number, block: Block): string {
  const { kernel, stride, expansion, inputChannels, channels } = block;
  const name = `block${index}_`;
  let x = input;
  if (expansion !== 1) {
    x = b.conv(`${name}expand_conv`, x, inputChannels * expansion, { kernel: 1 });
    x = b.activation(`${name}expand_relu`, b.batchNorm(`${name}expand_bn`, x, norm), relu6);
  }
  x = b.depthwise(`${name}dwconv`, x, { kernel, stride });
  x = b.activation(`${name}dw_relu`, b.batchNorm(`${name}dw_bn`, x, norm), relu6);
  x = b.conv(`${name}project_conv`, x, channels, { kernel: 1 });
  x = b.batchNorm(`${name}project_bn`, x, norm);
  return stride === 1 && inputChannels === channels ? b.sum(`${name}add`, input, x) : x;
}
