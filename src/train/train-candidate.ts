/** The train stage for one candidate: features of its bases, head, fine-tuning, and the model file that comes of them. */
import { dirname, join } from "node:path";
import { type Clock, systemClock } from "../base/clock.ts";
import { sha256 } from "../base/hash.ts";
import type { Progress } from "../base/progress.ts";
import type { Candidate } from "../config/candidate.ts";
import { type Graph, topologicalOrder } from "../engine/graph/index.ts";
import { runtimeVersion } from "../engine/runtime/index.ts";
import {
  buildClassifierGraph,
  type LoadedBase,
  renderModelFile,
  type SourceOptions,
  writeModelFile,
} from "../models/index.ts";
import type { Dataset } from "../records/dataset.ts";
import type { Training } from "../records/training.ts";
import { removeCheckpoint } from "./checkpoint.ts";
import { describeChoices, describeModel, keptBest, trainedLayers } from "./describe.ts";
import { checkpointFileName, runPhases, type TrainedPhases } from "./phases.ts";
import { type Prepared, prepareTraining } from "./prepare.ts";
import { Supply } from "./supply.ts";

export interface TrainOptions {
  readonly candidate: Candidate;
  readonly dataset: Dataset;
  readonly seed: number;
  /** Where `model.onnx` is written, and checkpoints until then. */
  readonly outDir: string;
  /** Where features are kept; shared by candidates and runs. */
  readonly featureDir: string;
  /** Where bases' weights come from; default: the embedded ones, else the published into the cache beside features. */
  readonly weights?: Pick<SourceOptions, "sources" | "projectDir" | "cacheDir">;
  /** An imported model in place of the candidate's bases. */
  readonly imported?: LoadedBase;
  /** Threads. The result does not depend on it. */
  readonly threads: number;
  /** Least seconds between two checkpoints. Default 20. */
  readonly checkpointSeconds?: number;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** Name of the model file in `outDir`. */
export const modelFileName = "model.onnx";

/**
 * Trains a candidate and writes its model file. Equal candidate, photos and seed give equal bytes on one machine, also
 * after an interruption at any point: it goes on from the last checkpoint.
 * @throws MODEL_BASE_UNAVAILABLE, TRAIN_CHOICE_INVALID, TRAIN_LAYERS_UNKNOWN, TRAIN_TOO_FEW_PHOTOS,
 *   TRAIN_FEATURES_TOO_LARGE, TRAIN_PHOTO_CHANGED, TRAIN_DIVERGED, FILE_UNREADABLE, FILE_UNWRITABLE, IMAGE_UNREADABLE
 */
export async function trainCandidate(options: TrainOptions): Promise<Training> {
  const { candidate, dataset, seed, outDir, featureDir, threads, progress, signal, clock = systemClock } = options;
  const places = options.weights ?? { sources: {}, projectDir: ".", cacheDir: dirname(featureDir) };
  const prepared = await prepareTraining(candidate, dataset, seed, { ...places, progress, signal }, options.imported);
  const { checkpointSeconds = 20 } = options;
  const supply = new Supply({ candidate, prepared, dataDir: dataset.dir, featureDir, seed, threads, progress, signal });
  try {
    const startedMs = clock.nowMs();
    await supply.extract();
    const featuresSeconds = (clock.nowMs() - startedMs) / 1000;
    const phases = await runPhases({
      candidate,
      classes: dataset.classes,
      prepared,
      supply,
      seed,
      outDir,
      threads,
      checkpointSeconds,
      progress,
      signal,
      clock,
    });
    const record = await writeModel(options, prepared, phases, featuresSeconds);
    await removeCheckpoint(join(outDir, checkpointFileName));
    return record;
  } finally {
    supply.close();
  }
}

async function writeModel(
  options: TrainOptions,
  prepared: Prepared,
  phases: TrainedPhases,
  featuresSeconds: number,
): Promise<Training> {
  const { candidate, dataset, outDir, threads } = options;
  const { loadedBases, inputs, unfrozen } = prepared;
  const trained = loadedBases.map(({ base }, i) => ({ base, weights: phases.parts[i]!.weights }));
  const graph = buildClassifierGraph(candidate.name, trained, inputs, phases.weights);
  const metadata = describeModel(options, prepared, phases);
  const bytes = renderModelFile(graph, metadata);
  await writeModelFile(join(outDir, modelFileName), bytes);
  const { head, tuning, trainedParameters, headSeconds, fineTuningSeconds } = phases;
  const kept = keptBest(phases);
  return {
    candidate: candidate.name,
    role: candidate.role,
    bases: metadata.bases,
    preprocessing: metadata.preprocessing,
    featureCount: loadedBases.reduce((sum, { base }) => sum + base.featureCount, 0),
    classes: dataset.classes,
    synthetic: dataset.synthetic,
    photos: metadata.training.photos,
    choices: describeChoices(candidate, unfrozen),
    history: [...head.history],
    bestEpoch: head.best.epoch,
    stoppedEarly: head.stoppedEarly,
    fineTuning: tuning && {
      layers: trainedLayers(loadedBases, unfrozen),
      batchNorm: candidate.unfreeze.batchNorm,
      trainedParameters,
      history: [...tuning.history],
      bestEpoch: tuning.best.epoch,
      stoppedEarly: tuning.stoppedEarly,
    },
    validationAccuracy: kept.accuracy,
    validationLoss: kept.loss,
    phases: { featuresSeconds, headSeconds, fineTuningSeconds },
    runtime: { onnxruntime: runtimeVersion, threads },
    model: {
      file: modelFileName,
      sha256: sha256(bytes),
      bytes: bytes.byteLength,
      parameters: countParameters(graph),
    },
  };
}

/** Numbers in the model's tensors; scalars, such as a pixel scale, are not counted. */
function countParameters(graph: Graph): number {
  return topologicalOrder(graph.outputs.map(({ value }) => value))
    .filter((node) => node.op === "Constant")
    .filter(({ dtype, shape }) => dtype === "float32" && shape.length > 0)
    .reduce((sum, { data }) => sum + data.length, 0);
}
