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
  /** Published ImageNet top-1, 0..1, with its source. */
  imagenetTop1: z.number(),
  imagenetTop1Source: z.string(),
});

const epoch = z.object({
  /** From 1. */
  epoch: z.int(),
  loss: z.number(),
  accuracy: z.number(),
  validationLoss: z.number(),
  validationAccuracy: z.number(),
  seconds: z.number(),
});

/** The candidate's configuration as it was applied. */
export const trainingChoices = z.object({
  augmentation: z.record(z.string(), z.unknown()).nullable(),
  head: z.object({
    epochs: z.int(),
    optimizer: z.string(),
    learningRate: z.number(),
    batchSize: z.int(),
    dropout: z.number(),
    l2: z.number(),
    patience: z.int().nullable(),
    photosPerClass: z.int().nullable(),
  }),
  unfrozenLayers: z.int(),
  fineTuning: z.object({ epochs: z.int(), optimizer: z.string(), learningRate: z.number() }).nullable(),
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
  history: z.array(epoch),
  /** Epoch whose weights were kept: the best validation accuracy, then the lowest validation loss. */
  bestEpoch: z.int(),
  stoppedEarly: z.boolean(),
  /** What fine-tuning did after the head: its own epochs from 1, and the one whose weights were kept (0: the head's). */
  fineTuning: z.object({ history: z.array(epoch), bestEpoch: z.int() }).optional(),
  phases: z.object({ featuresSeconds: z.number(), headSeconds: z.number() }),
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
export type Training = z.output<typeof training>;
export const trainingRecord = defineRecord("training", 1, training);
