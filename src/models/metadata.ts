/**
 * What a model file says about itself: JSON values in ONNX metadata_props under the prefix `fulcrum.`, one a field.
 * There is no time and no path in it, so that equal training gives equal bytes.
 */
import { z } from "zod";
import { drawnShares } from "../records/dataset.ts";
import { interval } from "../records/evaluation.ts";
import { preprocessing } from "../records/preprocessing.ts";
import { compression } from "../records/quantization.ts";
import { baseOrigin, importOrigin, trainingChoices } from "../records/training.ts";

export const metadataFormatVersion = 1;
const prefix = "fulcrum.";

const trainingSummary = z.object({
  candidate: z.string(),
  role: z.enum(["previous", "accuracy", "latency", "none"]),
  choices: trainingChoices,
  photos: z.object({ training: z.int(), validation: z.int() }),
  /** The data set: its folder's name, a hash of its classes and photos, and how its splits were drawn if they were. */
  data: z.object({ name: z.string(), sha256: z.string(), shares: drawnShares.optional() }),
  seed: z.number(),
  /** Epochs of head training that ran; the head is that of `bestEpoch`, unless fine-tuning made it better. */
  epochs: z.int(),
  bestEpoch: z.int(),
  stoppedEarly: z.boolean(),
  fineTuning: z
    .object({
      epochs: z.int(),
      /** 0: no epoch was better than the head alone. */
      bestEpoch: z.int(),
      stoppedEarly: z.boolean(),
      layers: z.record(z.string(), z.array(z.string())),
      batchNorm: z.enum(["frozen", "inference", "training"]),
      trainedParameters: z.int(),
    })
    .nullable()
    .default(null),
  /** Of the weights in the file, 0..1. */
  validationAccuracy: z.number(),
  validationLoss: z.number(),
});

const evaluationSummary = z.object({
  /** Which photos, in words. */
  data: z.string(),
  synthetic: z.boolean(),
  photos: z.int(),
  correct: z.int(),
  /** Top-1, 0..1. */
  accuracy: interval,
  /** Mean negative log of the true class' probability, nats. */
  logLoss: z.number(),
});

export const modelMetadata = z.object({
  formatVersion: z.literal(metadataFormatVersion),
  /** Versions of what made the file. */
  versions: z.object({ fulcrum: z.string(), onnxruntime: z.string() }),
  /** Names in the order of the probabilities. */
  classes: z.array(z.string()).min(1),
  /** One a model input. */
  preprocessing: z.array(preprocessing).min(1),
  /** Empty for an imported model. */
  bases: z.array(baseOrigin),
  /** null for an imported model. */
  training: trainingSummary.nullable(),
  /** Where an imported model came from; null for one that fulcrum trained. */
  imported: importOrigin.nullable().default(null),
  /** True if it was trained on drawn photos. */
  synthetic: z.boolean(),
  /** How it was made smaller; null for a float model. Files of fulcrum 0.1 do not have it. */
  compression: compression.nullable().default(null),
  /** null until the model is evaluated. */
  evaluation: evaluationSummary.nullable(),
});

export type TrainingSummary = z.output<typeof trainingSummary>;
export type EvaluationSummary = z.output<typeof evaluationSummary>;
export type ModelMetadata = z.output<typeof modelMetadata>;

/** Metadata as ONNX keys and values, in the order of the schema. */
export function renderMetadata(metadata: ModelMetadata): Record<string, string> {
  const fields = Object.entries(modelMetadata.parse(metadata));
  return Object.fromEntries(fields.map(([key, value]) => [prefix + key, JSON.stringify(value)]));
}

const unmarked =
  "it does not say its classes nor how photos enter it, so it was not written by fulcrum. Next: make a model file of the " +
  "Keras file that it came from (`fulcrum import`)";

/** ONNX keys and values as metadata, or what is wrong with them in words. Keys without the prefix are ignored. */
export function parseMetadata(
  entries: Readonly<Record<string, string>>,
): { metadata: ModelMetadata } | { problem: string } {
  if (!Object.keys(entries).some((key) => key.startsWith(prefix))) return { problem: unmarked };
  const fields: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(modelMetadata.shape)) {
    const text = entries[prefix + key];
    if (text === undefined && schema.safeParse(undefined).success) continue;
    if (text === undefined) return { problem: `metadata key ${prefix + key} is missing` };
    try {
      fields[key] = JSON.parse(text);
    } catch {
      return { problem: `metadata key ${prefix + key} is not JSON` };
    }
  }
  const parsed = modelMetadata.safeParse(fields);
  return parsed.success ? { metadata: parsed.data } : { problem: `metadata: ${z.prettifyError(parsed.error)}` };
}
