/** Imports a model file of another program: what it needs to be told, what it becomes. */
import { basename } from "node:path";
import { sha256File } from "../base/hash.ts";
import { fulcrumVersion } from "../base/version.ts";
import { runtimeVersion } from "../engine/runtime/index.ts";
import { readKerasModel } from "../keras/index.ts";
import {
  type ModelMetadata,
  metadataFormatVersion,
  type PixelScale,
  pixelScales,
  renderModelFile,
} from "../models/index.ts";
import type { Preprocessing } from "../records/preprocessing.ts";
import type { ImportOrigin } from "../records/training.ts";
import { buildImportedClassifier, impliedScale, inputSide, refused } from "./graph.ts";

export interface ImportChoices {
  /** Names of the outputs, in their order; null: class_0, class_1 ... */
  readonly classes: readonly string[] | null;
  /** Classes in the order that they shall have; the same names. null: as the outputs are. */
  readonly classOrder?: readonly string[] | null;
  /** Side of the input, pixels; null: the file's. */
  readonly size: number | null;
  readonly resize: "stretch" | "crop";
  /** null: what the model's first layers tell. */
  readonly scale: PixelScale | null;
}

export interface ImportedModel {
  /** The model file. */
  readonly bytes: Uint8Array;
  readonly metadata: ModelMetadata;
  readonly origin: ImportOrigin;
  /** What was decided without being told, in words. */
  readonly notes: readonly string[];
}

/** Pixels that the short side has more than the crop. */
const cropMargin = 32;

/**
 * @throws FILE_UNREADABLE, KERAS_FILE_INVALID, KERAS_MODEL_UNSUPPORTED, IMPORT_REFUSED, LAYER_INVALID,
 *   LAYER_WEIGHT_MISSING, LAYER_WEIGHT_SHAPE
 */
export async function importModel(path: string, choices: ImportChoices, signal?: AbortSignal): Promise<ImportedModel> {
  const keras = await readKerasModel(path, { signal });
  const imported = { path, network: keras.network, weights: keras.weights };
  const side = inputSide(imported);
  if (side !== null && choices.size !== null && side !== choices.size) {
    throw refused(path, `the model is made for ${side} pixels, ${choices.size} were asked for`);
  }
  const size = side ?? choices.size;
  if (size === null)
    throw refused(path, "the model leaves its input's size open. Say it with --size (or preprocessing.size)");
  const scale = choices.scale ?? impliedScale(keras.network);
  const preprocessing = preprocessingOf(size, choices.resize, scale);
  const given = buildImportedClassifier(imported, preprocessing, null);
  const named = nameClasses(path, given.classCount, choices.classes);
  const order = classOrder(path, named, choices.classOrder ?? null);
  const { graph } = order === null ? given : buildImportedClassifier(imported, preprocessing, order.indices);
  const origin: ImportOrigin = {
    file: basename(path),
    sha256: await sha256File(path),
    format: keras.format,
    writtenBy: keras.kerasVersion === null ? null : `Keras ${keras.kerasVersion}`,
    model: keras.network.name,
    layers: keras.network.layers.length,
    parameters: [...keras.weights.values()].reduce((sum, { data }) => sum + data.length, 0),
  };
  const metadata: ModelMetadata = {
    formatVersion: metadataFormatVersion,
    versions: { fulcrum: fulcrumVersion, onnxruntime: runtimeVersion },
    classes: order?.names ?? [...named],
    preprocessing: [preprocessing],
    bases: [],
    training: null,
    imported: origin,
    compression: null,
    synthetic: false,
    evaluation: null,
  };
  const notes = notesOf(choices, { scale, size, classCount: given.classCount, softmaxAdded: given.softmaxAdded });
  return { bytes: renderModelFile(graph, metadata), metadata, origin, notes };
}

function preprocessingOf(size: number, resize: "stretch" | "crop", scale: PixelScale): Preprocessing {
  const shortSide = resize === "crop" ? size + cropMargin : size;
  return { input: "image", size, resize, shortSide, interpolation: "bicubic", ...pixelScales[scale] };
}

function nameClasses(path: string, count: number, classes: readonly string[] | null): readonly string[] {
  if (classes === null) return Array.from({ length: count }, (_, i) => `class_${i}`);
  if (classes.length !== count) {
    throw refused(path, `the model has ${count} classes, ${classes.length} names are given`);
  }
  const twice = classes.find((name, i) => classes.indexOf(name) !== i);
  if (twice !== undefined) throw refused(path, `the class ${twice} is given twice`);
  return classes;
}

function classOrder(
  path: string,
  named: readonly string[],
  wanted: readonly string[] | null,
): { names: string[]; indices: number[] } | null {
  if (wanted === null || wanted.join("\0") === named.join("\0")) return null;
  const missing = [
    ...wanted.filter((name) => !named.includes(name)),
    ...named.filter((name) => !wanted.includes(name)),
  ];
  if (missing.length > 0) {
    throw refused(path, `its classes are not the data set's: ${missing.slice(0, 5).join(", ")} are in one only`);
  }
  return { names: [...wanted], indices: wanted.map((name) => named.indexOf(name)) };
}

const scaleWords = { unit: "0..1", byte: "0..255", symmetric: "-1..1" } as const;

function notesOf(
  choices: ImportChoices,
  {
    scale,
    size,
    classCount,
    softmaxAdded,
  }: { scale: PixelScale; size: number; classCount: number; softmaxAdded: boolean },
): string[] {
  return [
    ...(choices.scale === null ? [`pixels go in as ${scaleWords[scale]}, as the model's first layers tell`] : []),
    ...(choices.classes === null
      ? [`its ${classCount} classes have no names: class_0 to class_${classCount - 1}`]
      : []),
    ...(softmaxAdded ? ["it ends in logits: a softmax was added"] : []),
    `photos are resized to ${size} x ${size} (${choices.resize})`,
  ];
}
