/**
 * What an inference worker does with a photo: decode, prepare, run; with the time of each. A worker that is to answer
 * lone photos has a second session with more threads, over the same weights.
 */
import {
  type Classifier,
  classifierOf,
  modelFileSource,
  preparedSource,
  type SessionSource,
} from "../predict/index.ts";
import { blank, LoneClassifier, timed } from "./lone-classifier.ts";
import type { OpenMessage, PhotoForm, ServedModel } from "./messages.ts";
import type { PhotoClassifier } from "./worker-loop.ts";

/** Opens the model and classifies a blank picture: a worker that says "ready" has inferred. */
export async function openPhotoClassifier(message: OpenMessage): Promise<PhotoClassifier> {
  const { modelPath, threads, loneThreads, preparedDir } = message;
  const source = preparedDir === null ? await modelFileSource(modelPath) : await preparedSource(modelPath, preparedDir);
  const narrow = await openOne(source, threads);
  const lone = new LoneClassifier(narrow, loneThreads > threads ? () => openOne(source, loneThreads) : undefined);
  return {
    model: describe(narrow),
    async classify(photo, form, isLone) {
      lone.photoCame();
      return await classify(isLone ? lone.best : narrow, photo, form);
    },
    async dispose() {
      await narrow.dispose();
      await lone.dispose();
    },
  };
}

async function openOne(source: SessionSource, threads: number): Promise<Classifier> {
  const classifier = classifierOf(source, await source.openSession(threads));
  // The first run does what only a first run has to do.
  await classifier.classifyPixels([blank]);
  return classifier;
}

function describe({ metadata, modelSha256 }: Classifier): ServedModel {
  const { classes, bases, synthetic, preprocessing } = metadata;
  const inputs = preprocessing.map(({ input, size }) => ({ name: input, size }));
  return { classes, inputs, bases: bases.map(({ id }) => id), synthetic, sha256: modelSha256 };
}

async function classify(classifier: Classifier, photo: Uint8Array, form: PhotoForm) {
  if (form === "pixels") {
    const { result, ms: inferenceMs } = await timed(() => classifier.classifyInputs(photo));
    return { probabilities: result.probabilities, decodeMs: 0, inferenceMs };
  }
  const { result: pixels, ms: decodeMs } = await timed(() => classifier.decodeNext(photo, "The upload"));
  const { result, ms: inferenceMs } = await timed(() => classifier.classifyNext(pixels));
  return { probabilities: result.probabilities, decodeMs, inferenceMs };
}
