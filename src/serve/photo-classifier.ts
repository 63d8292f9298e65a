/**
 * What an inference worker does with a photo: decode, prepare, run; with the time of each. A worker that is to answer
 * lone photos has a second session with more threads, over the same weights.
 */
import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import type { Pixels } from "../images/index.ts";
import {
  type Classifier,
  classifierOf,
  modelFileSource,
  preparedSource,
  type SessionSource,
} from "../predict/index.ts";
import type { OpenMessage, PhotoForm, ServedModel } from "./messages.ts";
import type { PhotoClassifier } from "./worker-loop.ts";

/** A picture that every model takes: the first run does what only a first run has to do. */
const blank: Pixels = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3) };

/** After so long without a photo a worker takes the time to open its second session. */
const idleMs = 500;

/** Opens the model and classifies a blank picture: a worker that says "ready" has inferred. */
export async function openPhotoClassifier(message: OpenMessage): Promise<PhotoClassifier> {
  const { modelPath, threads, loneThreads, preparedDir } = message;
  const source = preparedDir === null ? await modelFileSource(modelPath) : await preparedSource(modelPath, preparedDir);
  const narrow = await openOne(source, threads);
  let wide: Classifier | undefined;
  let idle = loneThreads > threads ? setTimeout(widen, idleMs).unref() : undefined;
  async function widen() {
    idle = undefined;
    wide = await ifFaster(await openOne(source, loneThreads), narrow);
  }
  return {
    model: describe(narrow),
    async classify(photo, form, isLone) {
      idle?.refresh();
      return await classify(isLone && wide ? wide : narrow, photo, form);
    },
    async dispose() {
      clearTimeout(idle);
      await narrow.dispose();
      await wide?.dispose();
    },
  };
}

async function openOne(source: SessionSource, threads: number): Promise<Classifier> {
  const classifier = classifierOf(source, await source.openSession(threads));
  await classifier.classifyPixels([blank]);
  return classifier;
}

function describe({ metadata, modelSha256 }: Classifier): ServedModel {
  const { classes, bases, synthetic, preprocessing } = metadata;
  const inputs = preprocessing.map(({ input, size }) => ({ name: input, size }));
  return { classes, inputs, bases: bases.map(({ id }) => id), synthetic, sha256: modelSha256 };
}

/** Runs that are compared; the best of each counts, since whatever else runs on the machine only adds time. */
const comparedRuns = 3;
/** More threads are worth it where they take this share of the time off. */
const leastGain = 0.1;

/** `wide` where it is measurably faster than `narrow`; it may not be, on a machine that gives less than it promises. */
async function ifFaster(wide: Classifier, narrow: Classifier): Promise<Classifier | undefined> {
  const best = { wide: Number.POSITIVE_INFINITY, narrow: Number.POSITIVE_INFINITY };
  for (let run = 0; run < comparedRuns; run++) {
    best.wide = Math.min(best.wide, (await timed(() => wide.classifyPixels([blank]))).ms);
    best.narrow = Math.min(best.narrow, (await timed(() => narrow.classifyPixels([blank]))).ms);
    // A photo that came meanwhile goes first.
    await setImmediate();
  }
  if (best.wide < best.narrow * (1 - leastGain)) return wide;
  await wide.dispose();
  return undefined;
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

/** Milliseconds that `work` took, with its result. */
async function timed<Result>(work: () => Promise<Result>): Promise<{ result: Result; ms: number }> {
  const startMs = performance.now();
  const result = await work();
  return { result, ms: performance.now() - startMs };
}
