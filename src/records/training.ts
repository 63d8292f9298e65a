/** The train stage's record: choices, curves, and the model file that came out. */
import { z } from "zod";
import { preprocessing } from "./preprocessing.ts";
import { defineRecord } from "./record.ts";

/** A model that was trained elsewhere: the file that it came from. */
export const importOrigin = z.object({
  /** Name of the file. */
  file: z.string(),
  sha256: z.string(),
  format: z.enum(["h5", "keras"]),
  /** Program and version; null where the file does not say. */
  writtenBy: z.string().nullable(),
  /** The model's own name. */
  model: z.string(),
  layers: z.int(),
  parameters: z.int(),
});

export const baseOrigin = z.object({
  id: z.string(),
  title: z.string(),
  licence: z.string(),
  origin: z.string(),
  weightsSha256: z.string(),
  parameters: z.int(),
  sizeBytes: z.int(),
  /** Published ImageNet top-1, 0..1, with its source; null for an imported base. */
  imagenetTop1: z.number().nullable(),
  imagenetTop1Source: z.string(),
});

const epoch = z.object({
  /** From 1. */
  epoch: z.int(),
  loss: z.number(),
  accuracy: z.number(),
  validationLoss: z.number(),
  validationAccuracy: z.number(),
  /** Of the epoch's last step. */
  learningRate: z.number(),
  seconds: z.number(),
});

/** A phase's configuration as it was applied. Defaults are what files of fulcrum 0.1 do not have. */
const phaseChoices = {
  epochs: z.int(),
  optimizer: z.string(),
  learningRate: z.number(),
  schedule: z.string().default("constant"),
  batchSize: z.int(),
  dropout: z.number(),
  labelSmoothing: z.number().default(0),
  classWeights: z.string().default("none"),
  mixup: z.number().default(0),
  clip: z.string().default("none"),
  patience: z.int().nullable(),
};

/** The candidate's configuration as it was applied. */
export const trainingChoices = z.object({
  augmentation: z.record(z.string(), z.unknown()).nullable(),
  head: z.object({ ...phaseChoices, l2: z.number(), photosPerClass: z.int().nullable() }),
  unfrozenLayers: z.int(),
  fineTuning: z.object(phaseChoices).nullable(),
});

/** What fine-tuning was and gave. */
const fineTuning = z.object({
  /** Names of the layers whose weights were trained, by base. */
  layers: z.record(z.string(), z.array(z.string())),
  batchNorm: z.enum(["frozen", "inference", "training"]),
  /** Weights that were trained, the head's included. */
  trainedParameters: z.int(),
  history: z.array(epoch),
  /** Epoch whose weights were kept; 0: no epoch was better than the head alone. */
  bestEpoch: z.int(),
  stoppedEarly: z.boolean(),
});

const training = z.object({
  candidate: z.string(),
  role: z.enum(["previous", "accuracy", "latency", "none"]),
  /** Where an imported model came from: nothing was trained here, so history is empty and choices say "none". */
  imported: importOrigin.optional(),
  bases: z.array(baseOrigin),
  preprocessing: z.array(preprocessing),
  /** Length of the joined feature vector. */
  featureCount: z.int(),
  classes: z.array(z.string()),
  synthetic: z.boolean(),
  photos: z.object({ training: z.int(), validation: z.int() }),
  choices: trainingChoices,
  /** Of the head. */
  history: z.array(epoch),
  /** Epoch whose head was kept: the best validation accuracy, then the lowest validation loss. */
  bestEpoch: z.int(),
  stoppedEarly: z.boolean(),
  /** null: the head alone was trained. */
  fineTuning: fineTuning.nullable(),
  /** Of the weights that were kept, 0..1; null: nothing was trained. */
  validationAccuracy: z.number().nullable(),
  validationLoss: z.number().nullable(),
  phases: z.object({ featuresSeconds: z.number(), headSeconds: z.number(), fineTuningSeconds: z.number() }),
  runtime: z.object({ onnxruntime: z.string(), threads: z.int() }),
  model: z.object({
    /** File beside the record. */
    file: z.string(),
    sha256: z.string(),
    bytes: z.int(),
    parameters: z.int(),
  }),
});

export type BaseOrigin = z.output<typeof baseOrigin>;
export type ImportOrigin = z.output<typeof importOrigin>;
export type EpochRecord = z.output<typeof epoch>;
export type PhaseSummary = NonNullable<z.output<typeof trainingChoices>["fineTuning"]>;
export type Training = z.output<typeof training>;
export const trainingRecord = defineRecord("training", 2, training);
