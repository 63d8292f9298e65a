/** How a candidate becomes int8, and what it may cost. */
import { z } from "zod";

export const quantization = z.strictObject({
  maxLoss: z
    .number()
    .min(0)
    .max(1)
    .default(0.03)
    .describe(
      "Accuracy that int8 may lose on the validation photos, 0..1: the 95 % interval, corrected for the choice of a variant, has to stay within",
    ),
  calibrationPhotos: z.int().min(1).max(10000).default(128).describe("Training photos that the ranges are taken from"),
  weightBits: z
    .enum(["auto", "7", "8"])
    .default("auto")
    .describe("Bits of a weight; 7 cannot saturate on any CPU; auto: 8, and 7 as well where this CPU has no VNNI"),
});

export type QuantizationChoices = z.output<typeof quantization>;
