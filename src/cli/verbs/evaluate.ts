/** `fulcrum evaluate`: a model file's accuracy on labelled photos. */
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { z } from "zod";
import { FulcrumError } from "../../errors/index.ts";
import type { PairedCounts } from "../../evaluate/index.ts";
import type { Evaluation, Interval } from "../../records/evaluation.ts";
import { readModelSplit, splitCaution, splitOptions } from "../model-split.ts";
import { defineVerb } from "../verb.ts";

export const verb = defineVerb({
  summary: "Accuracy of a model file on labelled photos, with its interval",
  description:
    "Classifies every photo of a split (a folder without splits is split as it was when the model was trained) and " +
    "prints top-1 accuracy with its 95 % Wilson interval, log loss, precision and recall by class, and the confusion " +
    "matrix. The result of the evaluation split is also written into the model " +
    "file's metadata. With --live the photos are those that users answered for (serve --ask-share): accuracy with its " +
    "interval, and with --against the difference to a test set and three tests for drift.",
  arguments: [{ usage: "[model]", description: "Model file; with --live only answers to it count" }],
  options: z.object({
    data: z.string().optional().describe("Folder of labelled photos"),
    live: z.string().optional().describe("Users' answers instead: the file of serve --answers"),
    against: z
      .string()
      .optional()
      .describe("With --live: evaluation record of a test set (runs/NAME/evaluate/...json)"),
    beside: z
      .string()
      .optional()
      .describe(
        "Another model file on the same photos: both accuracies and the paired difference, this one minus that",
      ),
    split: z.enum(["training", "validation", "evaluation"]).default("evaluation").describe("Which photos"),
    seed: z.int().optional().describe("Seed of the split, where the folder has none; default: the model's, or 1"),
    ...splitOptions,
    threads: z.int().min(1).optional().describe("Threads; default: one a core"),
  }),
  examples: [
    "fulcrum evaluate runs/food/train/latency/model.onnx --data photos",
    "fulcrum evaluate small.int8.onnx --beside small.onnx --data photos",
    "fulcrum evaluate --live answers.sqlite --against runs/food/evaluate/latency.json",
  ],
  async run({ args, options, io }) {
    const modelPath = args[0] as string | undefined;
    const { live, against } = options;
    if (live !== undefined) {
      const { renderLiveEvaluation, runLiveEvaluation } = await import("../live-evaluation.ts");
      const evaluation = await runLiveEvaluation({ answersPath: live, modelPath, againstPath: against });
      io.print(renderLiveEvaluation(evaluation));
      io.json(evaluation);
      return undefined;
    }
    if (modelPath === undefined || options.data === undefined)
      throw new FulcrumError("CLI_USAGE", { problem: "A model and --data, or --live, is needed.", verb: "evaluate" });
    const { readModelFile } = await import("../../models/index.ts");
    const { countPairs, evaluateModels, mcnemarExact, pairedDifference } = await import("../../evaluate/index.ts");
    const { progress, signal } = io;
    const { data: dir, split } = { ...options, data: options.data };
    const { metadata } = await readModelFile(modelPath);
    const modelSplit = await readModelSplit(metadata, { ...options, dir }, io);
    const { dataset } = modelSplit;
    const caution = splitCaution(modelPath, metadata, modelSplit);
    if (caution !== null) progress.note(caution);
    const paths = options.beside === undefined ? [modelPath] : [modelPath, options.beside];
    const models = paths.map((path) => ({ modelPath: path, candidate: basename(path) }));
    const threads = options.threads ?? availableParallelism();
    const how = { dataset, split, threads, measureInference: false, progress, signal };
    const [evaluation, other] = await evaluateModels(models, how);
    io.print(renderEvaluation(evaluation!));
    if (other === undefined) {
      io.json(evaluation);
      return undefined;
    }
    const pairs = countPairs(evaluation!, other);
    const difference = pairedDifference(pairs);
    const pValue = mcnemarExact(pairs.onlyFirst, pairs.onlySecond);
    io.print(renderPair(other, { pairs, difference, pValue }));
    io.json({ ...evaluation, beside: { path: options.beside, accuracy: other.accuracy, pairs, difference, pValue } });
    return undefined;
  },
});

interface Pair {
  readonly pairs: PairedCounts;
  readonly difference: Interval;
  readonly pValue: number;
}

function renderPair({ candidate, accuracy, correct, photos }: Evaluation, { pairs, difference, pValue }: Pair): string {
  const points = (share: number) => (100 * share).toFixed(1);
  return [
    `\nbeside ${candidate}: ${percent(accuracy.estimate)} % right (${correct} of ${photos}; 95 % interval ${percent(accuracy.low)} to ${percent(accuracy.high)})`,
    `difference ${points(difference.estimate)} points (95 % interval of pairs ${points(difference.low)} to ${points(difference.high)}; exact McNemar p ${pValue.toPrecision(2)})`,
    `both right ${pairs.bothRight}, only this ${pairs.onlyFirst}, only that ${pairs.onlySecond}, both wrong ${pairs.bothWrong}`,
  ].join("\n");
}

const percent = (share: number | null) => (share === null ? "-" : (100 * share).toFixed(1));

function renderEvaluation(evaluation: Evaluation): string {
  const { accuracy, photos, correct, logLoss, data } = evaluation;
  const interval = `95 % interval ${percent(accuracy.low)} to ${percent(accuracy.high)}`;
  return [
    `${percent(accuracy.estimate)} % right (${correct} of ${photos}; ${interval}), log loss ${logLoss.toFixed(3)}; ${data}`,
    renderClasses(evaluation),
    renderConfusion(evaluation),
  ].join("\n\n");
}

const nameWidth = (classes: readonly string[]) => Math.max("class".length, ...classes.map((name) => name.length));

function renderClasses({ classes, perClass }: Evaluation): string {
  const width = nameWidth(classes);
  const rows = perClass.map(({ name, photos, precision, recall }) =>
    [name.padEnd(width), String(photos).padStart(6), percent(precision).padStart(11), percent(recall).padStart(8)].join(
      " ",
    ),
  );
  return [`${"class".padEnd(width)} photos precision % recall %`, ...rows].join("\n");
}

/** Columns are numbered, since names as headings would not fit. */
function renderConfusion({ classes, confusion }: Evaluation): string {
  const width = nameWidth(classes) + 4;
  const cellWidth = 1 + Math.max(2, ...confusion.flat().map((count) => String(count).length));
  const line = (label: string, cells: readonly (string | number)[]) =>
    label.padEnd(width) + cells.map((cell) => String(cell).padStart(cellWidth)).join("");
  const rows = confusion.map((row, i) => line(`${String(i + 1).padStart(3)} ${classes[i]!}`, row));
  const heading = line(
    "",
    classes.map((_, i) => i + 1),
  );
  return ["confusion: a row a true class, a column a predicted class", heading, ...rows].join("\n");
}
