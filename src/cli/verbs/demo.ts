/** `fulcrum demo`: the whole way on drawn photos, on this machine, without network or licence. */
import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../../base/files.ts";
import { renderProjectFile } from "../../config/document.ts";
import { loadProject } from "../../config/load-project.ts";
import { demoProject } from "../../config/presets.ts";
import { runWhole } from "../run-project.ts";
import { defineVerb } from "../verb.ts";
import { liveOption } from "./shared-options.ts";

/** Enough evaluation photos to tell the two models apart, few enough for minutes. */
const photosPerClass = { training: 50, validation: 15, evaluation: 50 };
/** Pixels of the longer side: a little more than what the bases look at. */
const photoSize = 288;

export const verb = defineVerb({
  summary: "The whole way on drawn photos: train, serve, deploy, load, autoscale, report",
  description:
    "Draws a synthetic set of dishes, trains a previous, an accuracy and a latency model, deploys each on this machine " +
    "(single, max-size, autoscaled), drives siege-like load and writes a report. A few minutes on two cores. Killed or " +
    "interrupted, the same command goes on where it stopped.",
  arguments: [],
  options: z.object({
    dir: z.string().default("fulcrum-demo").describe("Folder for photos, project file and run"),
    live: liveOption,
    seed: z.int().min(0).default(1).describe("Seed of the drawn photos and of training"),
  }),
  examples: ["fulcrum demo", "fulcrum demo --dir try --seed 2"],
  async run({ options: { dir, seed, live }, io }) {
    const { synthesizeDataset } = await import("../../data/index.ts");
    const root = resolve(dir);
    const { progress, signal } = io;
    await synthesizeDataset({ dir: join(root, "photos"), seed, photosPerClass, size: photoSize, progress, signal });
    const file = join(root, "fulcrum.yaml");
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (!isThere) await writeFileAtomic(file, renderProjectFile({ ...demoProject("demo", "photos"), seed }, "demo"));
    const loaded = await loadProject(file);
    await runWhole(loaded, { only: [], live }, io);
    return undefined;
  },
});
