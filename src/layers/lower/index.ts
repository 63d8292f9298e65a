/** From a network to engine nodes: every layer with its exact meaning, folded for serving or open for training. */
import { type GraphBuilder, type Node, renderShape } from "../../engine/graph/index.ts";
import { FulcrumError, isFulcrumError } from "../../errors/index.ts";
import type { Layer, Network } from "../layer.ts";
import type { WeightSource } from "../weights.ts";
import { lowerActivation } from "./activation.ts";
import { type BatchStatistics, checkLastAxis, type LowerContext, type Parameter, refuse } from "./context.ts";
import { lowerConv2D, lowerDense, lowerDepthwise, lowerSeparable } from "./convolution.ts";
import { type FoldPlan, noFolds, planFolds } from "./fold.ts";
import { lowerConcatenate, lowerMerge } from "./merge.ts";
import { lowerBatchNorm, lowerNormalization, lowerRescaling } from "./normalization.ts";
import {
  lowerFlatten,
  lowerGlobalPooling,
  lowerPooling,
  lowerPRelu,
  lowerReshape,
  lowerZeroPadding,
} from "./picture.ts";

export type { BatchStatistics, Parameter } from "./context.ts";

export interface LowerOptions {
  /** The value of each network input, by its name: pictures as [N,C,H,W], vectors as [N,C]. */
  readonly inputs: Readonly<Record<string, Node>>;
  readonly weights: WeightSource;
  /** Goes before the names of nodes and parameters; default: the network's name and a slash. The slash keeps them apart from other nodes. */
  readonly prefix?: string;
  /**
   * serving (default): BatchNormalization and padding folded where that is exact. training: each layer by itself, only
   * with operations that have gradients; no folding, as weights are going to change.
   */
  readonly form?: "serving" | "training";
  /** Layers whose weights become inputs of the graph (form training). Moving statistics never do. */
  readonly trainable?: ReadonlySet<string>;
  /** BatchNormalization layers in training mode: they normalise by the batch's own statistics, and give them. */
  readonly batchStatistics?: ReadonlySet<string>;
}

export interface LoweredNetwork {
  /** Values of the network's outputs, in their order. */
  readonly outputs: readonly Node[];
  /** The value of each layer by its name. A layer that is folded into another has that one's. */
  readonly values: ReadonlyMap<string, Node>;
  /** Weights of trainable layers, in the layers' order. */
  readonly parameters: readonly Parameter[];
  readonly statistics: readonly BatchStatistics[];
}

/**
 * Adds a network's operations to a builder.
 * @throws LAYER_INVALID, LAYER_WEIGHT_MISSING, LAYER_WEIGHT_SHAPE naming the layer
 */
export function lowerNetwork(b: GraphBuilder, network: Network, options: LowerOptions): LoweredNetwork {
  const { inputs, weights, prefix = `${network.name}/`, form = "serving" } = options;
  const none: ReadonlySet<string> = new Set();
  const { trainable = none, batchStatistics = none } = options;
  const context: LowerContext = {
    b,
    prefix,
    weights,
    form,
    trainable,
    batchStatistics,
    parameters: [],
    statistics: [],
  };
  const plan = form === "serving" ? planFolds(network) : noFolds;
  const values = new Map<string, Node>();
  for (const layer of network.layers) {
    const read = layer.inputs.map((name) => values.get(name) ?? refuse(layer, `it reads ${name}, which is not there`));
    const value = layer.type === "Input" ? inputs[layer.name] : lowerChecked(context, layer, read, plan);
    values.set(layer.name, value ?? refuse(layer, "nothing is given for this input"));
  }
  return {
    outputs: network.outputs.map((name) => values.get(name)!),
    values,
    parameters: context.parameters,
    statistics: context.statistics,
  };
}

/** What the engine refuses is refused in the layer's name. */
function lowerChecked(context: LowerContext, layer: Layer, read: readonly Node[], plan: FoldPlan): Node {
  if (read.length === 0) refuse(layer, "it reads nothing");
  try {
    return lowerLayer(context, layer, read, plan);
  } catch (cause) {
    if (!isFulcrumError(cause, "ENGINE_GRAPH_INVALID")) throw cause;
    const problem = `${cause.message} Its input is ${read.map(({ shape }) => renderShape(shape)).join(", ")}`;
    throw new FulcrumError("LAYER_INVALID", { layer: layer.name, type: layer.type, problem }, { cause });
  }
}

function lowerLayer(context: LowerContext, layer: Layer, read: readonly Node[], plan: FoldPlan): Node {
  const x = read[0]!;
  if (plan.passed.has(layer.name)) {
    if (layer.type === "BatchNormalization") checkLastAxis(layer, x);
    return x;
  }
  switch (layer.type) {
    case "Conv2D":
      return lowerConv2D(context, layer, x, plan);
    case "DepthwiseConv2D":
      return lowerDepthwise(context, layer, x, plan);
    case "SeparableConv2D":
      return lowerSeparable(context, layer, x, plan);
    case "Dense":
      return lowerDense(context, layer, x, plan);
    case "BatchNormalization":
      return lowerBatchNorm(context, layer, x);
    case "Rescaling":
      return lowerRescaling(context, layer, x);
    case "Normalization":
      return lowerNormalization(context, layer, x);
    case "Activation":
      return lowerActivation(context.b, x, layer.activation);
    case "Softmax":
      checkLastAxis(layer, x);
      return lowerActivation(context.b, x, { kind: "softmax" });
    case "PReLU":
      return lowerPRelu(context, layer, x);
    case "ZeroPadding2D":
    case "Cropping2D":
      return lowerZeroPadding(context, layer, x);
    case "MaxPooling2D":
    case "AveragePooling2D":
      return lowerPooling(context, layer, x);
    case "GlobalAveragePooling2D":
    case "GlobalMaxPooling2D":
      return lowerGlobalPooling(context, layer, x);
    case "Flatten":
      return lowerFlatten(context, x);
    case "Reshape":
      return lowerReshape(context, layer, x);
    case "Concatenate":
      return lowerConcatenate(context, layer, read);
    case "Dropout":
    case "Identity":
    case "Input":
      return x;
    default:
      return lowerMerge(context, layer, read);
  }
}
