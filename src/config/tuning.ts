/** What `fulcrum tune` may be told. */
import { z } from "zod";
import { baseIds } from "./candidate.ts";
import { durationQuantity } from "./quantities.ts";

export const tuning = z.strictObject({
  budget: durationQuantity.prefault("20m").describe("Time for the whole search, over all sessions, as 20m or 2h"),
  bases: z
    .array(z.enum(baseIds))
    .default(["efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2"])
    .describe("Base models to try, alone and joined"),
  sizes: z
    .array(z.coerce.number().int().min(32).max(1024))
    .default([160, 192, 224, 256])
    .describe("Input sides to try besides each base's own, pixels"),
  layers: z
    .array(z.coerce.number().int().min(0))
    .default([11, 20, 38])
    .describe(
      "Last layers to un-freeze in the half of the trials that are fine-tuned, as Keras counts them (EfficientNet-Lite: " +
        "1, 2 and 4 blocks); 0: heads only",
    ),
});

export type TuningChoices = z.output<typeof tuning>;
