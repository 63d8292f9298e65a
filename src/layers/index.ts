/** Networks as Keras counts them: layers, base models, weights, and the way to engine graphs. */
export { efficientNetLite, type LiteVariant, liteFeatureCount, liteVariants } from "./bases/efficientnet-lite.ts";
export { mobileNetV2, mobileNetV2FeatureCount } from "./bases/mobilenet-v2.ts";
export { resNetV2, resNetV2Depths, resNetV2FeatureCount } from "./bases/resnet-v2.ts";
export type { Activation, Layer, LayerKind, LayerOf, LayerType, Network, Padding, Pair } from "./layer.ts";
export { linear, relu } from "./layer.ts";
export {
  type BatchStatistics,
  type LoweredNetwork,
  type LowerOptions,
  lowerNetwork,
  type Parameter,
} from "./lower/index.ts";
export { inputNames, type SplitNetwork, splitNetwork, upToLayers } from "./network.ts";
export { inKerasOrder } from "./order.ts";
export { parseSafetensors, parseTensors } from "./safetensors.ts";
export {
  fromKerasLayout,
  type KernelLayout,
  randomWeights,
  storedWeights,
  toKerasLayout,
  type Weight,
  type WeightSource,
  type Weights,
} from "./weights.ts";
