/**
 * The search beside the two fixed recipes, at equal time on one data set.
 *
 *   node bench/search/run.ts --data photos [--preset finetuned] [--budget 20m] [--photos N]
 *
 * Both begin without features on disk. The fixed recipes (of the preset `default`, or of --preset) are trained once; the
 * search gets --budget, or the time that the recipes took if that is more. Then each side's accuracy and latency model is
 * tested once on the evaluation photos: accuracy with its interval, and the paired difference, search minus recipe. No
 * floor: the interval is the answer.
 * --photos: only the first so many training and validation photos a class, in name order; a shorter form of both sides.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { noProgress, type Progress } from "../../src/base/progress.ts";
import { type Candidate, candidate } from "../../src/config/candidate.ts";
import { type PresetName, presets } from "../../src/config/presets.ts";
import { tuning } from "../../src/config/tuning.ts";
import { readDataset } from "../../src/data/index.ts";
import { countPairs, evaluateModel, pairedDifference } from "../../src/evaluate/index.ts";
import type { Dataset, Photo } from "../../src/records/dataset.ts";
import type { Evaluation, Interval } from "../../src/records/evaluation.ts";
import { trainCandidate } from "../../src/train/index.ts";
import { tune } from "../../src/tune/index.ts";

const { values: options } = parseArgs({
  options: {
    data: { type: "string", default: "photos" },
    preset: { type: "string", default: "default" },
    budget: { type: "string", default: "20m" },
    photos: { type: "string" },
  },
});
const choices = tuning.parse({ budget: options.budget });
const scratch = await mkdtemp(join(tmpdir(), "fulcrum-bench-search-"));
const signal = new AbortController().signal;
const threads = availableParallelism();
const notes: Progress = { ...noProgress, note: (line) => console.log(`  ${line}`) };
const shares = { validationShare: 0.15, evaluationShare: 0.15, seed: 1, skipUnreadable: false } as const;
const whole = await readDataset({ dir: options.data, layout: "auto", ...shares, progress: noProgress, signal });
const dataset = options.photos === undefined ? whole : fewer(whole, Number(options.photos));
const roles = ["accuracy", "latency"] as const;

try {
  const { candidates } = presets[options.preset as PresetName]("bench", options.data);
  const fixed = roles.map((role) => {
    const { role: _, ...recipe } = candidates.find((one) => one.role === role)!;
    return candidate.parse({ ...recipe, name: `fixed-${role}` });
  });
  const startMs = performance.now();
  const recipes = [];
  for (const one of fixed) recipes.push(await testOf(one, "fixed-features"));
  const recipeSeconds = (performance.now() - startMs) / 1000;
  const budget = Math.max(choices.budget, recipeSeconds);
  console.log(`fixed recipes: ${recipeSeconds.toFixed(0)} s with their test; search: ${budget.toFixed(0)} s`);
  const found = await tune({
    dataset,
    choices: { ...choices, budget },
    fixed: [],
    seed: 1,
    threads,
    progress: notes,
    signal,
    dir: join(scratch, "tune"),
    featureDir: join(scratch, "tune-features"),
  });
  for (const [i, role] of roles.entries()) {
    const chosen = candidate.parse({ ...found[role].trial.candidate, name: `search-${role}` });
    tell(role, recipes[i]!, await testOf(chosen, "tune-features"));
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}

/** Trains and tests a candidate: the only look at the evaluation photos. */
async function testOf(one: Candidate, featureDir: string): Promise<Evaluation> {
  const outDir = join(scratch, one.name);
  const shared = { dataset, threads, progress: noProgress, signal };
  const { model } = await trainCandidate({
    ...shared,
    candidate: one,
    seed: 1,
    outDir,
    featureDir: join(scratch, featureDir),
  });
  const how = { split: "evaluation", candidate: one.name, measureInference: true } as const;
  return evaluateModel({ ...shared, modelPath: join(outDir, model.file), ...how });
}

function tell(role: string, recipe: Evaluation, search: Evaluation): void {
  const percent = ({ estimate, low, high }: Interval) =>
    `${(100 * estimate).toFixed(1)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;
  const ms = ({ inferenceMs }: Evaluation) => `${inferenceMs!.estimate.toFixed(1)} ms`;
  console.log(
    `${role}: recipe ${percent(recipe.accuracy)} %, ${ms(recipe)}; search ${percent(search.accuracy)} %, ${ms(search)}; difference ${percent(pairedDifference(countPairs(search, recipe)))} points (${search.photos} evaluation photos)`,
  );
}

/** Training and validation cut to so many photos a class; the test stays whole. */
function fewer(data: Dataset, photos: number): Dataset {
  const cut = (split: readonly Photo[]) =>
    data.classes.flatMap((_, label) => split.filter((photo) => photo.label === label).slice(0, photos));
  const { training, validation, evaluation } = data.splits;
  return { ...data, splits: { training: cut(training), validation: cut(validation), evaluation } };
}
