/**
 * A training phase: epochs of steps on batches, validation after each, the best epoch's weights kept. What is random
 * follows from the seed, the epoch and the batch, so that a phase can go on from any batch and end with the same bits.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Progress, ProgressTask } from "../base/progress.ts";
import type { Rng } from "../base/rng.ts";
import type { TensorValue } from "../engine/graph/index.ts";
import { learningRateAt, type Optimizer, type StepResult } from "../engine/optimize/index.ts";
import type { EpochRecord } from "../records/training.ts";
import type { PhaseName, PhasePosition } from "./checkpoint.ts";
import { drawMixing, dropoutMask, mixRows, type PhaseChoices, type TargetOptions, targetsOf } from "./labels.ts";
import { type Best, betterOf, nothingYet, RunningMetrics } from "./metrics.ts";
import type { SampleBatch, SampleSource } from "./samples.ts";

export type Feeds = Readonly<Record<string, TensorValue>>;

/** What is trained. Feeds are those of the sources, with `labels` and, for steps, `mask`. */
export interface PhaseModel {
  /** Length of the joined features, which dropout acts on. */
  readonly featureCount: number;
  /** All that steps change besides the optimizer, by name; changed in place. */
  readonly values: Readonly<Record<string, Float32Array>>;
  readonly optimizer: Optimizer;
  /** Weights that the optimizer changes. */
  readonly parameterCount: number;
  /** One step; results hold `logits`. Nothing is changed where the loss is not finite. */
  step(feeds: Feeds): Promise<StepResult>;
  /** The model as it is now, for validation. */
  evaluator(): Promise<{ evaluate(feeds: Feeds): Promise<StepResult>; dispose(): Promise<void> }>;
  dispose(): Promise<void>;
}

export interface PhaseOptions {
  readonly name: PhaseName;
  readonly choices: PhaseChoices;
  readonly classCount: number;
  readonly classWeights: readonly number[] | null;
  readonly model: PhaseModel;
  readonly training: SampleSource;
  readonly validation: SampleSource;
  /** Epochs of earlier phases, so that a phase's photos are not those of the one before. */
  readonly firstEpoch: number;
  /** What the phase starts with, as its epoch 0; null: nothing to compare with. */
  readonly start: Pick<Best, "accuracy" | "loss"> | null;
  readonly rng: Rng;
  /** Where to go on; its arrays are in the model's values already, apart from the best ones. */
  readonly resume: { readonly position: PhasePosition; readonly arrays: Readonly<Record<string, Float32Array>> } | null;
  /** Keeps a checkpoint, if it is time to. */
  readonly keep: (position: PhasePosition, arrays: () => Record<string, Float32Array>, isEnd: boolean) => Promise<void>;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  /** Makes the error for a loss that is not a number any more. */
  readonly diverged: (epoch: number, loss: number, rate: number) => Error;
}

export interface PhaseResult {
  /** Of the best epoch. */
  readonly values: Readonly<Record<string, Float32Array>>;
  readonly history: readonly EpochRecord[];
  readonly best: Best;
  readonly stoppedEarly: boolean;
}

/** Rows of a validation batch. */
export const validationBatchSize = 64;

/** Trains until the last epoch, or until `patience` epochs in a row brought no better validation accuracy. */
export async function runPhase(options: PhaseOptions): Promise<PhaseResult> {
  const run = new PhaseRun(options);
  await run.toEnd();
  return run.result();
}

class PhaseRun {
  readonly #options: PhaseOptions;
  readonly #targets: TargetOptions;
  #bestValues: Record<string, Float32Array>;
  #position: PhasePosition;
  #epochStartedMs = 0;

  constructor(options: PhaseOptions) {
    this.#options = options;
    const { resume, model, name, choices, classCount, classWeights, start } = options;
    this.#targets = { classCount, classWeights, labelSmoothing: choices.labelSmoothing };
    this.#bestValues = resume ? unprefixed(resume.arrays, "best/") : copyOf(model.values);
    this.#position = resume?.position ?? {
      phase: name,
      epoch: 1,
      batch: 0,
      sums: new RunningMetrics().sums,
      seconds: 0,
      history: [],
      best: start ? { ...nothingYet, ...start } : nothingYet,
      isFinished: false,
      optimizerSteps: 0,
      learningRate: choices.optimizer.learningRate,
    };
    if (resume) restore(model, resume);
  }

  result(): PhaseResult {
    const { history, best } = this.#position;
    return { values: this.#bestValues, history, best, stoppedEarly: history.length < this.#options.choices.epochs };
  }

  async toEnd(): Promise<void> {
    const { name, choices, training, progress } = this.#options;
    const photos = training.labels.length;
    const task = progress.task(name, photos * choices.epochs, "photos");
    task.advance(photos * this.#position.history.length + this.#position.sums.photos);
    while (!this.#isOver()) await this.#epoch(task);
    const { best } = this.#position;
    if (!this.#position.isFinished) {
      this.#position = { ...this.#position, isFinished: true };
      await this.#keep(true);
    }
    task.finish(`best epoch ${best.epoch}: validation ${percent(best.accuracy)}`);
  }

  #isOver(): boolean {
    const { isFinished, epoch, best } = this.#position;
    const { epochs, patience } = this.#options.choices;
    return isFinished || epoch > epochs || (patience !== null && epoch - 1 - best.accuracyEpoch >= patience);
  }

  async #epoch(task: ProgressTask): Promise<void> {
    const { training, firstEpoch, nowMs, signal } = this.#options;
    const { epoch, batch: done, seconds } = this.#position;
    this.#epochStartedMs = nowMs() - 1000 * seconds;
    let batch = done;
    for await (const samples of training.batches(firstEpoch + epoch - 1, done)) {
      await nextTurn();
      signal?.throwIfAborted();
      const { sums, loss, rate } = await this.#step(samples, batch);
      batch++;
      this.#position = { ...this.#position, batch, sums, learningRate: rate, seconds: this.#seconds() };
      task.advance(samples.labels.length, `epoch ${epoch}, loss ${loss.toFixed(3)}, rate ${rate.toExponential(1)}`);
      await this.#keep(false);
    }
    await this.#closeEpoch(task);
  }

  async #step(samples: SampleBatch, batch: number) {
    const { model, choices, classCount, rng, training, diverged } = this.#options;
    const { epoch, sums, history } = this.#position;
    const photos = training.labels.length;
    const rate = learningRateAt(choices.schedule, choices.optimizer.learningRate, {
      epochs: choices.epochs,
      // At the end of the step, so that a first step after a warm-up of one has its full rate.
      epochsDone: epoch - 1 + (sums.photos + samples.labels.length) / photos,
      validationLosses: history.map(({ validationLoss }) => validationLoss),
    });
    model.optimizer.learningRate = rate;
    const feeds = this.#feeds(samples, rng.fork(`epoch ${epoch}`).fork(`batch ${batch}`));
    const { loss, results } = await model.step(feeds);
    if (!Number.isFinite(loss)) throw diverged(epoch, loss, rate);
    const running = new RunningMetrics(sums);
    const logits = results.logits!.data as Float32Array;
    running.add(loss, logits.subarray(0, samples.labels.length * classCount), samples.labels);
    return { sums: running.sums, loss: running.loss, rate };
  }

  #feeds({ labels, values }: SampleBatch, rng: Rng): Feeds {
    const { model, choices } = this.#options;
    const targets = targetsOf(labels, this.#targets);
    const mask = dropoutMask(labels.length, model.featureCount, choices.dropout, rng.fork("dropout"));
    if (choices.mixup === 0) return { ...values, labels: targets, mask };
    const mixing = drawMixing(labels.length, choices.mixup, rng.fork("mixup"));
    const mixed = Object.entries(values).map(([name, value]) => [name, mixRows(value, mixing)] as const);
    return { ...Object.fromEntries(mixed), labels: mixRows(targets, mixing), mask };
  }

  async #closeEpoch(task: ProgressTask): Promise<void> {
    const { epoch, sums, history, best, learningRate } = this.#position;
    const { model } = this.#options;
    const running = new RunningMetrics(sums);
    const held = await this.#validate();
    const record: EpochRecord = {
      epoch,
      loss: running.loss,
      accuracy: running.accuracy,
      validationLoss: held.loss,
      validationAccuracy: held.accuracy,
      learningRate,
      seconds: this.#seconds(),
    };
    const better = betterOf(best, record);
    if (better !== best) this.#bestValues = copyOf(model.values);
    this.#position = {
      ...this.#position,
      epoch: epoch + 1,
      batch: 0,
      sums: new RunningMetrics().sums,
      seconds: 0,
      history: [...history, record],
      best: better,
    };
    task.advance(0, describeEpoch(record), { ...record });
    await this.#keep(false);
  }

  async #validate(): Promise<RunningMetrics> {
    const { model, validation, classCount, diverged } = this.#options;
    const evaluator = await model.evaluator();
    const held = new RunningMetrics();
    try {
      for await (const { labels, values } of validation.batches(0, 0)) {
        const targets = targetsOf(labels, { classCount, classWeights: null, labelSmoothing: 0 });
        const { loss, results } = await evaluator.evaluate({ ...values, labels: targets });
        if (!Number.isFinite(loss)) throw diverged(this.#position.epoch, loss, model.optimizer.learningRate);
        held.add(loss, results.logits!.data as Float32Array, labels);
      }
    } finally {
      await evaluator.dispose();
    }
    return held;
  }

  #seconds(): number {
    return (this.#options.nowMs() - this.#epochStartedMs) / 1000;
  }

  async #keep(isEnd: boolean): Promise<void> {
    const { model, keep } = this.#options;
    const { steps, moments } = model.optimizer.state();
    this.#position = { ...this.#position, optimizerSteps: steps };
    const arrays = (): Record<string, Float32Array> => ({
      ...prefixed(model.values, "now/"),
      ...prefixed(this.#bestValues, "best/"),
      ...Object.fromEntries(moments.map((values, i) => [`moment/${i}`, values])),
    });
    await keep(this.#position, arrays, isEnd);
  }
}

function restore(model: PhaseModel, { position, arrays }: NonNullable<PhaseOptions["resume"]>): void {
  for (const [name, values] of Object.entries(unprefixed(arrays, "now/"))) model.values[name]!.set(values);
  model.optimizer.restore({
    steps: position.optimizerSteps,
    moments: Object.values(unprefixed(arrays, "moment/")),
  });
}

type Arrays = Readonly<Record<string, Float32Array>>;

function copyOf(values: Arrays): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(values).map(([name, each]) => [name, each.slice()]));
}

function prefixed(values: Arrays, prefix: string): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(values).map(([name, each]) => [prefix + name, each]));
}

function unprefixed(values: Arrays, prefix: string): Record<string, Float32Array> {
  const own = Object.entries(values).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, each]) => [name.slice(prefix.length), each]));
}

function describeEpoch({ epoch, loss, validationLoss, validationAccuracy }: EpochRecord): string {
  const held = `validation ${validationLoss.toFixed(3)}, ${percent(validationAccuracy)}`;
  return `epoch ${epoch}: loss ${loss.toFixed(3)}, ${held}`;
}

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(1)} %`;
}
