/** `fulcrum data synth`: draws a data set of dishes. */
import { resolve } from "node:path";
import { z } from "zod";
import { defineVerb } from "../verb.ts";

/** Shares of the photos of a class; the rest is for training. */
const shares = { validation: 0.15, evaluation: 0.3 };

export const verb = defineVerb({
  summary: "Draw a synthetic data set of dishes: no network, no licence",
  description:
    "Draws photographic-looking dishes of ten classes into DIR/training, validation and evaluation. Shape and texture " +
    "tell the classes apart, colour does not. The same options give the same files; a set that was begun is completed. " +
    "The folder's marker file and a comment in every photo say that they are synthetic.",
  arguments: [{ usage: "<dir>", description: "Folder to draw into; new, empty, or of an earlier call" }],
  options: z.object({
    photos: z
      .int()
      .min(10)
      .default(150)
      .describe("Photos of each class: 55 % training, 15 % validation, 30 % evaluation"),
    seed: z.int().min(0).default(1).describe("Seed; everything in the photos follows from it"),
    size: z.int().min(64).max(2048).default(320).describe("Longer side of a photo, pixels"),
  }),
  examples: ["fulcrum data synth dishes", "fulcrum data synth dishes --seed 7 --photos 300"],
  async run({ args, options: { photos, seed, size }, io }) {
    const { synthesizeDataset } = await import("../../data/index.ts");
    const dir = resolve(args[0] as string);
    const validation = Math.round(photos * shares.validation);
    const evaluation = Math.round(photos * shares.evaluation);
    const photosPerClass = { training: photos - validation - evaluation, validation, evaluation };
    const { progress, signal } = io;
    const drawn = await synthesizeDataset({ dir, seed, photosPerClass, size, progress, signal });
    io.print(drawn > 0 ? `${drawn} photos drawn into ${dir}.` : `${dir} is complete; nothing drawn.`);
    io.json({ dir, drawn, photosPerClass, seed, size });
    return undefined;
  },
});
