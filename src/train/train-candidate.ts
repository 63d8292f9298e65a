/** The train stage for one candidate: features of its bases, its head, and the model file that comes of them. */
import { dirname, join } from "node:path";
import { type Clock, systemClock } from "../base/clock.ts";
import { sha256 } from "../base/hash.ts";
import type { Progress } from "../base/progress.ts";
import { Rng } from "../base/rng.ts";
import { fulcrumVersion } from "../base/version.ts";
import type { Candidate } from "../config/candidate.ts";
import { type Graph, topologicalOrder } from "../engine/graph/index.ts";
import { runtimeVersion } from "../engine/runtime/index.ts";
import { FulcrumError } from "../errors/index.ts";
import {
  type AvailableBase,
  buildClassifierGraph,
  describeBase,
  type LoadedBase,
  loadWeights,
  type ModelInputs,
  type ModelMetadata,
  metadataFormatVersion,
  planInputs,
  renderModelFile,
  resolveBase,
  type SourceOptions,
  type TrainingSummary,
  writeModelFile,
} from "../models/index.ts";
import type { Dataset } from "../records/dataset.ts";
import type { Training } from "../records/training.ts";
import type { LabelledFeatures } from "./batches.ts";
import { planChunks } from "./feature-cache.ts";
import { collectFeatures, type Matrix, makeExtractors } from "./features.ts";
import { type TrainedHead, trainHead } from "./head.ts";
import { describeData, type Selection, selectPhotos } from "./selection.ts";
import { checkSupported } from "./support.ts";

export interface TrainOptions {
  readonly candidate: Candidate;
  readonly dataset: Dataset;
  readonly seed: number;
  /** Where `model.onnx` is written. */
  readonly outDir: string;
  /** Where features are kept; shared by candidates and runs. */
  readonly featureDir: string;
  /** Where bases' weights come from; default: the embedded ones, else the published into the cache beside features. */
  readonly weights?: Pick<SourceOptions, "sources" | "projectDir" | "cacheDir">;
  /** Worker threads for features. The result does not depend on it. */
  readonly threads: number;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** Name of the model file in `outDir`. */
export const modelFileName = "model.onnx";

/**
 * Trains a candidate and writes its model file. Equal candidate, photos and seed give equal bytes on one machine, also
 * after an interruption at any point.
 * @throws TRAIN_UNSUPPORTED, MODEL_BASE_UNAVAILABLE, TRAIN_TOO_FEW_PHOTOS, TRAIN_PHOTO_CHANGED, TRAIN_DIVERGED,
 *   FILE_UNREADABLE, FILE_UNWRITABLE, IMAGE_UNREADABLE
 */
export async function trainCandidate(options: TrainOptions): Promise<Training> {
  const { candidate, dataset, seed, outDir, clock = systemClock } = options;
  checkSupported(candidate);
  const bases = await resolveBases(options);
  const selection = selectPhotos(dataset, candidate.head.photosPerClass);
  const inputs = planInputs(candidate.preprocessing, bases);
  const loadedBases = await Promise.all(bases.map(async (base) => ({ base, weights: await loadWeights(base) })));

  const startedMs = clock.nowMs();
  const features = await featuresOf(selection, loadedBases, inputs, options);
  const headStartedMs = clock.nowMs();
  const head = await trainHead({
    head: candidate.head,
    classCount: dataset.classes.length,
    ...splitFeatures(features, selection),
    rng: new Rng(seed).fork("head"),
    progress: options.progress,
    signal: options.signal,
    nowMs: () => clock.nowMs(),
    diverged: (epoch, loss) => divergence(candidate, epoch, loss),
  });
  const headEndedMs = clock.nowMs();

  const graph = buildClassifierGraph(candidate.name, loadedBases, inputs, head.weights);
  const metadata = describeModel(options, { selection, loadedBases, inputs, head });
  const bytes = renderModelFile(graph, metadata);
  await writeModelFile(join(outDir, modelFileName), bytes);
  return {
    candidate: candidate.name,
    role: candidate.role,
    bases: metadata.bases,
    preprocessing: metadata.preprocessing,
    featureCount: features.columns,
    classes: dataset.classes,
    synthetic: dataset.synthetic,
    photos: metadata.training.photos,
    choices: metadata.training.choices,
    history: [...head.history],
    bestEpoch: head.bestEpoch,
    stoppedEarly: head.stoppedEarly,
    phases: {
      featuresSeconds: (headStartedMs - startedMs) / 1000,
      headSeconds: (headEndedMs - headStartedMs) / 1000,
    },
    runtime: { onnxruntime: runtimeVersion, threads: options.threads },
    model: {
      file: modelFileName,
      sha256: sha256(bytes),
      bytes: bytes.byteLength,
      parameters: countParameters(graph),
    },
  };
}

/** The candidate's bases with their weights at hand, one download after the other. */
async function resolveBases({ candidate, weights, featureDir, progress, signal }: TrainOptions) {
  const places = weights ?? { sources: {}, projectDir: ".", cacheDir: dirname(featureDir) };
  const found: AvailableBase[] = [];
  for (const id of candidate.bases) found.push(await resolveBase(id, { ...places, progress, signal }));
  return found;
}

/** A row a photo: training photos first, then validation. */
function featuresOf(
  { training, validation }: Selection,
  loadedBases: readonly LoadedBase[],
  inputs: ModelInputs,
  { dataset, featureDir, threads, progress, signal }: TrainOptions,
): Promise<Matrix> {
  return collectFeatures({
    dataDir: dataset.dir,
    featureDir,
    extractors: makeExtractors(loadedBases, inputs),
    chunks: [...planChunks(training, 0), ...planChunks(validation, training.length)],
    threads,
    progress,
    signal,
  });
}

function splitFeatures(
  { columns, data }: Matrix,
  { training, validation }: Selection,
): { training: LabelledFeatures; validation: LabelledFeatures } {
  const part = (photos: Selection["training"], firstRow: number): LabelledFeatures => ({
    features: {
      rows: photos.length,
      columns,
      data: data.subarray(firstRow * columns, (firstRow + photos.length) * columns),
    },
    labels: photos.map(({ label }) => label),
  });
  return { training: part(training, 0), validation: part(validation, training.length) };
}

function describeModel(
  { candidate, dataset, seed }: TrainOptions,
  made: { selection: Selection; loadedBases: readonly LoadedBase[]; inputs: ModelInputs; head: TrainedHead },
): ModelMetadata & { readonly training: TrainingSummary } {
  const { selection, loadedBases, inputs, head } = made;
  const best = head.history[head.bestEpoch - 1]!;
  return {
    formatVersion: metadataFormatVersion,
    versions: { fulcrum: fulcrumVersion, onnxruntime: runtimeVersion },
    classes: dataset.classes,
    preprocessing: [...inputs.inputs],
    bases: loadedBases.map(({ base }) => describeBase(base)),
    training: {
      candidate: candidate.name,
      role: candidate.role,
      choices: describeChoices(candidate),
      photos: { training: selection.training.length, validation: selection.validation.length },
      data: describeData(dataset, selection),
      seed,
      epochs: head.history.length,
      bestEpoch: head.bestEpoch,
      stoppedEarly: head.stoppedEarly,
      validationAccuracy: best.validationAccuracy,
      validationLoss: best.validationLoss,
    },
    synthetic: dataset.synthetic,
    compression: null,
    imported: null,
    evaluation: null,
  };
}

function describeChoices({ head, unfreeze }: Candidate): Training["choices"] {
  const { epochs, batchSize, dropout, l2, patience, photosPerClass } = head;
  const { name, learningRate, momentum } = head.optimizer;
  return {
    augmentation: null,
    head: {
      epochs,
      optimizer: name === "momentum" ? `momentum (${momentum})` : name,
      learningRate,
      batchSize,
      dropout,
      l2,
      patience,
      photosPerClass,
    },
    unfrozenLayers: unfreeze.layers,
    fineTuning: null,
  };
}

function divergence({ name, head }: Candidate, epoch: number, loss: number): FulcrumError {
  return new FulcrumError("TRAIN_DIVERGED", {
    candidate: name,
    epoch,
    loss,
    rate: head.optimizer.learningRate,
  });
}

/** Numbers in the model's tensors; scalars, such as a pixel scale, are not counted. */
function countParameters(graph: Graph): number {
  return topologicalOrder(graph.outputs.map(({ value }) => value))
    .filter((node) => node.op === "Constant")
    .filter(({ dtype, shape }) => dtype === "float32" && shape.length > 0)
    .reduce((sum, { data }) => sum + data.length, 0);
}
