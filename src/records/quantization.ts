/** The quantise stage's record: the int8 model beside the float one, what it costs in accuracy and what it gains. */
import { z } from "zod";
import { interval } from "./evaluation.ts";
import { defineRecord } from "./record.ts";

/** How the range of activations is found. */
const calibration = z.object({
  method: z.enum(["min-max", "percentile"]),
  /** Share of the values that the range covers, 0..1; 1 for min-max. */
  covered: z.number(),
  /** Training photos that were looked at. */
  photos: z.int(),
});

/** What integer arithmetic means on the CPU that the model was checked on. */
const integerArithmetic = z.object({
  cpu: z.string(),
  /** Instruction sets that int8 kernels depend on. */
  features: z.array(z.string()),
  /** True where the sum of two products of uint8 and int8 saturates at 16 bits (AVX2 without VNNI). */
  saturates: z.boolean(),
});

/** Accuracies on the same validation photos. */
const comparison = z.object({
  photos: z.int(),
  before: interval,
  after: interval,
  /** After minus before, 0..1, paired; its level is 1 - 0.05 / variants. */
  difference: interval,
  /** Variants that the model could have been chosen from on these photos. Files of before this correction: 1. */
  variants: z.int().default(1),
  /** Loss of accuracy that the lower end of `difference` must not exceed, 0..1. */
  maxLoss: z.number(),
});

/** What a quantised model file says about its making. */
export const compression = z.object({
  kind: z.literal("int8"),
  /** SHA-256 of the float model file as training wrote it, and its size. */
  sourceSha256: z.string(),
  sourceBytes: z.int(),
  calibration,
  weightBits: z.union([z.literal(7), z.literal(8)]),
  /** Names of layers that stayed in float. */
  floatLayers: z.array(z.string()),
  integerArithmetic,
  validation: comparison,
});

const variant = z.object({
  calibration,
  weightBits: z.union([z.literal(7), z.literal(8)]),
  floatLayers: z.array(z.string()),
  correct: z.int(),
  logLoss: z.number(),
});

const quantization = z.object({
  candidate: z.string(),
  /** File beside the record. */
  model: z.object({ file: z.string(), sha256: z.string(), bytes: z.int() }),
  compression,
  /** Everything that was tried on the validation photos, in order, and the index of what was chosen. */
  variants: z.array(variant),
  chosen: z.int(),
  /** One photo at a time from prepared pixels, float and int8 in turns. */
  latencyMs: z.object({
    before: interval,
    after: interval,
    /** Before divided by after, median of the pairs. */
    speedup: interval,
    runs: z.int(),
    threads: z.int(),
  }),
});

export type Calibration = z.output<typeof calibration>;
export type Compression = z.output<typeof compression>;
export type QuantizationVariant = z.output<typeof variant>;
export type Quantization = z.output<typeof quantization>;
export const quantizationRecord = defineRecord("quantization", 1, quantization);
