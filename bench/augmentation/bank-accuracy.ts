/**
 * What a bank of augmented versions costs in accuracy: the fine-tuned preset's candidate on EfficientNet-Lite0, trained
 * with 1, 2, 6 ... versions of each photo and with fresh ones each epoch; for each, test accuracy with its interval and
 * the paired difference to fresh versions. Time is told too, but only on a quiet machine does it mean anything.
 *
 * Command: node bench/augmentation/bank-accuracy.ts --data FOLDER [--versions 1,2,6] [--epochs 9] [--photos N] [--seed 1]
 * Training goes on from its checkpoint when it is started again with the same --work folder.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "../../src/base/machine.ts";
import { noProgress } from "../../src/base/progress.ts";
import { type Candidate, candidate } from "../../src/config/candidate.ts";
import { finetunedProject } from "../../src/config/presets.ts";
import { readDataset } from "../../src/data/index.ts";
import { countPairs, evaluateModel, pairedDifference } from "../../src/evaluate/index.ts";
import type { Dataset } from "../../src/records/dataset.ts";
import type { Evaluation } from "../../src/records/evaluation.ts";
import { modelFileName, trainCandidate } from "../../src/train/index.ts";

const { values: options } = parseArgs({
  options: {
    data: { type: "string" },
    versions: { type: "string", default: "1,2,6" },
    epochs: { type: "string", default: "9" },
    photos: { type: "string" },
    seed: { type: "string", default: "1" },
    work: { type: "string", default: ".cache/bank-accuracy" },
  },
});
if (options.data === undefined) throw new Error("give --data FOLDER");

const seed = Number(options.seed);
const { signal } = new AbortController();
const shares = { validationShare: 0.15, evaluationShare: 0.15 };
const dataset = await readDataset({
  dir: options.data,
  layout: "auto",
  skipUnreadable: false,
  seed,
  progress: noProgress,
  signal,
  ...shares,
});
console.log(JSON.stringify(describeMachine()));
console.log(`${options.data}: ${dataset.splits.evaluation.length} test photos, seed ${seed}, ${options.epochs} epochs`);
const fresh = await run(dataset, null);
report("fresh", fresh, null);
for (const versions of options.versions.split(",").map(Number))
  report(String(versions), await run(dataset, versions), fresh);

interface Outcome {
  readonly evaluation: Evaluation;
  readonly validationAccuracy: number;
  readonly seconds: number;
}

async function run(data: Dataset, versions: number | null): Promise<Outcome> {
  const outDir = join(options.work, String(versions ?? "fresh"));
  const threads = availableParallelism();
  const chosen = candidateWith(versions);
  const startedMs = performance.now();
  const { validationAccuracy } = await trainCandidate({
    candidate: chosen,
    dataset: data,
    seed,
    outDir,
    threads,
    progress: noProgress,
    featureDir: join(options.work, "features"),
  });
  const seconds = (performance.now() - startedMs) / 1000;
  const evaluation = await evaluateModel({
    modelPath: join(outDir, modelFileName),
    dataset: data,
    split: "evaluation",
    candidate: chosen.name,
    threads,
    measureInference: false,
    progress: noProgress,
    signal,
  });
  return { evaluation, validationAccuracy: validationAccuracy!, seconds };
}

/** The preset's small candidate. */
function candidateWith(versions: number | null): Candidate {
  const preset = finetunedProject("bench", "").candidates.find(({ role }) => role === "latency")!;
  const parsed = candidate.parse(preset);
  const photosPerClass = options.photos === undefined ? null : Number(options.photos);
  return {
    ...parsed,
    head: { ...parsed.head, photosPerClass },
    fineTuning: { ...parsed.fineTuning, epochs: Number(options.epochs) },
    augmentation: { ...parsed.augmentation!, versions },
  };
}

function report(name: string, { evaluation, validationAccuracy, seconds }: Outcome, reference: Outcome | null): void {
  const { accuracy, photos } = evaluation;
  const percent = (ratio: number) => (100 * ratio).toFixed(1);
  const line = [
    `${name} versions: test ${percent(accuracy.estimate)} % [${percent(accuracy.low)}, ${percent(accuracy.high)}] of ${photos}`,
    `validation ${percent(validationAccuracy)} %`,
    `${seconds.toFixed(0)} s`,
  ];
  if (reference) {
    const { estimate, low, high } = pairedDifference(countPairs(evaluation, reference.evaluation));
    line.push(`minus fresh: ${percent(estimate)} [${percent(low)}, ${percent(high)}] points`);
  }
  console.log(line.join(", "));
}
