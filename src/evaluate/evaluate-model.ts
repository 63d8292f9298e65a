/** The evaluate stage: a model file over one split of a data set, to an evaluation's body. */
import { basename, join } from "node:path";
import { readBytes } from "../base/files.ts";
import type { Progress } from "../base/progress.ts";
import { FulcrumError } from "../errors/index.ts";
import { decodePhoto, type Pixels } from "../images/index.ts";
import { writeEvaluation } from "../models/index.ts";
import { type Classifier, openClassifier, type Prediction } from "../predict/index.ts";
import type { Dataset, Photo, SplitName } from "../records/dataset.ts";
import type { Evaluation } from "../records/evaluation.ts";
import { medianInterval } from "./intervals.ts";
import { type PredictionRecord, scorePredictions } from "./scores.ts";

export interface EvaluateOptions {
  readonly modelPath: string;
  readonly dataset: Dataset;
  readonly split: SplitName;
  readonly candidate: string;
  /** Threads of the model. */
  readonly threads: number;
  /** Also time the model on single photos, with one thread. */
  readonly measureInference: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const batchSize = 16;
const timedRuns = 60;
const timedPhotos = 10;
const warmUpRuns = 5;

/**
 * Classifies every photo of the split. The result of the evaluation split, and of no other, is also written into the
 * model file's metadata: what a model says of itself is about photos that it was not made from.
 * @throws EVALUATE_CLASSES_DIFFER where the data set's classes are not the model's; EVALUATE_SPLIT_EMPTY;
 * FILE_UNREADABLE, IMAGE_UNREADABLE, MODEL_FILE_INVALID; the signal's reason when aborted
 */
export async function evaluateModel(options: EvaluateOptions): Promise<Evaluation> {
  const { modelPath, dataset, split, candidate, threads, measureInference } = options;
  const classifier = await openClassifier(modelPath, { threads });
  try {
    const { classes } = classifier.metadata;
    checkClasses(classes, dataset.classes);
    if (dataset.splits[split].length === 0) throw new FulcrumError("EVALUATE_SPLIT_EMPTY", { split, dir: dataset.dir });
    const predictions = await classifyAll(classifier, dataset, split, options);
    const data = `${split} split of ${basename(dataset.dir)}${dataset.synthetic ? " (synthetic photos)" : ""}`;
    const scores = scorePredictions(predictions, classes);
    const { photos, correct, accuracy, logLoss } = scores;
    const { synthetic } = dataset;
    if (split === "evaluation") {
      await writeEvaluation(modelPath, { data, synthetic, photos, correct, accuracy, logLoss });
    }
    const inferenceMs = measureInference ? await timeInference(options) : null;
    return {
      candidate,
      modelSha256: classifier.modelSha256,
      data,
      synthetic,
      classes,
      ...scores,
      predictions,
      inferenceMs,
    };
  } finally {
    await classifier.dispose();
  }
}

function checkClasses(model: readonly string[], data: readonly string[]): void {
  if (model.join("\n") === data.join("\n")) return;
  throw new FulcrumError("EVALUATE_CLASSES_DIFFER", { model: model.join(", "), data: data.join(", ") });
}

async function classifyAll(
  classifier: Classifier,
  dataset: Dataset,
  split: SplitName,
  { candidate, progress, signal }: EvaluateOptions,
): Promise<PredictionRecord[]> {
  const photos = dataset.splits[split];
  const task = progress.task(`evaluating ${candidate}`, photos.length, "photos");
  const records: PredictionRecord[] = [];
  for (let start = 0; start < photos.length; start += batchSize) {
    signal.throwIfAborted();
    const batch = photos.slice(start, start + batchSize);
    const pixels = await Promise.all(batch.map((photo) => readPixels(dataset, photo)));
    const predictions = await classifier.classifyPixels(pixels);
    records.push(...batch.map((photo, i) => recordOf(photo, predictions[i]!)));
    task.advance(batch.length);
  }
  task.finish();
  return records;
}

async function readPixels(dataset: Dataset, photo: Photo): Promise<Pixels> {
  return decodePhoto(await readBytes(join(dataset.dir, photo.path)), photo.path);
}

function recordOf({ path, label }: Photo, { classIndex, confidence, probabilities }: Prediction): PredictionRecord {
  return { path, label, predicted: classIndex, confidence, labelProbability: probabilities[label]! };
}

/** Milliseconds of one photo at a time from decoded pixels, one thread, over the split's first photos in turn. */
async function timeInference({
  modelPath,
  dataset,
  split,
  signal,
}: EvaluateOptions): Promise<Evaluation["inferenceMs"]> {
  const threads = 1;
  const photos = dataset.splits[split].slice(0, timedPhotos);
  const pixels = await Promise.all(photos.map((photo) => readPixels(dataset, photo)));
  const classifier = await openClassifier(modelPath, { threads });
  try {
    const durations: number[] = [];
    for (let run = 0; run < warmUpRuns + timedRuns; run++) {
      signal.throwIfAborted();
      const photo = pixels[run % pixels.length]!;
      const startMs = performance.now();
      await classifier.classifyPixels([photo]);
      if (run >= warmUpRuns) durations.push(performance.now() - startMs);
    }
    return { ...medianInterval(durations), runs: timedRuns, threads };
  } finally {
    await classifier.dispose();
  }
}
