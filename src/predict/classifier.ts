/** The one path from photo to probabilities, for predict, evaluate and serve. */
import { createSession, type Session, type TensorValue } from "../engine/runtime/index.ts";
import { decodePhoto, type Pixels, preparePhoto } from "../images/index.ts";
import { type ModelMetadata, probabilitiesOutput, readModelFile } from "../models/index.ts";

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
  /** Photo files (JPEG, PNG, WebP) in one batch. @throws IMAGE_UNREADABLE for the first that cannot be decoded */
  classify(photos: readonly Uint8Array[]): Promise<Prediction[]>;
  /** Decoded photos in one batch. */
  classifyPixels(photos: readonly Pixels[]): Promise<Prediction[]>;
  /** The model's own inputs of one photo, prepared elsewhere: uint8 pixels, one input after the other. */
  classifyInputs(inputs: Uint8Array): Promise<Prediction>;
  dispose(): Promise<void>;
}

/** @throws FILE_UNREADABLE, MODEL_FILE_INVALID, ENGINE_SESSION_FAILED */
export async function openClassifier(modelPath: string, options: { readonly threads: number }): Promise<Classifier> {
  const { metadata, bytes, trainedSha256 } = await readModelFile(modelPath);
  const session = await createSession(bytes, options);
  const classifyPixels = (photos: readonly Pixels[]) => run(session, metadata, photos);
  return {
    metadata,
    modelSha256: trainedSha256,
    classifyPixels,
    classifyInputs: (inputs) => runInputs(session, metadata, inputs),
    async classify(photos) {
      return classifyPixels(await Promise.all(photos.map((photo, i) => decodePhoto(photo, `photo ${i + 1}`))));
    },
    dispose: () => session.dispose(),
  };
}

/** Decoded photos as a model's inputs, one batch. */
export function photoFeeds(
  preprocessing: ModelMetadata["preprocessing"],
  photos: readonly Pixels[],
): Record<string, TensorValue> {
  const feeds: Record<string, TensorValue> = {};
  for (const spec of preprocessing) {
    const photoBytes = spec.size * spec.size * 3;
    const data = new Uint8Array(photos.length * photoBytes);
    for (const [i, photo] of photos.entries()) data.set(preparePhoto(photo, spec), i * photoBytes);
    feeds[spec.input] = { dtype: "uint8", dims: [photos.length, spec.size, spec.size, 3], data };
  }
  return feeds;
}

async function run(session: Session, metadata: ModelMetadata, photos: readonly Pixels[]): Promise<Prediction[]> {
  if (photos.length === 0) return [];
  const feeds = photoFeeds(metadata.preprocessing, photos);
  const output = (await session.run(feeds))[probabilitiesOutput]!.data as Float32Array;
  const classCount = metadata.classes.length;
  return photos.map((_, i) => prediction(output.slice(i * classCount, (i + 1) * classCount), metadata.classes));
}

async function runInputs(session: Session, metadata: ModelMetadata, inputs: Uint8Array): Promise<Prediction> {
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
