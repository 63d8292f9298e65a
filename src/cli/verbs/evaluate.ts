/** `fulcrum evaluate`: a model file's accuracy on labelled photos. */
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { z } from "zod";
import type { Evaluation } from "../../records/evaluation.ts";
import { defineVerb } from "../verb.ts";

export const verb = defineVerb({
  summary: "Accuracy of a model file on labelled photos, with its interval",
  description:
    "Classifies every photo of a split and prints top-1 accuracy with its 95 % Wilson interval, log loss, precision and " +
    "recall by class, and the confusion matrix. The result is also written into the model file's metadata.",
  arguments: [{ usage: "<model>", description: "Model file" }],
  options: z.object({
    data: z.string().describe("Folder of labelled photos"),
    split: z.enum(["training", "validation", "evaluation"]).default("evaluation").describe("Which photos"),
    seed: z.int().default(1).describe("Seed of the split, where the folder has none"),
    skipUnreadable: z.boolean().default(false).describe("Leave out files that cannot be decoded"),
    threads: z.int().min(1).optional().describe("Threads; default: one a core"),
  }),
  examples: ["fulcrum evaluate runs/food/train/latency/model.onnx --data photos"],
  async run({ args, options, io }) {
    const { readDataset } = await import("../../data/index.ts");
    const { evaluateModel } = await import("../../evaluate/index.ts");
    const { progress, signal } = io;
    const { data: dir, seed, skipUnreadable, split } = options;
    const shares = { validationShare: 0.15, evaluationShare: 0.15 };
    const dataset = await readDataset({ dir, layout: "auto", skipUnreadable, ...shares, seed, progress, signal });
    const modelPath = args[0] as string;
    const evaluation = await evaluateModel({
      modelPath,
      dataset,
      split,
      candidate: basename(modelPath),
      threads: options.threads ?? availableParallelism(),
      measureInference: false,
      progress,
      signal,
    });
    io.print(renderEvaluation(evaluation));
    io.json(evaluation);
    return undefined;
  },
});

function renderEvaluation({
  accuracy,
  photos,
  correct,
  logLoss,
  perClass,
  confusion,
  classes,
  data,
}: Evaluation): string {
  const percent = (value: number | null) => (value === null ? "-" : (100 * value).toFixed(1));
  const width = Math.max(...classes.map((name) => name.length));
  const table = perClass.map(
    ({ name, photos: n, precision, recall }) =>
      `${name.padEnd(width)} ${String(n).padStart(6)} ${percent(precision).padStart(9)} ${percent(recall).padStart(6)}`,
  );
  const matrix = confusion.map(
    (row, i) => `${classes[i]!.padEnd(width)} ${row.map((n) => String(n).padStart(4)).join("")}`,
  );
  return [
    `${percent(accuracy.estimate)} % right (${correct} of ${photos}; 95 % interval ${percent(accuracy.low)} to ${percent(accuracy.high)}), log loss ${logLoss.toFixed(3)}; ${data}`,
    "",
    `${"class".padEnd(width)} photos precision recall`,
    ...table,
    "",
    "confusion: rows are the true class, columns the predicted one, in the same order",
    ...matrix,
  ].join("\n");
}
