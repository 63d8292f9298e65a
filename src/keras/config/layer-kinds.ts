/** Layers of Keras, by class: from configuration to what the layer computes. The table is closed. Pure. */
import type { LayerKind } from "../../layers/index.ts";
import { activationOf } from "./activations.ts";
import type { LayerConfig } from "./values.ts";

type Reader = (layer: LayerConfig) => LayerKind;

const identity: Reader = () => ({ type: "Identity" });
const dropout: Reader = (layer) => ({ type: "Dropout", rate: layer.number("rate", 0) });

function merge(type: "Add" | "Subtract" | "Multiply" | "Average" | "Maximum" | "Minimum"): Reader {
  return () => ({ type });
}

/** What the three convolutions share. */
function convolution(layer: LayerConfig) {
  layer.checkChannelsLast();
  return {
    kernel: layer.pair("kernel_size"),
    strides: layer.pair("strides", [1, 1]),
    padding: layer.padding(),
    dilation: layer.pair("dilation_rate", [1, 1]),
    useBias: layer.flag("use_bias", true),
    activation: activationOf(layer),
  };
}

function pooling(type: "MaxPooling2D" | "AveragePooling2D"): Reader {
  return (layer) => {
    layer.checkChannelsLast();
    const size = layer.pair("pool_size", [2, 2]);
    return { type, size, strides: layer.pair("strides", size), padding: layer.padding() };
  };
}

function globalPooling(type: "GlobalAveragePooling2D" | "GlobalMaxPooling2D"): Reader {
  return (layer) => {
    layer.checkChannelsLast();
    return { type, keepDims: layer.flag("keepdims", false) };
  };
}

function sides(type: "ZeroPadding2D" | "Cropping2D", key: string): Reader {
  return (layer) => {
    layer.checkChannelsLast();
    return { type, amounts: layer.raw(key) === null && type === "Cropping2D" ? [0, 0, 0, 0] : layer.sides(key) };
  };
}

const batchNormalization: Reader = (layer) => {
  if (layer.raw("renorm") === true) layer.fail("renorm is not read");
  if (layer.raw("virtual_batch_size") !== null) layer.fail("virtual_batch_size is not read");
  return {
    type: "BatchNormalization",
    axis: layer.axis("axis", -1),
    epsilon: layer.number("epsilon", 1e-3),
    momentum: layer.number("momentum", 0.99),
    center: layer.flag("center", true),
    scale: layer.flag("scale", true),
  };
};

const normalization: Reader = (layer) => {
  if (layer.raw("invert") === true) layer.fail("invert is not read");
  const isGiven = layer.raw("mean") !== null && layer.raw("variance") !== null;
  const constants = isGiven ? { mean: layer.numbers("mean"), variance: layer.numbers("variance") } : null;
  return { type: "Normalization", axis: layer.axis("axis", -1), constants };
};

const relu: Reader = (layer) => {
  const maxValue = layer.optionalNumber("max_value");
  const [negativeSlope, threshold] = [layer.number("negative_slope", 0), layer.number("threshold", 0)];
  return { type: "Activation", activation: { kind: "relu", maxValue, negativeSlope, threshold } };
};

/** Keras 2 names the slope alpha. */
const leakyRelu: Reader = (layer) => {
  const negativeSlope = layer.optionalNumber("negative_slope") ?? layer.number("alpha", 0.3);
  return { type: "Activation", activation: { kind: "relu", maxValue: null, negativeSlope, threshold: 0 } };
};

const readers: Readonly<Record<string, Reader>> = {
  Conv2D: (layer) => ({
    type: "Conv2D",
    ...convolution(layer),
    filters: layer.count("filters"),
    groups: layer.count("groups", 1),
  }),
  DepthwiseConv2D: (layer) => ({
    type: "DepthwiseConv2D",
    ...convolution(layer),
    multiplier: layer.count("depth_multiplier", 1),
  }),
  SeparableConv2D: (layer) => ({
    type: "SeparableConv2D",
    ...convolution(layer),
    filters: layer.count("filters"),
    multiplier: layer.count("depth_multiplier", 1),
  }),
  Dense: (layer) => ({
    type: "Dense",
    units: layer.count("units"),
    useBias: layer.flag("use_bias", true),
    activation: activationOf(layer),
  }),
  BatchNormalization: batchNormalization,
  Normalization: normalization,
  Rescaling: (layer) => ({ type: "Rescaling", scale: layer.numbers("scale"), offset: offsets(layer) }),
  Activation: (layer) => ({ type: "Activation", activation: activationOf(layer) }),
  ReLU: relu,
  LeakyReLU: leakyRelu,
  ELU: (layer) => ({ type: "Activation", activation: { kind: "elu", alpha: layer.number("alpha", 1) } }),
  PReLU: (layer) => ({
    type: "PReLU",
    sharedAxes: layer.raw("shared_axes") === null ? [] : layer.integers("shared_axes"),
  }),
  Softmax: (layer) => ({ type: "Softmax", axis: layer.axis("axis", -1) }),
  ZeroPadding2D: sides("ZeroPadding2D", "padding"),
  Cropping2D: sides("Cropping2D", "cropping"),
  MaxPooling2D: pooling("MaxPooling2D"),
  AveragePooling2D: pooling("AveragePooling2D"),
  GlobalAveragePooling2D: globalPooling("GlobalAveragePooling2D"),
  GlobalMaxPooling2D: globalPooling("GlobalMaxPooling2D"),
  Add: merge("Add"),
  Subtract: merge("Subtract"),
  Multiply: merge("Multiply"),
  Average: merge("Average"),
  Maximum: merge("Maximum"),
  Minimum: merge("Minimum"),
  Concatenate: (layer) => ({ type: "Concatenate", axis: layer.axis("axis", -1) }),
  Flatten: (layer) => {
    layer.checkChannelsLast();
    return { type: "Flatten" };
  },
  Reshape: (layer) => ({ type: "Reshape", shape: layer.integers("target_shape") }),
  Dropout: dropout,
  SpatialDropout2D: dropout,
  GaussianDropout: identity,
  GaussianNoise: identity,
  AlphaDropout: identity,
  ActivityRegularization: identity,
  // Augmentation: nothing at inference.
  RandomFlip: identity,
  RandomRotation: identity,
  RandomTranslation: identity,
  RandomZoom: identity,
  RandomContrast: identity,
  RandomBrightness: identity,
};

function offsets(layer: LayerConfig): readonly number[] {
  return layer.raw("offset") === null ? [0] : layer.numbers("offset");
}

/** Classes that are read, for messages and docs. */
export const layerClasses: readonly string[] = ["InputLayer", "Sequential", "Functional", ...Object.keys(readers)];

/** @throws KerasProblem naming the layer and its class */
export function layerKind(layer: LayerConfig): LayerKind {
  const reader = Object.hasOwn(readers, layer.className) ? readers[layer.className] : undefined;
  return reader ? reader(layer) : layer.fail("layers of this class are not read");
}
