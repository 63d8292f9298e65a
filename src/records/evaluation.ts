/** The evaluate stage's record: accuracy on held-out photos with its interval, and every prediction. */
import { z } from "zod";
import { defineRecord } from "./record.ts";

/** An estimate with its interval, all in the estimate's unit. */
export const interval = z.object({
  estimate: z.number(),
  low: z.number(),
  high: z.number(),
  /** Confidence level, 0..1. */
  level: z.number(),
  method: z.string(),
});

const evaluation = z.object({
  candidate: z.string(),
  modelSha256: z.string(),
  /** Which photos: "evaluation split of DIR", and whether they are drawn. */
  data: z.string(),
  synthetic: z.boolean(),
  classes: z.array(z.string()),
  photos: z.int(),
  correct: z.int(),
  /** Top-1 accuracy, 0..1. */
  accuracy: interval,
  /** Mean negative log of the true class' probability, nats. */
  logLoss: z.number(),
  perClass: z.array(
    z.object({
      name: z.string(),
      photos: z.int(),
      /** null where nothing was predicted as this class. */
      precision: z.number().nullable(),
      recall: z.number().nullable(),
    }),
  ),
  /** confusion[true][predicted]: counts. */
  confusion: z.array(z.array(z.int())),
  predictions: z.array(
    z.object({
      path: z.string(),
      label: z.int(),
      predicted: z.int(),
      /** Probability of the predicted class and of the true one. */
      confidence: z.number(),
      labelProbability: z.number(),
    }),
  ),
  /** For an int8 model: the float model that it was made from on the same photos, and int8 minus float, paired, 0..1. */
  float: z.object({ modelSha256: z.string(), accuracy: interval, difference: interval }).optional(),
  /** One photo at a time from decoded pixels, one thread: the model alone. null where it was not measured. */
  inferenceMs: interval.extend({ runs: z.int(), threads: z.int() }).nullable(),
});

export type Interval = z.output<typeof interval>;
export type Evaluation = z.output<typeof evaluation>;
export const evaluationRecord = defineRecord("evaluation", 1, evaluation);
