/** MobileNetV2 (Sandler et al. 2018) without its top, layer by layer as keras.applications.mobilenet_v2 names it. Pure. */
import { type Network, relu6 } from "../layer.ts";
import { samePadding } from "../lower/padding.ts";
import { NetworkBuilder } from "../network-builder.ts";

const norm = { epsilon: 1e-3, momentum: 0.999 };

interface Block {
  readonly filters: number;
  readonly stride: number;
  readonly expansion: number;
}

/** Filters before the width multiplier, stride of the first block, expansion, number of blocks. */
const stages = [
  [16, 1, 1, 1],
  [24, 2, 6, 2],
  [32, 2, 6, 3],
  [64, 2, 6, 4],
  [96, 1, 6, 3],
  [160, 2, 6, 3],
  [320, 1, 6, 1],
] as const;

const blocks: readonly Block[] = stages.flatMap(([filters, stride, expansion, count]) =>
  Array.from({ length: count }, (_, i) => ({ filters, stride: i === 0 ? stride : 1, expansion })),
);

/** Length of the feature vector: the last convolution is widened, but never narrowed. */
export function mobileNetV2FeatureCount(alpha: number): number {
  return alpha > 1 ? divisibleBy8(1280 * alpha) : 1280;
}

/**
 * @param alpha width multiplier, > 0
 * @param size side of the input in pixels; odd and even sizes are padded differently at stride 2
 */
export function mobileNetV2(alpha: number, size: number): Network {
  const b = new NetworkBuilder();
  const input = b.input("input_1", [size, size, 3]);
  const stem = b.conv("Conv1", input, divisibleBy8(32 * alpha), { kernel: 3, stride: 2 });
  let x = b.activation("Conv1_relu", b.batchNorm("bn_Conv1", stem, norm), relu6);
  let channels = divisibleBy8(32 * alpha);
  let rows = Math.ceil(size / 2);
  for (const [index, block] of blocks.entries()) {
    const filters = divisibleBy8(Math.trunc(block.filters * alpha));
    x = addBlock(b, x, { ...block, index, filters, channels, size: rows });
    channels = filters;
    rows = Math.ceil(rows / block.stride);
  }
  const last = b.conv("Conv_1", x, mobileNetV2FeatureCount(alpha), { kernel: 1, padding: "valid" });
  return b.build("mobilenetv2", b.activation("out_relu", b.batchNorm("Conv_1_bn", last, norm), relu6));
}

interface PlacedBlock extends Block {
  readonly index: number;
  /** Of the block's input. */
  readonly channels: number;
  readonly size: number;
}

function addBlock(b: NetworkBuilder, input: string, block: PlacedBlock): string {
  const { index, filters, channels, stride, expansion, size } = block;
  const prefix = index === 0 ? "expanded_conv_" : `block_${index}_`;
  let x = input;
  if (index > 0) {
    x = b.conv(`${prefix}expand`, x, channels * expansion, { kernel: 1 });
    x = b.activation(`${prefix}expand_relu`, b.batchNorm(`${prefix}expand_BN`, x, norm), relu6);
  }
  if (stride === 2) x = b.zeroPadding(`${prefix}pad`, x, padBeforeStride(size));
  x = b.depthwise(`${prefix}depthwise`, x, { kernel: 3, stride, padding: stride === 2 ? "valid" : "same" });
  x = b.activation(`${prefix}depthwise_relu`, b.batchNorm(`${prefix}depthwise_BN`, x, norm), relu6);
  x = b.conv(`${prefix}project`, x, filters, { kernel: 1 });
  x = b.batchNorm(`${prefix}project_BN`, x, norm);
  return stride === 1 && channels === filters ? b.sum(`${prefix}add`, input, x) : x;
}

/** What keras.applications.imagenet_utils.correct_pad gives for a 3 x 3 kernel: TensorFlow's SAME at stride 2. */
function padBeforeStride(size: number): readonly [number, number, number, number] {
  const { before, after } = samePadding(size, 3, 2);
  return [before, before, after, after];
}

/** To the nearest multiple of 8, but never down by more than a tenth. */
function divisibleBy8(value: number): number {
  const rounded = Math.max(8, Math.trunc((value + 4) / 8) * 8);
  return rounded < 0.9 * value ? rounded + 8 : rounded;
}
