/**
 * What is trained, as graphs: the tails of the bases that are un-frozen, the joined features and the head. One graph of
 * the training step, and one of the model as it is, folded, for validation.
 */
import { GraphBuilder, type Node } from "../engine/graph/index.ts";
import { channelsLast, toChannelsFirst } from "../engine/layout/index.ts";
import { encodeModel } from "../engine/onnx/index.ts";
import {
  type Clipping,
  createOptimizer,
  createTrainer,
  l2Penalty,
  type OptimizerOptions,
  softmaxCrossEntropy,
} from "../engine/optimize/index.ts";
import { createSession } from "../engine/runtime/index.ts";
import {
  type BatchStatistics,
  lowerNetwork,
  type Parameter,
  storedWeights,
  type Weight,
  type Weights,
} from "../layers/index.ts";
import { type DenseHead, featuresOutput, poolFeatures } from "../models/index.ts";
import { boundaryOutput } from "./frozen.ts";
import type { Feeds, PhaseModel } from "./phase.ts";
import type { UnfrozenNetwork } from "./unfreeze.ts";

/** A base's part of what is trained. */
export interface TailPart {
  readonly id: string;
  readonly featureCount: number;
  /** null: the base is frozen, its features are read. */
  readonly unfrozen: UnfrozenNetwork | null;
  /** Values at the boundary by layer, pictures with channels last, without the batch's dimension. */
  readonly boundaryDims: Readonly<Record<string, readonly number[]>>;
  /** Changed in place where layers are trained. */
  readonly weights: Weights;
}

export interface TailOptions {
  readonly parts: readonly TailPart[];
  /** Changed in place. */
  readonly head: DenseHead;
  readonly optimizer: OptimizerOptions;
  readonly clipping: Clipping;
  /** Penalty on the head's kernel. */
  readonly l2: number;
  readonly movingVariance: "keras2" | "keras3";
  readonly threads: number;
  /** Threads wait for the next operation in a busy loop: where no worker makes batches meanwhile. */
  readonly spinning: boolean;
}

/** Name of the trained graph's input for a base's features, or for a layer at its boundary. */
export function tailInput(part: Pick<TailPart, "id">, layer: string | null): string {
  return `${part.id}/${layer === null ? featuresOutput : boundaryOutput(layer)}`;
}

/** Which outputs of an extractor the graph reads. */
export function readingsOf(parts: readonly TailPart[]) {
  return parts.flatMap((part, extractorIndex) =>
    part.unfrozen === null
      ? [{ input: tailInput(part, null), extractorIndex, output: featuresOutput }]
      : part.unfrozen.boundary.map((layer) => ({
          input: tailInput(part, layer),
          extractorIndex,
          output: boundaryOutput(layer),
        })),
  );
}

/** A moving statistic that steps change. */
interface Moving {
  readonly statistics: BatchStatistics;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  /** Names of the step's results. */
  readonly results: { readonly mean: string; readonly variance: string };
}

/** Makes what `runPhase` trains. @throws ENGINE_NO_GRADIENT, ENGINE_SESSION_FAILED, LAYER_INVALID */
export async function createTail(options: TailOptions): Promise<PhaseModel> {
  const { parts, head, optimizer: optimizerOptions, clipping, threads, spinning } = options;
  const b = new GraphBuilder();
  const lowered = parts.map((part) => lowerPart(b, part, "training"));
  const parameters = lowered.flatMap((each) => each.parameters);
  const moving = lowered.flatMap((each) => each.moving);
  const optimizer = createOptimizer(optimizerOptions);
  const { loss, logits, headNodes } = addLoss(
    b,
    lowered.map(({ features }) => features),
    options,
  );
  const values = {
    ...Object.fromEntries(parameters.map(({ node, value }) => [node.name, value])),
    ...{ "head/kernel": head.kernel, "head/bias": head.bias },
  };
  const results = Object.fromEntries(lowered.flatMap((each) => each.statisticsNodes).concat([["logits", logits]]));
  const goal = { loss, parameters: [...parameters.map(({ node }) => node), ...headNodes], results };
  const trainer = await createTrainer(b, goal, { threads, spinning, values, optimizer, clipping });
  return {
    featureCount: parts.reduce((sum, { featureCount }) => sum + featureCount, 0),
    parameterCount: Object.values(values).reduce((sum, { length }) => sum + length, 0),
    values: { ...values, ...Object.fromEntries(moving.flatMap(movingValues)) },
    optimizer,
    async step(feeds) {
      const result = await trainer.step(feeds);
      if (Number.isFinite(result.loss)) {
        const photos = result.results.logits!.dims[0]!;
        for (const each of moving) updateMoving(each, result.results, photos, options.movingVariance);
      }
      return result;
    },
    evaluator: () => createEvaluator(options),
    dispose: () => trainer.dispose(),
  };
}

interface LoweredPart {
  readonly features: Node;
  readonly parameters: readonly Parameter[];
  readonly moving: readonly Moving[];
  readonly statisticsNodes: readonly (readonly [string, Node])[];
}

function lowerPart(b: GraphBuilder, part: TailPart, form: "training" | "serving"): LoweredPart {
  const { id, featureCount, unfrozen, boundaryDims, weights } = part;
  if (unfrozen === null) {
    const features = b.input(tailInput(part, null), "float32", ["N", featureCount]);
    return { features, parameters: [], moving: [], statisticsNodes: [] };
  }
  const inputs = unfrozen.boundary.map((layer) => {
    const input = b.input(tailInput(part, layer), "float32", ["N", ...boundaryDims[layer]!]);
    return [layer, toChannelsFirst(b, input)] as const;
  });
  const { outputs, parameters, statistics } = lowerNetwork(b, unfrozen.tail, {
    inputs: Object.fromEntries(inputs),
    weights: storedWeights(weights),
    prefix: `${id}/`,
    form,
    ...(form === "training" ? { trainable: unfrozen.trainable, batchStatistics: unfrozen.batchStatistics } : {}),
  });
  const features = poolFeatures(b, outputs[0]!);
  if (form === "serving") return { features, parameters, moving: [], statisticsNodes: [] };
  const nodes = channelsLast(b, [features, ...statistics.flatMap(({ mean, variance }) => [mean, variance])]);
  const moving = statistics.map(
    (each): Moving => ({
      statistics: each,
      mean: weights.get(`${each.layer}/moving_mean`)!.data,
      variance: weights.get(`${each.layer}/moving_variance`)!.data,
      results: { mean: `${id}/${each.layer}/batch_mean`, variance: `${id}/${each.layer}/batch_variance` },
    }),
  );
  const statisticsNodes = moving.flatMap(({ results }, i) => [
    [results.mean, nodes[1 + 2 * i]!] as const,
    [results.variance, nodes[2 + 2 * i]!] as const,
  ]);
  return { features: nodes[0]!, parameters, moving, statisticsNodes };
}

function addLoss(b: GraphBuilder, features: readonly Node[], { head, l2 }: TailOptions) {
  const classCount = head.bias.length;
  const featureCount = head.kernel.length / classCount;
  const joined = features.length === 1 ? features[0]! : b.concat(features, 1);
  const labels = b.input("labels", "float32", ["N", classCount]);
  const mask = b.input("mask", "float32", ["N", featureCount]);
  const kernel = b.input("head/kernel", "float32", [featureCount, classCount]);
  const bias = b.input("head/bias", "float32", [classCount]);
  const logits = b.gemm(b.mul(joined, mask), kernel, bias);
  const entropy = softmaxCrossEntropy(b, logits, labels);
  const loss = l2 > 0 ? b.add(entropy, l2Penalty(b, kernel, l2)) : entropy;
  return { loss, logits, headNodes: [kernel, bias] };
}

/**
 * Keras' moving average: m += (batch - m)(1 - momentum). Keras 2's fused kernel gives the batch's variance divided by
 * n - 1, Keras 3 divides by n.
 */
function updateMoving(
  { statistics, mean, variance, results }: Moving,
  values: Feeds,
  photos: number,
  rule: TailOptions["movingVariance"],
): void {
  const { momentum, valuesPerPhoto } = statistics;
  const count = photos * valuesPerPhoto;
  const correction = rule === "keras2" && count > 1 ? count / (count - 1) : 1;
  const batchMean = values[results.mean]!.data as Float32Array;
  const batchVariance = values[results.variance]!.data as Float32Array;
  for (let i = 0; i < mean.length; i++) {
    mean[i]! += (batchMean[i]! - mean[i]!) * (1 - momentum);
    variance[i]! += (batchVariance[i]! * correction - variance[i]!) * (1 - momentum);
  }
}

function movingValues({ results, mean, variance }: Moving): [string, Float32Array][] {
  return [
    [results.mean.replace("batch_", "moving_"), mean],
    [results.variance.replace("batch_", "moving_"), variance],
  ];
}

/** The model as it is now, in the form that is served: the same numbers that the exported file gives. */
async function createEvaluator(options: TailOptions): ReturnType<PhaseModel["evaluator"]> {
  const { parts, head, l2, threads } = options;
  const b = new GraphBuilder();
  const features = parts.map((part) => lowerPart(b, part, "serving").features);
  const classCount = head.bias.length;
  const joined = features.length === 1 ? features[0]! : b.concat(features, 1);
  const constant = (name: string, { shape, data }: Weight) => b.constant(name, "float32", shape, data);
  const kernel = constant("head/kernel", { shape: [head.kernel.length / classCount, classCount], data: head.kernel });
  const logits = b.gemm(joined, kernel, constant("head/bias", { shape: [classCount], data: head.bias }));
  const entropy = softmaxCrossEntropy(b, logits, b.input("labels", "float32", ["N", classCount]));
  b.output("loss", l2 > 0 ? b.add(entropy, l2Penalty(b, kernel, l2)) : entropy);
  b.output("logits", logits);
  const session = await createSession(encodeModel(b.build("validation")), { threads });
  return {
    async evaluate(feeds) {
      const { loss, logits: values } = await session.run(feeds);
      return { loss: Number(loss!.data[0]), results: { logits: values! } };
    },
    dispose: () => session.dispose(),
  };
}

/** A copy of the weights that training may change; what is only read stays shared. */
export function copyTrainable(weights: Weights, unfrozen: UnfrozenNetwork | null): Weights {
  if (unfrozen === null) return weights;
  const isOwn = (name: string) => unfrozen.trainable.has(name.slice(0, name.lastIndexOf("/")));
  return new Map(
    [...weights].map(([name, { shape, data }]) => [name, { shape, data: isOwn(name) ? data.slice() : data }]),
  );
}
