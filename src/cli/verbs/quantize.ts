/** `fulcrum quantize`: the int8 form of a model file. */
import { availableParallelism } from "node:os";
import { basename } from "node:path";

import { z } from "zod";
import { quantization } from "../../config/quantization.ts";
import { FulcrumError } from "../../errors/index.ts";
import type { ModelMetadata } from "../../models/index.ts";
import type { Interval } from "../../records/evaluation.ts";
import type { Quantization } from "../../records/quantization.ts";
import { type ModelSplit, readModelSplit, splitOptions } from "../model-split.ts";
import { defineVerb } from "../verb.ts";

export const verb = defineVerb({
  summary: "Make a model file's int8 form: smaller and faster, accepted by its accuracy",
  description:
    "Folds and simplifies the model, takes the ranges of its activations from training photos, and tries several ways " +
    "to quantise it on the validation photos. The best is written if it loses no more than --max-loss (lower end of the " +
    "95 % interval of the paired difference, corrected for the number of ways); otherwise nothing is written and the exit code is 1. Evaluation photos " +
    "are not used. The folder has to be the one that the model was trained on; a model that does not say what it was " +
    "trained on (an imported one) is taken with a note. What int8 gives depends on the CPU: its instruction sets are written into the model file.",
  arguments: [{ usage: "<model>", description: "Float model file" }],
  options: z.object({
    data: z.string().describe("Folder of labelled photos"),
    out: z.string().optional().describe("Where the int8 model goes; default: NAME.int8.onnx beside the model"),
    ...quantization.shape,
    seed: z
      .int()
      .optional()
      .describe(
        "Seed of the split, where the folder has none, and of the photos that calibrate; default: the model's, or 1",
      ),
    ...splitOptions,
    threads: z.int().min(1).optional().describe("Threads; default: one a core"),
  }),
  examples: [
    "fulcrum quantize runs/food/train/latency/model.onnx --data photos",
    "fulcrum quantize model.onnx --data photos --out small.onnx --max-loss 0.01",
  ],
  async run({ args, options, io }) {
    const { quantizeModel } = await import("../../compress/index.ts");
    const { readModelFile } = await import("../../models/index.ts");
    const { progress, signal } = io;
    const { data: dir, maxLoss, calibrationPhotos, weightBits } = options;
    const modelPath = args[0] as string;
    const { metadata } = await readModelFile(modelPath);
    const split = await readModelSplit(metadata, { ...options, dir }, io);
    const { dataset, seed } = split;
    if (metadata.training) refuseOthers(modelPath, metadata.training, split);
    else
      progress.note(
        `${modelPath} does not say what it was trained on: make sure that the validation photos are new to it`,
      );
    const outPath = options.out ?? `${modelPath.replace(/\.onnx$/, "")}.int8.onnx`;
    const result = await quantizeModel({
      modelPath,
      outPath,
      candidate: basename(modelPath),
      dataset,
      choices: { maxLoss, calibrationPhotos, weightBits },
      seed,
      threads: options.threads ?? availableParallelism(),
      progress,
      signal,
    });
    io.print(renderQuantization(result, outPath));
    io.json({ path: outPath, ...result });
    return undefined;
  },
});

/** The model's own training and validation photos, not merely the same folder. @throws QUANTIZE_OTHER_DATA */
function refuseOthers(
  path: string,
  { data, photos }: NonNullable<ModelMetadata["training"]>,
  { dataset, seed, isOwn }: ModelSplit,
): void {
  if (isOwn) return;
  throw new FulcrumError("QUANTIZE_OTHER_DATA", { path, data: dataset.dir, seed, name: data.name, ...photos });
}

function renderQuantization(
  { model, compression, variants, chosen, latencyMs }: Quantization,
  outPath: string,
): string {
  const { validation, sourceBytes, integerArithmetic } = compression;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const points = (one: Interval) =>
    `${(100 * one.estimate).toFixed(1)} points (95 % interval, corrected for a choice of ${validation.variants} variants: ${(100 * one.low).toFixed(1)} to ${(100 * one.high).toFixed(1)})`;
  const ms = ({ estimate, low, high }: Interval) => `${estimate.toFixed(2)} ms [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  const tried = variants.map(({ calibration, weightBits, floatLayers, correct, logLoss }, i) => {
    const range = calibration.method === "percentile" ? `percentile ${100 * calibration.covered}` : calibration.method;
    const kept = floatLayers.length > 0 ? `, float: ${floatLayers.join(", ")}` : "";
    return `${i === chosen ? "*" : " "} ${range}, ${weightBits}-bit weights${kept}: ${correct} right, log loss ${logLoss.toFixed(4)}`;
  });
  const { speedup } = latencyMs;
  return [
    ...tried,
    `validation: ${percent(validation.before.estimate)} before, ${percent(validation.after.estimate)} after, difference ${points(validation.difference)}, ${validation.photos} photos`,
    `size: ${megabytes(sourceBytes)} before, ${megabytes(model.bytes)} after`,
    `latency (1 thread, in turns): ${ms(latencyMs.before)} before, ${ms(latencyMs.after)} after, ${speedup.estimate.toFixed(2)} times faster [${speedup.low.toFixed(2)}, ${speedup.high.toFixed(2)}]`,
    `CPU: ${integerArithmetic.cpu}, ${integerArithmetic.features.join(" ")}${integerArithmetic.saturates ? "; sums of int8 products saturate here" : ""}`,
    outPath,
  ].join("\n");
}
