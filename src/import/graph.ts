/** From an imported network to the classifier that fulcrum runs: a photo in, probabilities out. Pure. */
import { type Graph, GraphBuilder, type Node } from "../engine/graph/index.ts";
import { FulcrumError } from "../errors/index.ts";
import { inputNames, type LayerOf, lowerNetwork, type Network, storedWeights, type Weights } from "../layers/index.ts";
import { addPhotoInput, type PixelScale, probabilitiesOutput } from "../models/index.ts";
import type { Preprocessing } from "../records/preprocessing.ts";

export interface ImportedNetwork {
  /** Named in errors. */
  readonly path: string;
  readonly network: Network;
  readonly weights: Weights;
}

/** Rescaling factors below this only make sense for pixels on 0..255. */
const byteRescaling = 1 / 50;

/**
 * The scale that a network's own first layers tell: one that begins by scaling down bytes takes bytes; else 0..1, which
 * `ImageDataGenerator(rescale=1/255)` and the original's server give.
 */
export function impliedScale({ layers }: Network): PixelScale {
  const isScaling = ({ type, ...layer }: LayerOf<"Rescaling"> | Network["layers"][number]) =>
    type === "Rescaling" && Math.abs((layer as { scale: readonly number[] }).scale[0]!) < byteRescaling;
  const before = layers.findIndex(({ type }) => type === "Conv2D" || type === "Dense" || type === "SeparableConv2D");
  return layers.slice(0, Math.max(before, 0)).some(isScaling) ? "byte" : "unit";
}

/** Side of the square input that the network is made for; null where the file leaves it open. @throws IMPORT_REFUSED */
export function inputSide({ path, network }: ImportedNetwork): number | null {
  const inputs = network.layers.filter((layer): layer is LayerOf<"Input"> => layer.type === "Input");
  if (inputs.length !== 1) throw refused(path, `the model has ${inputs.length} inputs, one photo is what it gets here`);
  const shape = inputs[0]!.shape;
  if (shape === null) return null;
  const [rows, columns, channels] = shape;
  const isPhoto = shape.length === 3 && (channels === 3 || channels === null) && rows === columns;
  if (!isPhoto)
    throw refused(path, `the model takes [${shape}], square RGB photos [size, size, 3] are what it gets here`);
  return rows ?? null;
}

export function refused(path: string, problem: string): FulcrumError {
  return new FulcrumError("IMPORT_REFUSED", { path, problem });
}

interface Classifier {
  readonly graph: Graph;
  /** Number of outputs. */
  readonly classCount: number;
  /** True if a softmax was added to the model's logits. */
  readonly softmaxAdded: boolean;
}

/**
 * @param order for each output of the graph, the output of the network; null: as they are
 * @throws IMPORT_REFUSED, LAYER_INVALID, LAYER_WEIGHT_MISSING, LAYER_WEIGHT_SHAPE
 */
export function buildImportedClassifier(
  imported: ImportedNetwork,
  preprocessing: Preprocessing,
  order: readonly number[] | null,
): Classifier {
  const { network, weights, path } = imported;
  const b = new GraphBuilder();
  const image = addPhotoInput(b, preprocessing);
  const inputs = Object.fromEntries(inputNames(network).map((name) => [name, image]));
  const { outputs } = lowerNetwork(b, network, { inputs, weights: storedWeights(weights) });
  const result = outputs[0]!;
  const classCount = classesOf(path, result);
  const isSoftmax = result.op === "Softmax";
  if (!isSoftmax && result.op !== "Gemm" && result.op !== "MatMul" && result.op !== "Add") {
    throw refused(
      path,
      `its last operation is ${result.op}, which gives no probabilities of classes that exclude each other`,
    );
  }
  const probabilities = isSoftmax ? result : b.softmax(result);
  b.output(probabilitiesOutput, order === null ? probabilities : b.gather(probabilities, b.integers(order), 1));
  return { graph: b.build(network.name), classCount, softmaxAdded: !isSoftmax };
}

function classesOf(path: string, { shape }: Node): number {
  const [batch, classes] = shape;
  if (shape.length === 2 && batch === "N" && typeof classes === "number" && classes >= 2) return classes;
  throw refused(path, `its result is [${shape}], a classifier gives [N, classes] with at least two classes`);
}
