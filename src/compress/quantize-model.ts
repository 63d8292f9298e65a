/** A model file to its int8 form: simplify, calibrate, try variants on the validation photos, accept the best or none. */
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { readBytes } from "../base/files.ts";
import { sha256 } from "../base/hash.ts";
import { describeMachine } from "../base/machine.ts";
import type { Progress } from "../base/progress.ts";
import { Rng } from "../base/rng.ts";
import type { QuantizationChoices } from "../config/quantization.ts";
import type { Graph, Node } from "../engine/graph/index.ts";
import { decodeModel } from "../engine/onnx/index.ts";
import { FulcrumError } from "../errors/index.ts";
import { countPairs, evaluateModels, pairedDifference } from "../evaluate/index.ts";
import { decodePhoto } from "../images/index.ts";
import { type ModelFile, type ModelMetadata, readModelFile, renderModelFile, writeModelFile } from "../models/index.ts";
import { photoFeeds } from "../predict/index.ts";
import type { Dataset } from "../records/dataset.ts";
import type { Evaluation } from "../records/evaluation.ts";
import type { Compression, Quantization, QuantizationVariant } from "../records/quantization.ts";
import { calibrate } from "./calibrate/calibrate.ts";
import type { ValueHistogram } from "./calibrate/histogram.ts";
import { calibrationPhotos } from "./calibrate/photos.ts";
import { evaluateConstants } from "./evaluate-constants.ts";
import { batchNormToConv } from "./quantize/batch-norm-to-conv.ts";
import { layersOf, quantizeGraph } from "./quantize/quantize-graph.ts";
import { rewriteGraph } from "./rewrite.ts";
import { simplifyGraph } from "./simplify/index.ts";
import { timeModels } from "./time-models.ts";
import { acceptanceLevel, bestVariant, planVariants, productsSaturate, type Variant } from "./variants.ts";

export interface QuantizeModelOptions {
  readonly modelPath: string;
  /** Where the int8 model is written. */
  readonly outPath: string;
  readonly candidate: string;
  readonly dataset: Dataset;
  readonly choices: QuantizationChoices;
  readonly seed: number;
  readonly threads: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** A variant with its predictions on the validation photos. */
interface Trial {
  readonly variant: Variant;
  readonly evaluation: Evaluation;
}

const timedPhotos = 10;

/**
 * Writes the int8 model if, on the validation photos, the interval of its paired difference in accuracy stays above
 * -maxLoss: 95 %, corrected for the number of variants that the best is chosen from. Evaluation photos are not looked at.
 * @throws QUANTIZE_REFUSED, QUANTIZE_ALREADY, QUANTIZE_NO_LAYERS, ENGINE_MODEL_UNSUPPORTED, and what evaluateModel does
 */
export async function quantizeModel(options: QuantizeModelOptions): Promise<Quantization> {
  const { modelPath, outPath, choices, dataset, progress } = options;
  const source = await readModelFile(modelPath);
  if (source.metadata.compression !== null) throw new FulcrumError("QUANTIZE_ALREADY", { path: modelPath });
  const graph = await integerReadyGraph(source.bytes);
  if (layersOf(graph).length === 0) throw new FulcrumError("QUANTIZE_NO_LAYERS", { path: modelPath });
  const photos = calibrationPhotos(
    dataset.splits.training,
    choices.calibrationPhotos,
    new Rng(options.seed).fork("calibration"),
  );
  const { preprocessing } = source.metadata;
  const histograms = await calibrate({ ...options, graph, preprocessing, photos, dataDir: dataset.dir });
  let before: Evaluation | undefined;
  const trials: Trial[] = [];
  let chosen = 0;
  const groups = planVariants(graph, photos.length, productsSaturate(describeMachine()), choices);
  const bound = { maxLoss: choices.maxLoss, variants: groups.flat().length };
  for (const group of groups) {
    const tried = await tryVariants(options, group, (variant) =>
      renderVariant(source, graph, histograms, variant, null),
    );
    before = tried.before;
    trials.push(...tried.trials);
    chosen = bestVariant(trials.map(({ evaluation }) => evaluation));
    if (isAccepted(compare(tried.before, trials[chosen]!.evaluation, bound))) break;
    progress.note("int8 loses too much accuracy so far: trying with the first and the last layer in float");
  }
  const { variant, evaluation: after } = trials[chosen]!;
  const compression = describeCompression(source, variant, compare(before!, after, bound));
  if (!isAccepted(compression.validation)) throw refusal(modelPath, compression.validation);
  const bytes = renderVariant(source, graph, histograms, variant, compression);
  await writeModelFile(outPath, bytes);
  return {
    candidate: options.candidate,
    model: { file: basename(outPath), sha256: sha256(bytes), bytes: bytes.byteLength },
    compression,
    variants: trials.map(describeTrial),
    chosen,
    latencyMs: await timeModels(source.bytes, bytes, await someFeeds(options, source.metadata), () =>
      performance.now(),
    ),
  };
}

/** Simplified, and without a BatchNormalization that has no integer kernel. */
export async function integerReadyGraph(bytes: Uint8Array): Promise<Graph> {
  return rewriteGraph(await simplifyGraph(decodeModel(bytes).graph, evaluateConstants), batchNormToConv);
}

/** The float model and some variants on the validation photos, each of which is decoded once for all of them. */
async function tryVariants(
  options: QuantizeModelOptions,
  variants: readonly Variant[],
  render: (variant: Variant) => Uint8Array,
): Promise<{ before: Evaluation; trials: Trial[] }> {
  const { modelPath, outPath, dataset, threads, progress, signal } = options;
  const paths = variants.map((_, i) => `${outPath}.trial-${i}.tmp`);
  try {
    for (const [i, variant] of variants.entries()) await writeModelFile(paths[i]!, render(variant));
    const tried = variants.map((variant, i) => ({ modelPath: paths[i]!, candidate: nameOf(variant) }));
    const how = { dataset, split: "validation", threads, measureInference: false, progress, signal } as const;
    const [before, ...after] = await evaluateModels([{ modelPath, candidate: "float" }, ...tried], how);
    return { before: before!, trials: variants.map((variant, i) => ({ variant, evaluation: after[i]! })) };
  } finally {
    await Promise.all(paths.map((path) => rm(path, { force: true })));
  }
}

function nameOf({ calibration: { method, covered }, weightBits }: Variant): string {
  return `int8 ${method}${method === "percentile" ? ` ${100 * covered}` : ""}, ${weightBits}-bit weights`;
}

function renderVariant(
  source: ModelFile,
  graph: Graph,
  histograms: ReadonlyMap<Node, ValueHistogram>,
  { calibration, weightBits, floatLayers }: Variant,
  compression: Compression | null,
): Uint8Array {
  const quantized = quantizeGraph(graph, {
    rangeOf(node) {
      const histogram = histograms.get(node)!;
      return calibration.method === "min-max" ? histogram.extremes : histogram.percentiles(calibration.covered);
    },
    weightBits,
    keepFloat: new Set(floatLayers),
  });
  // What the float model reached is not what this one reaches.
  return renderModelFile(quantized, { ...source.metadata, compression, evaluation: null });
}

function compare(
  before: Evaluation,
  after: Evaluation,
  { maxLoss, variants }: Pick<Compression["validation"], "maxLoss" | "variants">,
): Compression["validation"] {
  const difference = pairedDifference(countPairs(after, before), acceptanceLevel(variants));
  return { photos: after.photos, before: before.accuracy, after: after.accuracy, difference, variants, maxLoss };
}

function isAccepted({ difference, maxLoss }: Compression["validation"]): boolean {
  return difference.low >= -maxLoss;
}

function describeCompression(source: ModelFile, variant: Variant, validation: Compression["validation"]): Compression {
  const machine = describeMachine();
  return {
    kind: "int8",
    sourceSha256: source.trainedSha256,
    sourceBytes: source.bytes.byteLength,
    ...variant,
    integerArithmetic: {
      cpu: machine.cpuModel,
      features: machine.cpuFeatures,
      saturates: productsSaturate(machine),
    },
    validation,
  };
}

function describeTrial({ variant, evaluation: { correct, logLoss } }: Trial): QuantizationVariant {
  return { ...variant, correct, logLoss };
}

function refusal(path: string, { photos, difference, variants, maxLoss }: Compression["validation"]): FulcrumError {
  const points = (share: number) => (100 * share).toFixed(1);
  return new FulcrumError("QUANTIZE_REFUSED", {
    path,
    photos,
    difference: points(difference.estimate),
    low: points(difference.low),
    high: points(difference.high),
    variants,
    bound: points(-maxLoss),
  });
}

/** Inputs of some validation photos, to time the models with. */
async function someFeeds({ dataset }: QuantizeModelOptions, { preprocessing }: ModelMetadata) {
  const photos = dataset.splits.validation.slice(0, timedPhotos);
  const pixels = await Promise.all(
    photos.map(async ({ path }) => decodePhoto(await readBytes(join(dataset.dir, path)), path)),
  );
  return pixels.map((one) => photoFeeds(preprocessing, [one]));
}
