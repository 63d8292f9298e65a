/**
 * What fine-tuning gains: for the latency and the accuracy model the default preset's frozen probe and the fine-tuned
 * preset, tested on the evaluation photos; test accuracy with its Wilson interval, and the paired difference with its
 * interval and the exact McNemar p. Everything is chosen on training and validation photos: with --rates each rate is
 * trained, and only the model of the best validation accuracy is tested (of equal ones that of the lower loss). --bases
 * takes others than the role's own.
 *
 * Floor, checked here: the interval of each gain lies above 0. Aims: 90 % for the latency model, 92 % for the accuracy model.
 *
 * Command: node bench/accuracy/run.ts --data FOLDER [--roles latency,accuracy] [--rates 0.0003,0.001]
 *   [--bases efficientnet-lite2] [--versions K] [--epochs E] [--seed 1]
 * Started again with the same --work folder it goes on where it was stopped. On two cores and 3,000 photos allow a
 * quarter of an hour for latency and an hour for accuracy.
 */
import { mkdir, readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeJsonAtomic } from "../../src/base/files.ts";
import { sha256Value } from "../../src/base/hash.ts";
import { describeMachine } from "../../src/base/machine.ts";
import { noProgress, type Progress } from "../../src/base/progress.ts";
import { type BaseId, type Candidate, candidate } from "../../src/config/candidate.ts";
import { defaultProject, fineTuned } from "../../src/config/presets.ts";
import { readDataset } from "../../src/data/index.ts";
import { countPairs, evaluateModels, mcnemarExact, pairedDifference } from "../../src/evaluate/index.ts";
import type { Evaluation, Interval } from "../../src/records/evaluation.ts";
import type { Training } from "../../src/records/training.ts";
import { trainCandidate } from "../../src/train/index.ts";
import { isBetter } from "../../src/train/metrics.ts";

const { values: options } = parseArgs({
  options: {
    data: { type: "string", default: "photos" },
    roles: { type: "string", default: "latency,accuracy" },
    rates: { type: "string" },
    bases: { type: "string" },
    versions: { type: "string" },
    epochs: { type: "string" },
    seed: { type: "string", default: "1" },
    work: { type: "string", default: ".cache/accuracy" },
  },
});
const seed = Number(options.seed);
const threads = availableParallelism();
const { signal } = new AbortController();
/** An epoch a line. */
const progress: Progress = {
  note: (line) => console.log(`  ${line}`),
  task: () => ({
    advance: (_, text, record) => record && console.log(`  ${text}`),
    finish() {},
  }),
};
const shares = { validationShare: 0.15, evaluationShare: 0.15, skipUnreadable: false } as const;
const dataset = await readDataset({ dir: options.data, layout: "auto", seed, ...shares, progress: noProgress, signal });
console.log(JSON.stringify(describeMachine()));
for (const role of options.roles.split(",")) await compare(role);

async function compare(role: string): Promise<void> {
  const preset = defaultProject("bench", options.data).candidates.find((one) => one.role === role)!;
  const chosen = options.bases === undefined ? preset : { ...preset, bases: options.bases.split(",") as BaseId[] };
  const named = (one: typeof chosen, kind: string) => candidate.parse({ ...one, name: `${role}-${kind}` });
  const trained = [
    await train(named(chosen, "probe")),
    await trainBest(withOptions(named(fineTuned(chosen), "tuned"))),
  ];
  const models = trained.map(({ path, training }) => ({ modelPath: path, candidate: training.candidate }));
  const how = { dataset, split: "evaluation", threads, measureInference: false, progress: noProgress, signal } as const;
  const [probe, tuned] = await evaluateModels(models, how);
  for (const [i, evaluation] of [probe!, tuned!].entries()) report(evaluation, trained[i]!);
  const pairs = countPairs(tuned!, probe!);
  const gain = pairedDifference(pairs);
  const p = mcnemarExact(pairs.onlyFirst, pairs.onlySecond).toPrecision(2);
  console.log(`${role}: gain ${inPoints(gain)} points, McNemar p ${p}; ${JSON.stringify(pairs)}`);
  if (gain.low <= 0) process.exitCode = 1;
}

function withOptions(one: Candidate): Candidate {
  const { epochs = one.fineTuning.epochs, versions = one.augmentation!.versions } = options;
  return {
    ...one,
    fineTuning: { ...one.fineTuning, epochs: Number(epochs) },
    augmentation: { ...one.augmentation!, versions: Number(versions) },
  };
}

/** Of the asked rates the one that is best on validation. */
async function trainBest(one: Candidate): Promise<Trained> {
  const { fineTuning, name } = one;
  const rates = options.rates?.split(",").map(Number) ?? [fineTuning.optimizer.learningRate];
  const all: Trained[] = [];
  for (const learningRate of rates) {
    const optimizer = { ...fineTuning.optimizer, learningRate };
    all.push(await train({ ...one, name: `${name}-${learningRate}`, fineTuning: { ...fineTuning, optimizer } }));
  }
  return all.reduce((best, each) => (isBetter(validationOf(each), validationOf(best)) ? each : best));
}

function validationOf({ training }: Trained) {
  return { accuracy: training.validationAccuracy!, loss: training.validationLoss! };
}

interface Trained {
  readonly path: string;
  readonly training: Training;
  /** Of this run and those before it that were cut off. */
  readonly seconds: number;
}

/** Trains, or takes what an earlier run has trained. */
async function train(one: Candidate): Promise<Trained> {
  const outDir = join(options.work, `${one.name}-${sha256Value({ one, seed, data: options.data }).slice(0, 8)}`);
  await mkdir(outDir, { recursive: true });
  const recordPath = join(outDir, "training.json");
  const known = await readFile(recordPath, "utf8").catch(() => null);
  console.log(`${one.name}${known === null ? "" : ": trained before"}`);
  const shared = { dataset, seed, outDir, featureDir: join(options.work, "features"), threads, progress };
  const training =
    known === null ? await trainCandidate({ ...shared, candidate: one }) : (JSON.parse(known) as Training);
  await writeJsonAtomic(recordPath, training);
  const { featuresSeconds, headSeconds } = training.phases;
  const tuning = training.fineTuning?.history.reduce((sum, { seconds }) => sum + seconds, 0) ?? 0;
  return { path: join(outDir, training.model.file), training, seconds: featuresSeconds + headSeconds + tuning };
}

function report({ accuracy, correct, photos }: Evaluation, { training, seconds }: Trained): void {
  const validation = (100 * training.validationAccuracy!).toFixed(1);
  console.log(
    `${training.candidate}: test ${inPoints(accuracy)} % (${correct} of ${photos}), validation ${validation} %, trained in ${seconds.toFixed(0)} s`,
  );
}

function inPoints({ estimate, low, high }: Interval): string {
  return `${(100 * estimate).toFixed(1)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;
}
