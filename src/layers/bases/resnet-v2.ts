/** ResNet50V2, 101V2 and 152V2 (He et al. 2016) without top, as keras.applications.resnet_v2 names their layers. Pure. */
import { type Network, relu } from "../layer.ts";
import { NetworkBuilder } from "../network-builder.ts";

const norm = { epsilon: 1.001e-5, momentum: 0.99 };

/** Blocks of each stage. */
export const resNetV2Depths = {
  resnet50v2: [3, 4, 6, 3],
  resnet101v2: [3, 4, 23, 3],
  resnet152v2: [3, 8, 36, 3],
} as const;

export const resNetV2FeatureCount = 2048;

/** @param size side of the input in pixels */
export function resNetV2(id: keyof typeof resNetV2Depths, size: number): Network {
  const b = new NetworkBuilder();
  let x = b.zeroPadding("conv1_pad", b.input("input_1", [size, size, 3]), [3, 3, 3, 3]);
  x = b.conv("conv1_conv", x, 64, { kernel: 7, stride: 2, padding: "valid", useBias: true });
  x = b.zeroPadding("pool1_pad", x, [1, 1, 1, 1]);
  x = b.add("pool1_pool", { type: "MaxPooling2D", size: [3, 3], strides: [2, 2], padding: "valid" }, [x]);
  for (const [stage, count] of resNetV2Depths[id].entries()) {
    const stride = stage === 3 ? 1 : 2;
    for (let i = 1; i <= count; i++) {
      const name = `conv${stage + 2}_block${i}`;
      const isFirst = i === 1;
      // The last block of a stage halves the picture.
      x = addBlock(b, x, { name, filters: 64 * 2 ** stage, stride: i === count ? stride : 1, isFirst });
    }
  }
  return b.build(id, b.activation("post_relu", b.batchNorm("post_bn", x, norm), relu));
}

interface Block {
  readonly name: string;
  readonly filters: number;
  readonly stride: number;
  /** The first of its stage: its shortcut is a convolution. */
  readonly isFirst: boolean;
}

function addBlock(b: NetworkBuilder, input: string, { name, filters, stride, isFirst }: Block): string {
  const normAndRelu = (part: string, x: string) =>
    b.activation(`${name}_${part}_relu`, b.batchNorm(`${name}_${part}_bn`, x, norm), relu);
  const before = normAndRelu("preact", input);
  const shortcut = addShortcut(b, input, before, { name, filters, stride, isFirst });
  let x = normAndRelu("1", b.conv(`${name}_1_conv`, before, filters, { kernel: 1, padding: "valid" }));
  x = b.zeroPadding(`${name}_2_pad`, x, [1, 1, 1, 1]);
  x = normAndRelu("2", b.conv(`${name}_2_conv`, x, filters, { kernel: 3, stride, padding: "valid" }));
  x = b.conv(`${name}_3_conv`, x, 4 * filters, { kernel: 1, padding: "valid", useBias: true });
  return b.sum(`${name}_out`, shortcut, x);
}

function addShortcut(
  b: NetworkBuilder,
  input: string,
  normalized: string,
  { name, filters, stride, isFirst }: Block,
): string {
  if (isFirst) {
    const options = { kernel: 1, stride, padding: "valid", useBias: true } as const;
    return b.conv(`${name}_0_conv`, normalized, 4 * filters, options);
  }
  if (stride === 1) return input;
  // keras.applications gives this layer no name of its own: max_pooling2d, max_pooling2d_1 ... in order of creation.
  const window = { type: "MaxPooling2D", size: [1, 1], strides: [stride, stride], padding: "valid" } as const;
  const stage = Number(/^conv(\d)/.exec(name)![1]) - 2;
  return b.add(stage === 0 ? "max_pooling2d" : `max_pooling2d_${stage}`, window, [input]);
}
