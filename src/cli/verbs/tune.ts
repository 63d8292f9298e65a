/** `fulcrum tune`: a search for the accuracy and the latency model. */
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../../base/files.ts";
import { type Candidate, candidate } from "../../config/candidate.ts";
import { renderProjectFile } from "../../config/document.ts";
import { cacheDir } from "../../config/paths.ts";
import { defaultProject } from "../../config/presets.ts";
import { slug } from "../../config/quantities.ts";
import { tuning } from "../../config/tuning.ts";
import type { TunedPoint, TuneResult } from "../../tune/index.ts";
import { defineVerb } from "../verb.ts";

export const verb = defineVerb({
  summary: "Search bases, sizes, heads and fine-tuning within a time budget; ends in a project file",
  description:
    "Trains candidates by successive halving: many on few photos, the best third of each rung on more; half of them a " +
    "head on frozen bases, half fine-tuned with layers, rates and augmentation drawn. The two fixed " +
    "recipes of `fulcrum init` come first, in full. Choices are made on validation photos only; evaluation photos are " +
    "not looked at, so `fulcrum run` afterwards gives an honest test. Shows the accuracy-latency front with its knees, " +
    "which become the accuracy and the latency model. The accuracies shown are those of the best of many and a little " +
    "optimistic for it. A search that was stopped or killed goes on with the same command; a larger --budget continues it.",
  arguments: [],
  options: z.object({
    data: z.string().default("photos").describe("Folder of labelled photos"),
    name: slug.default("food").describe("Name of the run: the search is kept in runs/NAME/tune"),
    out: z.string().optional().describe("Project file to write; default: print it"),
    seed: z.int().min(0).default(1).describe("Seed of the split, the arms and the trainings"),
    ...tuning.shape,
    skipUnreadable: z.boolean().default(false).describe("Leave out files that cannot be decoded"),
  }),
  examples: [
    "fulcrum tune --data photos --budget 20m --out fulcrum.yaml",
    "fulcrum tune --data photos --budget 5m --bases efficientnet-lite0",
  ],
  async run({ args: _, options, io }) {
    const { readDataset } = await import("../../data/index.ts");
    const { tune, tunedProject } = await import("../../tune/index.ts");
    const { lockRun } = await import("../../pipeline/lock.ts");
    const { data, name, out, seed, skipUnreadable, ...choices } = options;
    const { progress, signal } = io;
    const runDir = resolve("runs", name);
    const release = await lockRun(runDir);
    try {
      const shares = { validationShare: 0.15, evaluationShare: 0.15 };
      const dataset = await readDataset({
        dir: data,
        layout: "auto",
        skipUnreadable,
        ...shares,
        seed,
        progress,
        signal,
      });
      const result = await tune({
        dataset,
        choices,
        fixed: fixedRecipes(),
        seed,
        dir: join(runDir, "tune"),
        featureDir: join(cacheDir, "features"),
        threads: availableParallelism(),
        progress,
        signal,
      });
      const chosen = { accuracy: candidateOf(result.accuracy), latency: candidateOf(result.latency) };
      const text = renderProjectFile(tunedProject(name, data, seed, chosen), "tuned");
      if (out !== undefined) await writeFileAtomic(out, text);
      io.print(renderResult(result));
      io.print(out === undefined ? `\n${text}` : `Wrote ${out}. Next: \`fulcrum run --config ${out}\`.`);
      io.json({ ...result, project: out ?? text });
    } finally {
      await release();
    }
    return undefined;
  },
});

/** The latency and the accuracy candidate of the default project, the quick one first. */
function fixedRecipes(): Candidate[] {
  return defaultProject("fixed", "photos")
    .candidates.filter(({ role }) => role === "accuracy" || role === "latency")
    .map(({ role: _, ...choices }) => candidate.parse({ ...choices, name: `fixed-${choices.name}` }))
    .toSorted((a, b) => a.bases.length - b.bases.length);
}

const candidateOf = ({ trial }: TunedPoint) => candidate.parse(trial.candidate);

function renderResult({
  front,
  accuracy,
  latency,
  tuning: { trials, photos, spentSeconds, rungs },
}: TuneResult): string {
  const full = trials.filter(({ rung }) => rung === rungs.length - 1).length;
  const rows = front.map((point) => {
    const { bases, preprocessing, fineTuning, unfreeze } = candidateOf(point);
    const tuned = fineTuning.epochs > 0 ? `, last ${unfreeze.layers} layers tuned` : "";
    const marks = [point === accuracy && "accuracy", point === latency && "latency"].filter(Boolean).join(", ");
    const { low, high } = point.trial.result!.latencyMs;
    return [
      `${(100 * point.accuracy).toFixed(1)} %`.padStart(7),
      `${point.latencyMs.toFixed(1)} ms [${low.toFixed(1)}, ${high.toFixed(1)}]`.padStart(22),
      `${bases.join(" + ")}${preprocessing.size ? ` at ${preprocessing.size}` : ""}${tuned}`,
      marks && `<- ${marks}`,
    ].join("  ");
  });
  return [
    `${trials.length} trials (${full} in full) in ${spentSeconds.toFixed(0)} s; accuracy on ${photos.validation} validation photos, latency on one thread of this machine`,
    ...rows,
  ].join("\n");
}
