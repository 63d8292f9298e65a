/** The train stage of a candidate that is not trained but imported: the same record, and the same model file beside it. */
import { join } from "node:path";
import { type Clock, systemClock } from "../base/clock.ts";
import { sha256 } from "../base/hash.ts";
import type { Candidate } from "../config/candidate.ts";
import { runtimeVersion } from "../engine/runtime/index.ts";
import { writeModelFile } from "../models/index.ts";
import type { Dataset } from "../records/dataset.ts";
import type { Training } from "../records/training.ts";
import { importModel } from "./import-model.ts";

export interface ImportCandidateOptions {
  readonly candidate: Candidate;
  readonly model: NonNullable<Candidate["model"]>;
  /** Absolute path of the candidate's model file. */
  readonly path: string;
  readonly dataset: Dataset;
  /** Where `model.onnx` is written. */
  readonly outDir: string;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
}

const modelFileName = "model.onnx";

/** Nothing of training happened here, and the record says so. */
const untrained = {
  augmentation: null,
  head: {
    epochs: 0,
    optimizer: "none",
    learningRate: 0,
    batchSize: 0,
    dropout: 0,
    l2: 0,
    schedule: "none",
    labelSmoothing: 0,
    classWeights: "none",
    mixup: 0,
    clip: "none",
    patience: null,
    photosPerClass: null,
  },
  unfrozenLayers: 0,
  fineTuning: null,
} as const;

/**
 * Imports a candidate's file. Its classes are those of the data set: named by `model.classes`, or, without, taken in
 * alphabetical order, as Keras' flow_from_directory numbers folders.
 * @throws as importModel; FILE_UNWRITABLE
 */
export async function importCandidate(options: ImportCandidateOptions): Promise<Training> {
  const { candidate, model, path, dataset, outDir, signal, clock = systemClock } = options;
  const startedMs = clock.nowMs();
  const { size, resize, scale } = candidate.preprocessing;
  const alphabetical = [...dataset.classes].sort();
  const imported = await importModel(
    path,
    {
      classes: model.classes ?? alphabetical,
      classOrder: dataset.classes,
      size,
      resize: resize === "base" ? "stretch" : resize,
      scale: scale === "base" ? null : scale,
    },
    signal,
  );
  await writeModelFile(join(outDir, modelFileName), imported.bytes);
  const { metadata, origin, bytes } = imported;
  return {
    candidate: candidate.name,
    role: candidate.role,
    imported: origin,
    bases: [],
    preprocessing: metadata.preprocessing,
    featureCount: 0,
    classes: dataset.classes,
    synthetic: dataset.synthetic,
    photos: { training: 0, validation: 0 },
    choices: untrained,
    history: [],
    bestEpoch: 0,
    stoppedEarly: false,
    fineTuning: null,
    validationAccuracy: null,
    validationLoss: null,
    phases: { featuresSeconds: 0, headSeconds: (clock.nowMs() - startedMs) / 1000, fineTuningSeconds: 0 },
    runtime: { onnxruntime: runtimeVersion, threads: 0 },
    model: {
      file: modelFileName,
      sha256: sha256(bytes),
      bytes: bytes.byteLength,
      parameters: origin.parameters,
    },
  };
}
