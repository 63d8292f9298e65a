/**
 * Trains the classifier's head on frozen features: a dense layer with softmax, cross entropy, dropout on the features,
 * with Keras' semantics of loss, penalty, running metrics and optimizers. Deterministic: features, labels, options and
 * random numbers decide every bit.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Progress } from "../base/progress.ts";
import type { Rng } from "../base/rng.ts";
import type { HeadTraining } from "../config/candidate.ts";
import { GraphBuilder } from "../engine/graph/index.ts";
import {
  createOptimizer,
  createTrainer,
  l2Penalty,
  softmaxCrossEntropy,
  type Trainer,
} from "../engine/optimize/index.ts";
import type { DenseHead } from "../models/index.ts";
import type { EpochRecord } from "../records/training.ts";
import { epochBatches, type LabelledFeatures, orderedBatches } from "./batches.ts";

export interface HeadOptions {
  readonly head: HeadTraining;
  readonly classCount: number;
  readonly training: LabelledFeatures;
  readonly validation: LabelledFeatures;
  readonly rng: Rng;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  /** Makes the error for a loss that is not a number any more. */
  readonly diverged: (epoch: number, loss: number) => Error;
}

export interface TrainedHead {
  /** Of the best epoch. */
  readonly weights: DenseHead;
  readonly history: readonly EpochRecord[];
  /** The epoch of the best validation accuracy, then of the lowest validation loss; from 1. */
  readonly bestEpoch: number;
  readonly stoppedEarly: boolean;
}

/** Rows of a validation batch. */
const validationBatchSize = 256;

/** Trains until the last epoch, or until `patience` epochs in a row brought no better validation accuracy. */
export async function trainHead(options: HeadOptions): Promise<TrainedHead> {
  const { head, classCount, training, rng, progress, signal, nowMs } = options;
  const weights = initialWeights(training.features.columns, classCount, rng.fork("init"));
  const trainer = await createHeadTrainer(weights, head);
  const task = progress.task("head", head.epochs, "epochs");
  const history: EpochRecord[] = [];
  const best = new BestEpoch();
  try {
    for (let epoch = 1; epoch <= head.epochs && !isStale(epoch, best.accuracyEpoch, head.patience); epoch++) {
      const startedMs = nowMs();
      const record = await runEpoch(trainer, epoch, options);
      history.push({ ...record, seconds: (nowMs() - startedMs) / 1000 });
      best.offer(record, weights);
      const { epoch: _epoch, ...figures } = record;
      task.advance(1, describeEpoch(record), figures);
      await nextTurn();
      signal?.throwIfAborted();
    }
  } finally {
    await trainer.dispose();
  }
  task.finish(`best epoch ${best.epoch}: validation ${percent(best.accuracy)}`);
  const stoppedEarly = history.length < head.epochs;
  return { weights: best.weights, history, bestEpoch: best.epoch, stoppedEarly };
}

type Metrics = Omit<EpochRecord, "seconds">;

/** One pass over the training photos in a new order, then the validation photos. */
async function runEpoch(trainer: Trainer, epoch: number, options: HeadOptions): Promise<Metrics> {
  const { head, classCount, training, validation, rng, diverged } = options;
  const running = new RunningMetrics(classCount);
  for (const batch of epochBatches(training, head, classCount, rng.fork(`epoch ${epoch}`))) {
    const { loss, results } = await trainer.step(batch.feeds);
    if (!Number.isFinite(loss)) throw diverged(epoch, loss);
    running.add(loss, results.logits!.data as Float32Array, batch.labels);
  }
  const held = new RunningMetrics(classCount);
  for (const batch of orderedBatches(validation, validationBatchSize, classCount)) {
    const { loss, results } = await trainer.evaluate(batch.feeds);
    if (!Number.isFinite(loss)) throw diverged(epoch, loss);
    held.add(loss, results.logits!.data as Float32Array, batch.labels);
  }
  const { loss: validationLoss, accuracy: validationAccuracy } = held;
  return { epoch, loss: running.loss, accuracy: running.accuracy, validationLoss, validationAccuracy };
}

/** Loss: cross entropy of softmax(features kernel + bias), plus l2 times the sum of the kernel's squares. */
async function createHeadTrainer({ kernel, bias }: DenseHead, head: HeadTraining): Promise<Trainer> {
  const classCount = bias.length;
  const featureCount = kernel.length / classCount;
  const b = new GraphBuilder();
  const features = b.input("features", "float32", ["N", featureCount]);
  const labels = b.input("labels", "float32", ["N", classCount]);
  const kernelInput = b.input("kernel", "float32", [featureCount, classCount]);
  const biasInput = b.input("bias", "float32", [classCount]);
  const logits = b.gemm(features, kernelInput, biasInput);
  const entropy = softmaxCrossEntropy(b, logits, labels);
  const loss = head.l2 > 0 ? b.add(entropy, l2Penalty(b, kernelInput, head.l2)) : entropy;
  return createTrainer(
    b,
    { loss, parameters: [kernelInput, biasInput], results: { logits } },
    // One thread: a step is too small to share, and its result does not depend on the machine's cores.
    { values: { kernel, bias }, optimizer: createOptimizer(head.optimizer), threads: 1 },
  );
}

/** Keras' defaults for Dense: Glorot uniform, ±sqrt(6 / (inputs + outputs)); bias 0. */
function initialWeights(featureCount: number, classCount: number, rng: Rng): DenseHead {
  const limit = Math.sqrt(6 / (featureCount + classCount));
  return {
    kernel: Float32Array.from({ length: featureCount * classCount }, () => rng.uniform(-limit, limit)),
    bias: new Float32Array(classCount),
  };
}

function isStale(epoch: number, bestEpoch: number, patience: number | null): boolean {
  return patience !== null && epoch - 1 - bestEpoch >= patience;
}

/** Loss and accuracy over the batches so far, weighted by their sizes, as Keras reports them. */
class RunningMetrics {
  readonly #classCount: number;
  #photos = 0;
  #lossSum = 0;
  #correct = 0;

  constructor(classCount: number) {
    this.#classCount = classCount;
  }

  add(loss: number, logits: Float32Array, labels: readonly number[]): void {
    this.#photos += labels.length;
    this.#lossSum += loss * labels.length;
    for (const [row, label] of labels.entries()) {
      const values = logits.subarray(row * this.#classCount, (row + 1) * this.#classCount);
      if (values.indexOf(Math.max(...values)) === label) this.#correct++;
    }
  }

  get loss(): number {
    return this.#lossSum / this.#photos;
  }

  get accuracy(): number {
    return this.#correct / this.#photos;
  }
}

/** Keeps the weights of the best epoch so far. */
class BestEpoch {
  epoch = 0;
  accuracy = Number.NEGATIVE_INFINITY;
  /** The first epoch of the best accuracy, which patience counts from. */
  accuracyEpoch = 0;
  weights: DenseHead = { kernel: new Float32Array(0), bias: new Float32Array(0) };
  #loss = Number.POSITIVE_INFINITY;

  offer({ epoch, validationAccuracy, validationLoss }: Metrics, { kernel, bias }: DenseHead): void {
    const better = validationAccuracy > this.accuracy;
    if (!better && (validationAccuracy < this.accuracy || validationLoss >= this.#loss)) return;
    if (better) this.accuracyEpoch = epoch;
    this.epoch = epoch;
    this.accuracy = validationAccuracy;
    this.#loss = validationLoss;
    this.weights = { kernel: kernel.slice(), bias: bias.slice() };
  }
}

function describeEpoch({ loss, validationLoss, validationAccuracy }: Metrics): string {
  return `loss ${loss.toFixed(3)}, validation ${validationLoss.toFixed(3)}, ${percent(validationAccuracy)}`;
}

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(1)} %`;
}
