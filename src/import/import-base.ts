/** A trained model of another program as a base: its layers up to what its classifier reads. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { sha256File } from "../base/hash.ts";
import type { Candidate } from "../config/candidate.ts";
import { GraphBuilder } from "../engine/graph/index.ts";
import { readKerasModel } from "../keras/index.ts";
import { inputNames, type Layer, lowerNetwork, type Network, storedWeights, upToLayers } from "../layers/index.ts";
import { addPhotoInput, type LoadedBase, pixelScales, poolFeatures } from "../models/index.ts";
import { type ImportedNetwork, impliedScale, inputSide, refused } from "./graph.ts";

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

/**
 * Reads a Keras file as a base. Photos enter as they do where the model is served as it is: stretched, on the scale that
 * its first layers tell.
 * @throws FILE_UNREADABLE, KERAS_FILE_INVALID, KERAS_MODEL_UNSUPPORTED, IMPORT_REFUSED, LAYER_INVALID,
 *   LAYER_WEIGHT_MISSING, LAYER_WEIGHT_SHAPE
 */
export async function importBase(
  path: string,
  { size }: Candidate["preprocessing"],
  signal?: AbortSignal,
): Promise<LoadedBase> {
  const { network: whole, weights, format, kerasVersion } = await readKerasModel(path, { signal });
  const imported = { path, network: withoutClassifier(whole), weights };
  const side = inputSide(imported);
  if (side !== null && size !== null && side !== size)
    throw refused(path, `the model is made for ${side} pixels, ${size} were asked for`);
  const inputSize = side ?? size;
  if (inputSize === null) throw refused(path, "the model leaves its input's size open. Say it with preprocessing.size");
  const file = basename(path);
  const writer = kerasVersion === null ? "an unknown version of Keras" : `Keras ${kerasVersion}`;
  const base: LoadedBase["base"] = {
    id: whole.name,
    title: `${whole.name} (${file})`,
    parameters: [...weights.values()].reduce((sum, { data }) => sum + data.length, 0),
    inputSize,
    featureCount: countFeatures(imported, inputSize),
    imagenetTop1: null,
    imagenetTop1Source: "imported: none known",
    ...pixelScales[impliedScale(whole)],
    resize: "stretch",
    network: () => imported.network,
    weights: {
      path,
      sha256: await sha256File(path),
      sizeBytes: (await stat(path)).size,
      licence: "the owner's",
      origin: `imported from ${file}, ${format}, written by ${writer}`,
    },
  };
  return { base, weights };
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
