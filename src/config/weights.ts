/** Where a project takes weights of base models from, instead of the embedded or the published ones. */
import { z } from "zod";
import { baseIds } from "./candidate.ts";

const hash = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/, "64 hexadecimal digits")
  .nullable()
  .default(null)
  .describe("SHA-256 of the file; null: not checked");

const source = z.union([
  z.strictObject({
    file: z
      .string()
      .min(1)
      .describe(
        "Keras file (.h5, .keras, .weights.h5: weights only or a whole model) or safetensors, relative to this file",
      ),
    sha256: hash,
  }),
  z.strictObject({ url: z.url({ protocol: /^https?$/ }).describe("Address to download it from, once"), sha256: hash }),
]);

export const weightsSources = z
  .partialRecord(z.enum(baseIds), source)
  .describe("Weights of base models by base; without an entry the embedded ones, or Keras Applications' official file");

export type WeightsSource = z.output<typeof source>;
export type WeightsSources = z.output<typeof weightsSources>;
