/** The weights of a layer in Keras' order, which files without names go by. Pure. */
import type { KernelLayout, LayerKind } from "../../layers/index.ts";

export interface WeightSlot {
  readonly weight: string;
  /** Keras 3 calls a depthwise kernel just a kernel. */
  readonly alias?: string;
  /** null: laid out as the engine has it. */
  readonly layout: KernelLayout | null;
}

const plain = (weight: string): WeightSlot => ({ weight, layout: null });
const depthwise: WeightSlot = { weight: "depthwise_kernel", alias: "kernel", layout: "depthwise" };

export function weightSlots(kind: LayerKind): readonly WeightSlot[] {
  switch (kind.type) {
    case "Conv2D":
      return [{ weight: "kernel", layout: "convolution" }, ...biasOf(kind)];
    case "DepthwiseConv2D":
      return [depthwise, ...biasOf(kind)];
    case "SeparableConv2D":
      return [
        { weight: "depthwise_kernel", layout: "depthwise" },
        { weight: "pointwise_kernel", layout: "convolution" },
        ...biasOf(kind),
      ];
    case "Dense":
      return [plain("kernel"), ...biasOf(kind)];
    case "BatchNormalization":
      return [
        ...(kind.scale ? [plain("gamma")] : []),
        ...(kind.center ? [plain("beta")] : []),
        plain("moving_mean"),
        plain("moving_variance"),
      ];
    case "PReLU":
      return [plain("alpha")];
    case "Normalization":
      return kind.constants ? [] : [plain("mean"), plain("variance")];
    default:
      return [];
  }
}

function biasOf({ useBias }: { readonly useBias: boolean }): readonly WeightSlot[] {
  return useBias ? [plain("bias")] : [];
}
