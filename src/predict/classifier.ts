/** The one path from photo to probabilities, for predict, evaluate and serve. */
import assert from "node:assert/strict";
import type { Session, TensorValue } from "../engine/runtime/index.ts";
import { decodePhoto, leastShortSide, type Pixels, preparePhoto, Scratch } from "../images/index.ts";
import type { ModelMetadata } from "../models/index.ts";
import { probabilitiesOutput } from "../models/output-names.ts";
import { modelFileSource, preparedSource, type SessionSource } from "./session-source.ts";

export interface Prediction {
  /** One a class, in the order of the metadata's classes; they sum to 1. */
  readonly probabilities: Float32Array;
  readonly classIndex: number;
  readonly className: string;
  /** Probability of the predicted class, 0..1. */
  readonly confidence: number;
}

export interface Classifier {
  readonly metadata: ModelMetadata;
  /** Of the model file as training wrote it. */
  readonly modelSha256: string;
  /**
   * Decodes a photo as the model's preprocessing allows: a large one perhaps at a reduced size.
   * @param name for messages
   * @throws IMAGE_FORMAT_FOREIGN, IMAGE_UNREADABLE, IMAGE_TOO_LARGE
   */
  decode(photo: Uint8Array, name: string): Promise<Pixels>;
  /** As `decode`, into memory that the next call of it overwrites: for one photo at a time. */
  decodeNext(photo: Uint8Array, name: string): Promise<Pixels>;
  /** Classifies what `decodeNext` gave. */
  classifyNext(pixels: Pixels): Promise<Prediction>;
  /** Photo files (JPEG, PNG, WebP) in one batch. @throws as `decode`, for the first that cannot be decoded */
  classify(photos: readonly Uint8Array[]): Promise<Prediction[]>;
  /** Decoded photos in one batch. */
  classifyPixels(photos: readonly Pixels[]): Promise<Prediction[]>;
  /** The model's own inputs of one photo, prepared elsewhere: uint8 pixels, one input after the other. */
  classifyInputs(inputs: Uint8Array): Promise<Prediction>;
  dispose(): Promise<void>;
}

export interface ClassifierOptions {
  /** Threads of one run. */
  readonly threads: number;
  /** Folder for what is prepared from model files for this machine (session-source.ts); without it nothing is kept. */
  readonly preparedDir?: string | undefined;
}

/** @throws FILE_UNREADABLE, MODEL_FILE_INVALID, ENGINE_SESSION_FAILED */
export async function openClassifier(
  modelPath: string,
  { threads, preparedDir }: ClassifierOptions,
): Promise<Classifier> {
  const source =
    preparedDir === undefined ? await modelFileSource(modelPath) : await preparedSource(modelPath, preparedDir);
  return classifierOf(source, await source.openSession(threads));
}

/** A classifier that runs a session of `source`, and disposes of it. */
export function classifierOf({ metadata, modelSha256 }: SessionSource, session: Session): Classifier {
  const shortSide = leastShortSide(metadata.preprocessing);
  const decode = (photo: Uint8Array, name: string) => decodePhoto(photo, name, { leastShortSide: shortSide });
  const scratch = new Scratch();
  const inputScratch = metadata.preprocessing.map(() => new Scratch());
  const classifyPixels = (photos: readonly Pixels[]) => run(session, metadata, photos);
  return {
    metadata,
    modelSha256,
    decode,
    decodeNext: (photo, name) => decodePhoto(photo, name, { leastShortSide: shortSide, scratch }),
    classifyPixels,
    classifyNext: async (pixels) => (await run(session, metadata, [pixels], inputScratch))[0]!,
    classifyInputs: (inputs) => runInputs(session, metadata, inputs),
    async classify(photos) {
      return classifyPixels(await Promise.all(photos.map((photo, i) => decode(photo, `photo ${i + 1}`))));
    },
    dispose: () => session.dispose(),
  };
}

/**
 * Decoded photos as a model's inputs, one batch.
 * @param scratch memory for each input; for a single photo
 */
export function photoFeeds(
  preprocessing: ModelMetadata["preprocessing"],
  photos: readonly Pixels[],
  scratch: readonly Scratch[] = [],
): Record<string, TensorValue> {
  const feeds: Record<string, TensorValue> = {};
  for (const [place, spec] of preprocessing.entries()) {
    const inputs = photos.map((photo) => preparePhoto(photo, spec, scratch[place]));
    const data = inputs.length === 1 ? inputs[0]! : joined(inputs);
    feeds[spec.input] = { dtype: "uint8", dims: [photos.length, spec.size, spec.size, 3], data };
  }
  return feeds;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

async function run(
  session: Session,
  metadata: ModelMetadata,
  photos: readonly Pixels[],
  scratch?: readonly Scratch[],
): Promise<Prediction[]> {
  if (photos.length === 0) return [];
  const feeds = photoFeeds(metadata.preprocessing, photos, scratch);
  const output = (await session.run(feeds))[probabilitiesOutput]!.data as Float32Array;
  const classCount = metadata.classes.length;
  return photos.map((_, i) => prediction(output.slice(i * classCount, (i + 1) * classCount), metadata.classes));
}

async function runInputs(session: Session, metadata: ModelMetadata, inputs: Uint8Array): Promise<Prediction> {
  const bytes = metadata.preprocessing.reduce((sum, { size }) => sum + size * size * 3, 0);
  assert.equal(inputs.byteLength, bytes, "bytes of the model's inputs");
  const feeds: Record<string, TensorValue> = {};
  let start = 0;
  for (const { input, size } of metadata.preprocessing) {
    const end = start + size * size * 3;
    feeds[input] = { dtype: "uint8", dims: [1, size, size, 3], data: inputs.slice(start, end) };
    start = end;
  }
  const output = (await session.run(feeds))[probabilitiesOutput]!.data as Float32Array;
  return prediction(output.slice(), metadata.classes);
}

function prediction(probabilities: Float32Array, classes: readonly string[]): Prediction {
  const classIndex = probabilities.reduce((best, value, i) => (value > probabilities[best]! ? i : best), 0);
  return { probabilities, classIndex, className: classes[classIndex]!, confidence: probabilities[classIndex]! };
}
