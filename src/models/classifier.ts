/**
 * Graphs of whole models: a base up to its features, and the classifier of one or several bases with a dense softmax
 * head. Photos enter as uint8 [N, size, size, 3]; the pixel scale is applied inside. Pure.
 */
import { type Graph, GraphBuilder, type Node } from "../engine/graph/index.ts";
import {
  inputNames,
  lowerNetwork,
  storedWeights,
  type Weight,
  type WeightSource,
  type Weights,
} from "../layers/index.ts";
import type { Preprocessing } from "../records/preprocessing.ts";
import type { TrainableBase } from "./bases.ts";
import { featuresOutput, probabilitiesOutput } from "./output-names.ts";
import type { ModelInputs } from "./preprocessing.ts";

const imagenetClasses = 1000;

/** A base with its weights. */
export interface LoadedBase {
  readonly base: TrainableBase;
  readonly weights: Weights;
}

/** A dense layer with softmax: probabilities = softmax(features kernel + bias). */
export interface DenseHead {
  /** [features, classes], row-major. */
  readonly kernel: Float32Array;
  /** [classes] */
  readonly bias: Float32Array;
}

/** Input `preprocessing.input` to output `features`. */
export function buildFeatureGraph(loaded: LoadedBase, preprocessing: Preprocessing): Graph {
  const b = new GraphBuilder();
  b.output(featuresOutput, addFeatures(b, loaded, addPhotoInput(b, preprocessing), preprocessing.size));
  return b.build(loaded.base.id);
}

type NetworkOf = Pick<TrainableBase, "id" | "network">;

/** As buildFeatureGraph, with weights from anywhere. */
export function buildFeatureGraphFrom(base: NetworkOf, weights: WeightSource, preprocessing: Preprocessing): Graph {
  const b = new GraphBuilder();
  const image = addPhotoInput(b, preprocessing);
  b.output(featuresOutput, addFeaturesFrom(b, base, weights, { image, size: preprocessing.size }));
  return b.build(base.id);
}

/** As buildFeatureGraph, with output `logits` [N, 1000] of the ImageNet classifier in addition. */
export function buildImagenetGraph(loaded: LoadedBase, preprocessing: Preprocessing): Graph {
  const b = new GraphBuilder();
  const features = addFeatures(b, loaded, addPhotoInput(b, preprocessing), preprocessing.size);
  b.output(featuresOutput, features);
  const weight = storedWeights(loaded.weights);
  const kernel = weight("predictions", "kernel", [loaded.base.featureCount, imagenetClasses]);
  const bias = weight("predictions", "bias", [imagenetClasses]);
  const constant = (name: string, { shape, data }: Weight) => b.constant(name, "float32", shape, data);
  b.output("logits", b.gemm(features, constant("predictions/kernel", kernel), constant("predictions/bias", bias)));
  return b.build(loaded.base.id);
}

/** The inputs to output `probabilities`; features of several bases are joined in their order. */
export function buildClassifierGraph(
  name: string,
  loadedBases: readonly LoadedBase[],
  { inputs, inputOfBase }: ModelInputs,
  head: DenseHead,
): Graph {
  const b = new GraphBuilder();
  const images = inputs.map((preprocessing) => addPhotoInput(b, preprocessing));
  const features = loadedBases.map((loaded, index) => {
    const input = inputOfBase[index]!;
    return addFeatures(b, loaded, images[input]!, inputs[input]!.size);
  });
  const joined = features.length === 1 ? features[0]! : b.concat(features, 1);
  const classes = head.bias.length;
  const kernel = b.constant("head.kernel", "float32", [head.kernel.length / classes, classes], head.kernel);
  const bias = b.constant("head.bias", "float32", [classes], head.bias);
  b.output(probabilitiesOutput, b.softmax(b.gemm(joined, kernel, bias, { name: "head" })));
  return b.build(name);
}

/** A photo input, normalised: uint8 [N, size, size, 3] to float32 [N, 3, size, size]. */
export function addPhotoInput(
  b: GraphBuilder,
  { input, size, mean, std }: Pick<Preprocessing, "input" | "size" | "mean" | "std">,
): Node {
  const photo = b.input(input, "uint8", ["N", size, size, 3]);
  const pixels = b.cast(b.transpose(photo, [0, 3, 1, 2]), "float32");
  return b.div(b.sub(pixels, b.scalar(mean)), b.scalar(std));
}

/** The base's features: its last feature map, averaged over the picture: [N, features]. */
function addFeatures(b: GraphBuilder, { base, weights }: LoadedBase, image: Node, size: number): Node {
  return addFeaturesFrom(b, base, storedWeights(weights), { image, size });
}

function addFeaturesFrom(
  b: GraphBuilder,
  base: NetworkOf,
  weights: WeightSource,
  { image, size }: { readonly image: Node; readonly size: number },
): Node {
  const network = base.network(size);
  const inputs = Object.fromEntries(inputNames(network).map((name) => [name, image]));
  const { outputs } = lowerNetwork(b, network, { inputs, weights, prefix: `${base.id}/` });
  return poolFeatures(b, outputs[0]!);
}

/** A feature map [N,C,H,W] averaged over the picture: [N, features]. What is [N, features] already stays. */
export function poolFeatures(b: GraphBuilder, map: Node): Node {
  return map.shape.length === 2 ? map : b.flatten(b.globalAveragePool(map));
}
