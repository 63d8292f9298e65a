/** Which layers of a network disappear into others when it is lowered for serving. Pure. */
import type { Layer, LayerOf, Network } from "../layer.ts";

export interface FoldPlan {
  /** By the name of a convolution or dense layer: the BatchNormalization that is folded into it. */
  readonly normOf: ReadonlyMap<string, LayerOf<"BatchNormalization">>;
  /** By the name of a convolution: the ZeroPadding2D before it whose amounts become its pads. */
  readonly paddingOf: ReadonlyMap<string, LayerOf<"ZeroPadding2D">>;
  /** Layers that pass on their input's value. */
  readonly passed: ReadonlySet<string>;
}

export const noFolds: FoldPlan = { normOf: new Map(), paddingOf: new Map(), passed: new Set() };

/**
 * BatchNormalization goes into the linear layer before it where nothing else reads that layer; zero padding goes into
 * a convolution without padding of its own, where nothing else reads the padded picture.
 */
export function planFolds({ layers, outputs }: Network): FoldPlan {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const readers = new Map<string, number>();
  for (const name of [...layers.flatMap(({ inputs }) => inputs), ...outputs]) {
    readers.set(name, (readers.get(name) ?? 0) + 1);
  }
  const normOf = new Map<string, LayerOf<"BatchNormalization">>();
  const paddingOf = new Map<string, LayerOf<"ZeroPadding2D">>();
  const passed = new Set<string>();
  for (const layer of layers) {
    const before = byName.get(layer.inputs[0] ?? "");
    if (!before || readers.get(before.name) !== 1) continue;
    if (layer.type === "BatchNormalization" && isLinear(before)) {
      normOf.set(before.name, layer);
      passed.add(layer.name);
    }
    if (isZeroPadding(before) && isConvolution(layer) && layer.padding === "valid") {
      paddingOf.set(layer.name, before);
      passed.add(before.name);
    }
  }
  return { normOf, paddingOf, passed };
}

type Convolution = LayerOf<"Conv2D"> | LayerOf<"DepthwiseConv2D"> | LayerOf<"SeparableConv2D">;

function isConvolution(layer: Layer): layer is Convolution {
  return layer.type === "Conv2D" || layer.type === "DepthwiseConv2D" || layer.type === "SeparableConv2D";
}

function isZeroPadding(layer: Layer): layer is LayerOf<"ZeroPadding2D"> {
  return layer.type === "ZeroPadding2D";
}

function isLinear(layer: Layer): boolean {
  return (isConvolution(layer) || layer.type === "Dense") && layer.activation.kind === "linear";
}
