/** One trial: an arm trained at a rung by the train stage itself, its validation accuracy, and its latency here. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readBytes } from "../base/files.ts";
import type { Progress } from "../base/progress.ts";
import type { Candidate } from "../config/candidate.ts";
import { medianInterval } from "../evaluate/index.ts";
import { decodePhoto } from "../images/index.ts";
import { readModelFile } from "../models/index.ts";
import { openClassifier } from "../predict/index.ts";
import type { Dataset } from "../records/dataset.ts";
import type { Interval } from "../records/evaluation.ts";
import type { Trial } from "../records/tuning.ts";
import { trainCandidate } from "../train/index.ts";

export interface TrialOptions {
  readonly candidate: Candidate;
  readonly dataset: Dataset;
  readonly seed: number;
  /** Folder of the trial's model while it runs. What a killed training left there is gone on with. */
  readonly dir: string;
  readonly featureDir: string;
  readonly threads: number;
  /** Latency of a model of the same bases and size, where it was measured before. */
  readonly knownLatency: Interval | null;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const warmUpRuns = 5;
const timedRuns = 30;

/** Trains, measures, and removes the model. @throws what trainCandidate throws */
export async function runTrial(options: TrialOptions): Promise<NonNullable<Trial["result"]>> {
  const { dir, knownLatency } = options;
  const { model } = await trainCandidate({ ...options, outDir: dir });
  const path = join(dir, model.file);
  // A trial is trained, never imported.
  const { validationAccuracy, validationLoss } = (await readModelFile(path)).metadata.training!;
  const latencyMs = knownLatency ?? (await timeModel(path, options));
  await rm(dir, { recursive: true, force: true });
  return { validationAccuracy, validationLoss, latencyMs };
}

/** What two candidates of equal latency have in common. */
export function latencyKey({ bases, preprocessing }: Pick<Candidate, "bases" | "preprocessing">): string {
  return JSON.stringify([bases, preprocessing]);
}

/** Milliseconds of one validation photo at a time from decoded pixels, one thread. */
async function timeModel(modelPath: string, { dataset, signal }: TrialOptions): Promise<Interval> {
  const { path } = dataset.splits.validation[0]!;
  const pixels = await decodePhoto(await readBytes(join(dataset.dir, path)), path);
  const classifier = await openClassifier(modelPath, { threads: 1 });
  try {
    const durations: number[] = [];
    for (let run = 0; run < warmUpRuns + timedRuns; run++) {
      signal.throwIfAborted();
      const startMs = performance.now();
      await classifier.classifyPixels([pixels]);
      if (run >= warmUpRuns) durations.push(performance.now() - startMs);
    }
    return medianInterval(durations);
  } finally {
    await classifier.dispose();
  }
}
