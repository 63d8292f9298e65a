/** Both phases of a candidate's training, from where a checkpoint left off: the head, then what is un-frozen. */
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Progress } from "../base/progress.ts";
import { Rng } from "../base/rng.ts";
import type { Candidate } from "../config/candidate.ts";
import { FulcrumError } from "../errors/index.ts";
import type { DenseHead } from "../models/index.ts";
import { type Checkpoint, type PhaseName, type PhasePosition, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { initialHead } from "./head.ts";
import { classWeightsOf } from "./labels.ts";
import { type PhaseModel, type PhaseOptions, type PhaseResult, runPhase } from "./phase.ts";
import type { Prepared } from "./prepare.ts";
import type { PhaseSupply, Supply } from "./supply.ts";
import { copyTrainable, createTail, type TailPart } from "./tail.ts";

export interface PhasesOptions {
  readonly candidate: Candidate;
  readonly classes: readonly string[];
  readonly prepared: Prepared;
  readonly supply: Supply;
  readonly seed: number;
  readonly outDir: string;
  readonly threads: number;
  /** Least seconds between two checkpoints. */
  readonly checkpointSeconds: number;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
}

/** A phase as it ended. */
export type PhaseSummary = Pick<PhaseResult, "history" | "best" | "stoppedEarly">;

export interface TrainedPhases {
  readonly head: PhaseSummary;
  /** null: there was none. */
  readonly tuning: PhaseSummary | null;
  readonly weights: DenseHead;
  /** With the weights that were kept. */
  readonly parts: readonly TailPart[];
  readonly trainedParameters: number;
  readonly headSeconds: number;
  readonly fineTuningSeconds: number;
}

/** Name of the checkpoint in `outDir`. */
export const checkpointFileName = "checkpoint.bin";

export async function runPhases(options: PhasesOptions): Promise<TrainedPhases> {
  const { candidate, prepared, outDir, clock } = options;
  const found = await readCheckpoint(join(outDir, checkpointFileName), prepared.fingerprint);
  if (found) options.progress.note(`${candidate.name}: goes on from a checkpoint (${describe(found.position)})`);
  const startedMs = clock.nowMs();
  const head = await trainHead(options, found);
  const headEndedMs = clock.nowMs();
  const headSeconds = (headEndedMs - startedMs) / 1000;
  if (candidate.fineTuning.epochs === 0) {
    const parts = partsOf(options, false);
    const trainedParameters = head.weights.kernel.length + head.weights.bias.length;
    return {
      head: head.summary,
      tuning: null,
      weights: head.weights,
      parts,
      trainedParameters,
      headSeconds,
      fineTuningSeconds: 0,
    };
  }
  const tuned = await fineTune(options, head, found?.position.phase === "fine-tuning" ? found : null);
  const fineTuningSeconds = (clock.nowMs() - headEndedMs) / 1000;
  return { head: head.summary, ...tuned, headSeconds, fineTuningSeconds };
}

interface HeadResult {
  readonly summary: PhaseSummary;
  readonly position: PhasePosition | null;
  readonly weights: DenseHead;
}

async function trainHead(options: PhasesOptions, found: Checkpoint | null): Promise<HeadResult> {
  const { candidate, prepared, classes, supply, seed } = options;
  const { head: choices } = candidate;
  const rng = new Rng(seed).fork("head");
  const parts = partsOf(options, false);
  const featureCount = parts.reduce((sum, part) => sum + part.featureCount, 0);
  const weights = initialHead(featureCount, classes.length, rng.fork("init"));
  if (found?.position.phase === "fine-tuning") {
    const [position] = found.earlier;
    const stoppedEarly = position!.history.length < choices.epochs;
    return {
      summary: { history: position!.history, best: position!.best, stoppedEarly },
      position: position!,
      weights,
    };
  }
  const model = await createTail({
    parts,
    head: weights,
    optimizer: choices.optimizer,
    clipping: choices.clip,
    l2: choices.l2,
    // One thread: a step is too small to share.
    movingVariance: candidate.unfreeze.movingVariance,
    threads: 1,
    spinning: false,
  });
  const keeper = new Keeper(options, prepared.fingerprint, []);
  const phase = { name: "head", choices, model, supply: supply.forHead(choices), rng, found, keeper } as const;
  const result = await run(options, { ...phase, firstEpoch: 0, start: null });
  const kept = { kernel: result.values["head/kernel"]!, bias: result.values["head/bias"]! };
  return { summary: result, position: keeper.last, weights: kept };
}

async function fineTune(options: PhasesOptions, head: HeadResult, found: Checkpoint | null) {
  const { candidate, prepared, supply, seed, threads } = options;
  const { fineTuning: choices, unfreeze } = candidate;
  const parts = partsOf(options, true);
  const weights = { kernel: head.weights.kernel.slice(), bias: head.weights.bias.slice() };
  const model = await createTail({
    parts,
    head: weights,
    optimizer: choices.optimizer,
    clipping: choices.clip,
    l2: candidate.head.l2,
    movingVariance: unfreeze.movingVariance,
    threads,
    // Where photos are changed afresh, workers need the cores.
    spinning: candidate.augmentation?.versions !== null,
  });
  const keeper = new Keeper(options, prepared.fingerprint, head.position ? [head.position] : []);
  const { accuracy, loss } = head.summary.best;
  const result = await run(options, {
    name: "fine-tuning",
    choices,
    model,
    supply: supply.forTail(choices, parts),
    found,
    keeper,
    rng: new Rng(seed).fork("fine-tuning"),
    firstEpoch: candidate.head.epochs,
    start: { accuracy, loss },
  });
  for (const [name, values] of Object.entries(result.values)) model.values[name]!.set(values);
  const { history, best, stoppedEarly } = result;
  return { tuning: { history, best, stoppedEarly }, weights, parts, trainedParameters: model.parameterCount };
}

interface PhaseRunOptions extends Pick<PhaseOptions, "name" | "choices" | "rng" | "firstEpoch" | "start"> {
  readonly model: PhaseModel;
  readonly supply: PhaseSupply;
  readonly found: Checkpoint | null;
  readonly keeper: Keeper;
}

async function run(options: PhasesOptions, phase: PhaseRunOptions): Promise<PhaseResult> {
  const { candidate, classes, progress, signal, clock, outDir } = options;
  const { name, choices, model, supply, found, keeper, rng, firstEpoch, start } = phase;
  try {
    return await runPhase({
      name,
      choices,
      model,
      rng,
      firstEpoch,
      start,
      progress,
      signal,
      ...supply,
      classCount: classes.length,
      classWeights: classWeightsOf(choices.classWeights, classes, supply.training.labels),
      resume: found,
      keep: (position, arrays, isEnd) => keeper.keep(position, arrays, isEnd),
      nowMs: () => clock.nowMs(),
      diverged: (epoch, loss, rate) =>
        new FulcrumError("TRAIN_DIVERGED", {
          candidate: candidate.name,
          phase: name,
          epoch,
          loss,
          rate,
          checkpoint: join(outDir, checkpointFileName),
          key: `${name === "head" ? "head" : "fineTuning"}.optimizer.learningRate`,
        }),
    });
  } finally {
    await supply.training.close?.();
    await model.dispose();
  }
}

/** The parts of the bases; weights that will be trained are copies. */
function partsOf({ prepared, supply }: PhasesOptions, isTuned: boolean): TailPart[] {
  return prepared.loadedBases.map(({ base, weights }, index): TailPart => {
    const unfrozen = isTuned ? prepared.unfrozen[index]! : null;
    return {
      id: base.id,
      featureCount: base.featureCount,
      unfrozen,
      boundaryDims: supply.boundaryDims(index),
      weights: copyTrainable(weights, unfrozen),
    };
  });
}

/** Writes checkpoints, not more often than asked; weights that are not finite never replace a good checkpoint. */
class Keeper {
  readonly #options: PhasesOptions;
  readonly #fingerprint: string;
  readonly #earlier: readonly PhasePosition[];
  #keptMs: number;
  last: PhasePosition | null = null;

  constructor(options: PhasesOptions, fingerprint: string, earlier: readonly PhasePosition[]) {
    this.#options = options;
    this.#fingerprint = fingerprint;
    this.#earlier = earlier;
    this.#keptMs = options.clock.nowMs();
  }

  async keep(position: PhasePosition, arraysOf: () => Record<string, Float32Array>, isEnd: boolean): Promise<void> {
    const { clock, checkpointSeconds, outDir } = this.#options;
    this.last = position;
    const nowMs = clock.nowMs();
    if (!isEnd && nowMs - this.#keptMs < 1000 * checkpointSeconds) return;
    const arrays = arraysOf();
    if (!Object.values(arrays).every(hasOnlyNumbers)) return;
    this.#keptMs = nowMs;
    const checkpoint = { fingerprint: this.#fingerprint, position, earlier: this.#earlier, arrays };
    await writeCheckpoint(join(outDir, checkpointFileName), checkpoint);
  }
}

function hasOnlyNumbers(values: Float32Array): boolean {
  return values.every(Number.isFinite);
}

function describe({ phase, epoch, batch }: { phase: PhaseName; epoch: number; batch: number }): string {
  return `${phase}, epoch ${epoch}, batch ${batch}`;
}
