/** The evaluate stage: a model file over one split of a data set, to an evaluation's body. */
import { basename, join } from "node:path";
import { readBytes } from "../base/files.ts";
import type { Progress } from "../base/progress.ts";
import { runOnWorkers } from "../base/worker-pool.ts";
import { FulcrumError } from "../errors/index.ts";
import { type ModelFile, readModelFile, writeEvaluation } from "../models/index.ts";
import { openClassifier } from "../predict/index.ts";
import type { Dataset, SplitName } from "../records/dataset.ts";
import type { Evaluation } from "../records/evaluation.ts";
import type { ClassifyJob, ClassifyTask } from "./classify-worker.ts";
import { medianInterval } from "./intervals.ts";
import { type PredictionRecord, scorePredictions } from "./scores.ts";

/** A model file and the name that it has in the result. */
export interface EvaluatedModel {
  readonly modelPath: string;
  readonly candidate: string;
}

interface SplitOptions {
  readonly dataset: Dataset;
  readonly split: SplitName;
  /** Photos classified at the same time. */
  readonly threads: number;
  /** Also time the model on single photos, with one thread. */
  readonly measureInference: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export type EvaluateOptions = EvaluatedModel & SplitOptions;

const photosPerJob = 16;
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
  const { modelPath, candidate } = options;
  return (await evaluateModels([{ modelPath, candidate }], options))[0]!;
}

/** As evaluateModel, for several models on the same photos, each of which is decoded once. In the models' order. */
export async function evaluateModels(
  models: readonly EvaluatedModel[],
  options: SplitOptions,
): Promise<readonly Evaluation[]> {
  const { dataset, split } = options;
  if (dataset.splits[split].length === 0) throw new FulcrumError("EVALUATE_SPLIT_EMPTY", { split, dir: dataset.dir });
  const files = await Promise.all(models.map(({ modelPath }) => readModelFile(modelPath)));
  for (const { metadata } of files) checkClasses(metadata.classes, dataset.classes);
  const predictions = await classifyAll(models, options);
  const evaluations: Evaluation[] = [];
  // One after the other: they are timed.
  for (const [i, model] of models.entries())
    evaluations.push(await describe(model, files[i]!, predictions[i]!, options));
  return evaluations;
}

async function describe(
  { modelPath, candidate }: EvaluatedModel,
  { metadata: { classes }, trainedSha256 }: ModelFile,
  predictions: readonly PredictionRecord[],
  options: SplitOptions,
): Promise<Evaluation> {
  const { dataset, split, measureInference } = options;
  const { synthetic } = dataset;
  const data = `${split} split of ${basename(dataset.dir)}${synthetic ? " (synthetic photos)" : ""}`;
  const scores = scorePredictions(predictions, classes);
  const { photos, correct, accuracy, logLoss } = scores;
  if (split === "evaluation") await writeEvaluation(modelPath, { data, synthetic, photos, correct, accuracy, logLoss });
  const inferenceMs = measureInference ? await timeInference(modelPath, options) : null;
  const kept = [...predictions];
  return { candidate, modelSha256: trainedSha256, data, synthetic, classes, ...scores, predictions: kept, inferenceMs };
}

function checkClasses(model: readonly string[], data: readonly string[]): void {
  if (model.join("\n") === data.join("\n")) return;
  throw new FulcrumError("EVALUATE_CLASSES_DIFFER", { model: model.join(", "), data: data.join(", ") });
}

/** For each model. One photo at a time on each thread, as it is served: a prediction depends on nothing but the photo. */
async function classifyAll(
  models: readonly EvaluatedModel[],
  { dataset, split, threads, progress, signal }: SplitOptions,
): Promise<readonly (readonly PredictionRecord[])[]> {
  const photos = dataset.splits[split];
  const names = models.length > 3 ? `${models.length} models` : models.map(({ candidate }) => candidate).join(", ");
  const task = progress.task(`evaluating ${names}`, photos.length, "photos");
  const records: PredictionRecord[][] = models.map(() => []);
  const jobs = Array.from({ length: Math.ceil(photos.length / photosPerJob) }, (_, i) => ({
    first: i * photosPerJob,
    photos: photos.slice(i * photosPerJob, (i + 1) * photosPerJob),
  }));
  await runOnWorkers<(typeof jobs)[number] & ClassifyJob, readonly (readonly PredictionRecord[])[]>({
    worker: new URL("./classify-worker.ts", import.meta.url),
    task: { modelPaths: models.map(({ modelPath }) => modelPath), dataDir: dataset.dir } satisfies ClassifyTask,
    jobs,
    threads,
    signal,
    onResult({ first }, predictions) {
      for (const [m, own] of predictions.entries())
        for (const [i, prediction] of own.entries()) records[m]![first + i] = prediction;
      task.advance(predictions[0]!.length);
    },
  });
  task.finish();
  return records;
}

/** Milliseconds of one photo at a time from decoded pixels, one thread, over the split's first photos in turn. */
async function timeInference(
  modelPath: string,
  { dataset, split, signal }: SplitOptions,
): Promise<Evaluation["inferenceMs"]> {
  const threads = 1;
  const photos = dataset.splits[split].slice(0, timedPhotos);
  const classifier = await openClassifier(modelPath, { threads });
  try {
    const pixels = await Promise.all(
      photos.map(async ({ path }) => classifier.decode(await readBytes(join(dataset.dir, path)), path)),
    );
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
