/**
 * Every JSON body of the service as a schema: the types of the code, and the components of the OpenAPI document
 * (openapi.ts) come from here and from nowhere else.
 */
import { z } from "zod";

const probability = z.number().min(0).max(1);

export const predictionAnswer = z
  .object({
    class: z.string().describe("The most probable class"),
    confidence: probability.describe("Probability of `class`"),
    probabilities: z
      .array(z.object({ class: z.string(), probability }))
      .describe("The most probable classes, best first; as many as `top` asks for"),
    model: z.string().describe("SHA-256 of the model that answered"),
    timing: z
      .object({
        queueMs: z.number().describe("Waiting for a worker"),
        decodeMs: z.number().describe("Decoding the photo"),
        inferenceMs: z.number().describe("Preparing (resizing) the photo and running the model"),
        totalMs: z.number().describe("From the request's arrival to the answer"),
      })
      .describe("Milliseconds"),
  })
  .describe("What the model says of one photo");

export const failure = z
  .object({
    error: z.object({
      code: z.string().describe("Stable code, listed in docs/errors.md"),
      message: z.string().describe("What failed, the value received, what is allowed, and the next step"),
    }),
  })
  .describe("Every refusal has this form");

export const predictionList = z
  .array(z.union([predictionAnswer, failure]))
  .describe("One entry a photo, in the order of the upload; a photo that cannot be read has an error in its place");

export const question = z
  .object({
    question: z.string(),
    classes: z.array(z.string()).describe("What can be answered"),
    keepsPhoto: z.boolean().describe("The photo is kept with the answer; otherwise only its hash is"),
  })
  .describe("In place of a prediction: send the photo again with `category`, one of `classes` or empty to skip");

export const predictReply = z.union([predictionAnswer, predictionList, question]);

export const uploadForm = z
  .object({
    file: z.union([photoFile(), z.array(photoFile())]).describe("One photo or several: JPEG, PNG or WebP"),
    category: z.string().optional().describe("What the photo shows, where the service has asked; empty to skip"),
  })
  .describe("A form");

function photoFile() {
  return z.string().meta({ contentMediaType: "image/jpeg" });
}

export const aliveState = z.object({ status: z.literal("alive") });

export const readyState = z.object({
  status: z.literal("ready"),
  workers: z.int().describe("Inference workers that have opened the model"),
});

export const reloadRequest = z.strictObject({
  path: z.string().min(1).optional().describe("Model file as the server sees it; by default the one that is served"),
});

export const reloadAnswer = z.object({
  model: z.string().describe("SHA-256 of the model that is served now"),
  previous: z.string().describe("SHA-256 of the model that was served before"),
  classes: z.array(z.string()),
  seconds: z.number().describe("From the request to the last worker's change"),
});

export type PredictionAnswer = z.output<typeof predictionAnswer>;
export type Question = z.output<typeof question>;
export type Failure = z.output<typeof failure>;
export type ReloadAnswer = z.output<typeof reloadAnswer>;
