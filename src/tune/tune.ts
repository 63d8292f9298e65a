/** The search: trial after trial until the budget is spent. Only training and validation photos are looked at. */
import { join } from "node:path";
import { type Clock, systemClock } from "../base/clock.ts";
import { sha256Value } from "../base/hash.ts";
import type { Progress } from "../base/progress.ts";
import { Rng } from "../base/rng.ts";
import { fulcrumVersion } from "../base/version.ts";
import type { Candidate } from "../config/candidate.ts";
import type { TuningChoices } from "../config/tuning.ts";
import { FulcrumError, isFulcrumError } from "../errors/index.ts";
import type { Dataset } from "../records/dataset.ts";
import type { Trial, Tuning } from "../records/tuning.ts";
import { kneesOf, type Point, paretoFront } from "./front.ts";
import { type Job, nextJob } from "./halving.ts";
import { readJournal, writeJournal } from "./journal.ts";
import { atRung, planRungs } from "./rungs.ts";
import { drawArm } from "./space.ts";
import { latencyKey, runTrial } from "./trial.ts";

export interface TuneOptions {
  readonly dataset: Dataset;
  readonly choices: TuningChoices;
  /** Recipes that the search has to beat; they are trained in full first. */
  readonly fixed: readonly Candidate[];
  readonly seed: number;
  /** Folder of the search's record. */
  readonly dir: string;
  readonly featureDir: string;
  readonly threads: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Makes what cuts a trial off after so many milliseconds. Default: AbortSignal.timeout. */
  readonly cutAfter?: (durationMs: number) => AbortSignal;
}

/** A fully trained candidate on the accuracy-latency plane. */
export interface TunedPoint extends Point {
  readonly trial: Trial;
}

export interface TuneResult {
  readonly tuning: Tuning;
  /** Fastest first. */
  readonly front: readonly TunedPoint[];
  readonly accuracy: TunedPoint;
  readonly latency: TunedPoint;
}

/**
 * Goes on with the search in `dir` or begins one, until `budget` seconds are spent over all sessions.
 * @throws TUNE_NOTHING if nothing was trained in full; what trainCandidate throws, except a diverged or refused trial
 */
export async function tune(options: TuneOptions): Promise<TuneResult> {
  const search = await Search.open(options);
  await search.run();
  return chooseFrom(search.tuning);
}

class Search {
  tuning: Tuning;
  readonly #options: TuneOptions;
  readonly #clock: Clock;

  private constructor(options: TuneOptions, tuning: Tuning) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.tuning = tuning;
  }

  static async open(options: TuneOptions): Promise<Search> {
    const { dir, choices, progress } = options;
    const key = searchKey(options);
    const earlier = await readJournal(journalPath(dir), key);
    if (earlier) progress.note(`going on with ${earlier.trials.length} trials, ${earlier.spentSeconds.toFixed(0)} s`);
    return new Search(options, { ...(earlier ?? newSearch(options, key)), budgetSeconds: choices.budget });
  }

  async run(): Promise<void> {
    const { progress, choices } = this.#options;
    const task = progress.task("search", Math.round(choices.budget), "seconds");
    task.advance(Math.min(choices.budget, Math.round(this.tuning.spentSeconds)));
    while (this.tuning.spentSeconds < choices.budget) {
      const before = this.tuning.spentSeconds;
      const trial = await this.#trial(this.#nextJob());
      if (trial) progress.note(describeTrial(trial));
      task.advance(Math.round(Math.min(choices.budget, this.tuning.spentSeconds) - before));
    }
    task.finish(`${this.tuning.trials.length} trials`);
  }

  #nextJob(): Job {
    const { trials, rungs, fixedArms } = this.tuning;
    const outcomes = trials.map(({ arm, rung, result }) => ({ arm, rung, point: result ? pointOf(result) : null }));
    return nextJob(outcomes, { rungs: rungs.length, fixedArms });
  }

  /** Runs and records a trial; null if the budget ended before it did. */
  async #trial({ arm, rung }: Job): Promise<Trial | null> {
    const { signal, choices, dir } = this.#options;
    const candidate = atRung(this.#arm(arm), this.tuning.rungs, rung);
    const { cutAfter = (durationMs) => AbortSignal.timeout(durationMs) } = this.#options;
    const deadline = cutAfter(Math.ceil(1000 * (choices.budget - this.tuning.spentSeconds)));
    const startedMs = this.#clock.nowMs();
    let result: Trial["result"] = null;
    let problem: string | null = null;
    try {
      result = await runTrial({
        ...this.#options,
        candidate,
        dir: join(dir, "trials", `${candidate.name}-rung-${rung}`),
        knownLatency: this.#knownLatency(candidate),
        progress: quiet,
        signal: AbortSignal.any([signal, deadline]),
      });
    } catch (error) {
      await this.#spend(startedMs);
      if (deadline.aborted && !signal.aborted) return null;
      if (!isFulcrumError(error, "TRAIN_DIVERGED") && !isFulcrumError(error, "TRAIN_CHOICE_INVALID")) throw error;
      problem = error.message;
    }
    const seconds = (this.#clock.nowMs() - startedMs) / 1000;
    const trial: Trial = { arm, rung, candidate: { ...candidate }, seconds, result, problem };
    this.tuning = { ...this.tuning, trials: [...this.tuning.trials, trial] };
    await this.#spend(problem === null ? startedMs : this.#clock.nowMs());
    return trial;
  }

  #arm(index: number): Candidate {
    const { fixed, choices, seed } = this.#options;
    return fixed[index] ?? drawArm(choices, index, new Rng(seed).fork("arms"));
  }

  #knownLatency(candidate: Candidate) {
    const key = latencyKey(candidate);
    const same = this.tuning.trials.find((trial) => trial.result && latencyKey(trial.candidate as Candidate) === key);
    return same?.result?.latencyMs ?? null;
  }

  async #spend(sinceMs: number): Promise<void> {
    const spentSeconds = this.tuning.spentSeconds + (this.#clock.nowMs() - sinceMs) / 1000;
    this.tuning = { ...this.tuning, spentSeconds };
    await writeJournal(journalPath(this.#options.dir), this.tuning, this.#options.seed, this.#clock);
  }
}

/** A trial's own bars would drown the search's. */
const quiet: Progress = { task: () => ({ advance() {}, finish() {} }), note() {} };

const journalPath = (dir: string) => join(dir, "record.json");

function searchKey({ dataset, choices, fixed, seed }: TuneOptions): string {
  const { budget: _, ...space } = choices;
  const photos = [dataset.splits.training, dataset.splits.validation].map((split) =>
    split.map(({ sha256, label }) => [sha256, label]),
  );
  return sha256Value({ space, fixed, seed, photos, fulcrum: fulcrumVersion });
}

function newSearch({ dataset, fixed }: TuneOptions, key: string): Omit<Tuning, "budgetSeconds"> {
  const { training, validation } = dataset.splits;
  const perClass = Object.values(Object.groupBy(training, ({ label }) => label)).map((photos) => photos!.length);
  return {
    key,
    photos: { training: training.length, validation: validation.length },
    rungs: [...planRungs(Math.max(...perClass))],
    fixedArms: fixed.length,
    spentSeconds: 0,
    trials: [],
  };
}

/** @throws TUNE_NOTHING */
function chooseFrom(tuning: Tuning): TuneResult {
  const { trials, rungs, photos, spentSeconds, budgetSeconds } = tuning;
  const points = trials
    .filter(({ rung }) => rung === rungs.length - 1)
    .flatMap((trial): TunedPoint[] => (trial.result ? [{ ...pointOf(trial.result), trial }] : []));
  if (points.length === 0) {
    throw new FulcrumError("TUNE_NOTHING", { seconds: Math.round(spentSeconds), budget: Math.round(budgetSeconds) });
  }
  const front = paretoFront(points);
  return { tuning, front, ...kneesOf(front, photos.validation) };
}

function pointOf({ validationAccuracy, latencyMs }: NonNullable<Trial["result"]>): Point {
  return { accuracy: validationAccuracy, latencyMs: latencyMs.estimate };
}

function describeTrial({ candidate, rung, result, problem, seconds }: Trial): string {
  const { name, bases, preprocessing, fineTuning } = candidate as Candidate;
  const what = `${bases.join(" + ")}${preprocessing.size ? ` at ${preprocessing.size}` : ""}${fineTuning.epochs > 0 ? ", fine-tuned" : ""}`;
  const outcome = result
    ? `validation ${(100 * result.validationAccuracy).toFixed(1)} %, ${result.latencyMs.estimate.toFixed(1)} ms`
    : problem;
  return `${name} rung ${rung} (${what}): ${outcome} (${seconds.toFixed(0)} s)`;
}
