/** A trained model of another program as a base: its layers up to what its classifier reads. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { sha256File } from "../base/hash.ts";
import type { Candidate } from "../config/candidate.ts";
import { GraphBuilder } from "../engine/graph/index.ts";
import { decodeModel } from "../engine/onnx/index.ts";
import { readKerasModel } from "../keras/index.ts";
import {
  inputNames,
  type Layer,
  lowerNetwork,
  type Network,
  storedWeights,
  upToLayers,
  type Weights,
} from "../layers/index.ts";
import { addPhotoInput, type LoadedBase, pixelScales, poolFeatures, readModelFile } from "../models/index.ts";
import type { Preprocessing } from "../records/preprocessing.ts";
import { type ImportedNetwork, impliedScale, inputSide, refused } from "./graph.ts";
import { layersOfGraph } from "./layers-of-graph.ts";

/** Layers between the classifier's weights and the model's result. */
const closing: ReadonlySet<Layer["type"]> = new Set(["Softmax", "Dropout", "Identity", "Reshape", "Flatten"]);

/**
 * The network without the dense layer (or 1 x 1 convolution, as MobileNet has it) that ends it as a classifier, and
 * without the dropout before that; a network that ends in anything else, such as a base without its top, as it is. Pure.
 */
export function withoutClassifier(network: Network): Network {
  const byName = new Map(network.layers.map((layer) => [layer.name, layer]));
  const before = ({ inputs }: Layer) => byName.get(inputs[0]!)!;
  let layer = byName.get(network.outputs[0]!)!;
  while (closing.has(layer.type) || (layer.type === "Activation" && isOfResults(layer.activation.kind)))
    layer = before(layer);
  if (!isClassifier(layer)) return network;
  let features = before(layer);
  while (features.type === "Dropout" || features.type === "Identity") features = before(features);
  return upToLayers(network, [features.name]);
}

/** Functions that turn scores of classes into a result. */
function isOfResults(kind: string): boolean {
  return kind === "softmax" || kind === "linear" || kind === "sigmoid";
}

function isClassifier(layer: Layer): boolean {
  if (layer.type === "Conv2D") return layer.kernel.every((side) => side === 1) && isOfResults(layer.activation.kind);
  return layer.type === "Dense" && isOfResults(layer.activation.kind);
}

/** What is read of a file: its layers, and how photos entered. */
interface Read {
  readonly network: Network;
  readonly weights: Weights;
  readonly pixels: Pick<Preprocessing, "mean" | "std" | "resize">;
  /** Where it came from, in words. */
  readonly origin: string;
}

/**
 * Reads a Keras file, or a model file of fulcrum, as a base. Photos enter as they do where the model is served as it is:
 * those of a Keras file stretched, on the scale that its first layers tell.
 * @throws FILE_UNREADABLE, KERAS_FILE_INVALID, KERAS_MODEL_UNSUPPORTED, MODEL_FILE_INVALID, IMPORT_REFUSED,
 *   LAYER_INVALID, LAYER_WEIGHT_MISSING, LAYER_WEIGHT_SHAPE
 */
export async function importBase(
  path: string,
  { size }: Candidate["preprocessing"],
  signal?: AbortSignal,
): Promise<LoadedBase> {
  const read = path.endsWith(".onnx") ? await readModel(path) : await readKeras(path, signal);
  const { weights, pixels, origin } = read;
  const imported = { path, network: withoutClassifier(read.network), weights };
  const side = inputSide(imported);
  if (side !== null && size !== null && side !== size)
    throw refused(path, `the model is made for ${side} pixels, ${size} were asked for`);
  const inputSize = side ?? size;
  if (inputSize === null) throw refused(path, "the model leaves its input's size open. Say it with preprocessing.size");
  const { name } = read.network;
  const base: LoadedBase["base"] = {
    id: name,
    title: `${name} (${basename(path)})`,
    parameters: [...weights.values()].reduce((sum, { data }) => sum + data.length, 0),
    inputSize,
    featureCount: countFeatures(imported, inputSize),
    imagenetTop1: null,
    imagenetTop1Source: "imported: none known",
    ...pixels,
    network: () => imported.network,
    weights: {
      path,
      sha256: await sha256File(path),
      sizeBytes: (await stat(path)).size,
      licence: "the owner's",
      origin,
    },
  };
  return { base, weights };
}

async function readKeras(path: string, signal: AbortSignal | undefined): Promise<Read> {
  const { network, weights, format, kerasVersion } = await readKerasModel(path, { signal });
  const writer = kerasVersion === null ? "an unknown version of Keras" : `Keras ${kerasVersion}`;
  return {
    network,
    weights,
    pixels: { ...pixelScales[impliedScale(network)], resize: "stretch" },
    origin: `imported from ${basename(path)}, ${format}, written by ${writer}`,
  };
}

async function readModel(path: string): Promise<Read> {
  const { bytes, metadata } = await readModelFile(path);
  if (metadata.compression !== null) throw refused(path, "it is int8. Name the float model that it was made from");
  const { network, weights } = layersOfGraph(path, decodeModel(bytes).graph);
  const { mean, std, resize } = metadata.preprocessing[0]!;
  const { imported, training } = metadata;
  const maker = imported
    ? `which was imported from ${imported.file}`
    : `trained as ${training?.candidate ?? "unknown"}`;
  return { network, weights, pixels: { mean, std, resize }, origin: `model file ${basename(path)}, ${maker}` };
}

/** Length of the feature vector; also finds at once what cannot be lowered. */
function countFeatures({ path, network, weights }: ImportedNetwork, size: number): number {
  const b = new GraphBuilder();
  const image = addPhotoInput(b, { input: "image", size, mean: 0, std: 1 });
  const inputs = Object.fromEntries(inputNames(network).map((name) => [name, image]));
  const [result] = lowerNetwork(b, network, { inputs, weights: storedWeights(weights) }).outputs;
  const { shape } = result!;
  const count = shape.length === 4 || shape.length === 2 ? poolFeatures(b, result!).shape[1] : undefined;
  if (typeof count === "number") return count;
  throw refused(path, `what its classifier reads is [${shape}], a base gives [N, features] or a feature map`);
}
