/** synthesizeDataset: a folder of drawn photos, split and by class, made by several threads and resumable. */
import { mkdir, readdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { writeFileAtomic } from "../../base/files.ts";
import type { Progress } from "../../base/progress.ts";
import { FulcrumError } from "../../errors/index.ts";
import type { SplitName } from "../../records/dataset.ts";
import { splitNames } from "../names.ts";
import { dishNames } from "./dishes/index.ts";
import type { DrawReply, DrawRequest } from "./draw-worker.ts";
import { markerFile, readMarker, type SyntheticMarker, writeMarker } from "./marker.ts";

/** Raised when the renderer changes: the same seed then gives other photos. */
const rendererVersion = 1;

export interface SynthesizeOptions {
  readonly dir: string;
  readonly seed: number;
  /** Some of dishNames; all by default. */
  readonly classes?: readonly string[];
  readonly photosPerClass: Readonly<Record<SplitName, number>>;
  /** Pixels of the longer side, 320 by default. */
  readonly size?: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

interface Job extends DrawRequest {
  /** Relative to the set's folder. */
  readonly path: string;
}

/**
 * Draws `dir/SPLIT/CLASS/NNNN.jpg`. The same options give the same bytes whatever the number of threads; a set that
 * was begun with the same options is completed, a complete one is left as it is. The marker file says from the first
 * photo on that the set is synthetic, and at the end that it is complete.
 * @returns the number of photos drawn now
 * @throws DATA_SYNTHETIC_OTHER when the folder holds anything else; the signal's reason when it fires
 */
export async function synthesizeDataset(options: SynthesizeOptions): Promise<number> {
  const dir = resolve(options.dir);
  const { seed, photosPerClass, size = 320, progress, signal } = options;
  const classes = [...(options.classes ?? dishNames)].sort();
  const marker = { renderer: rendererVersion, seed, classes, photosPerClass, size };
  await checkFolder(dir, marker);
  const jobs = await missingPhotos(dir, listJobs(marker));
  if (jobs.length > 0) {
    await writeMarker(dir, { ...marker, complete: false });
    await drawAll(dir, jobs, progress, signal);
  }
  await writeMarker(dir, { ...marker, complete: true });
  return jobs.length;
}

type Choice = Omit<SyntheticMarker, "note" | "complete">;

/** Refuses a folder that holds something else than a set of the same choice. */
async function checkFolder(dir: string, choice: Choice): Promise<void> {
  const marker = await readMarker(dir);
  const names = await readdir(dir).catch(() => []);
  if (marker === undefined) {
    const other = names.find((name) => !name.startsWith("."));
    if (other !== undefined) throw new FulcrumError("DATA_SYNTHETIC_OTHER", { dir, found: `other files (${other})` });
    return;
  }
  if (marker === "damaged") {
    throw new FulcrumError("DATA_SYNTHETIC_OTHER", { dir, found: `a damaged ${markerFile}` });
  }
  const { note: _note, complete: _complete, ...found } = marker;
  const differing = (Object.keys(choice) as (keyof Choice)[]).filter(
    (key) => JSON.stringify(choice[key]) !== JSON.stringify(found[key]),
  );
  if (differing.length > 0) {
    const words = differing.map((key) => `${key} ${JSON.stringify(found[key])}`).join(", ");
    throw new FulcrumError("DATA_SYNTHETIC_OTHER", { dir, found: `a synthetic set with ${words}` });
  }
}

/** Every photo of the set; seeds do not depend on how many there are. */
function listJobs({ seed, classes, photosPerClass, size }: Choice): Job[] {
  return splitNames.flatMap((split) =>
    classes.flatMap((className) =>
      Array.from({ length: photosPerClass[split] }, (_, i) => {
        const id = `${split}/${className}/${String(i + 1).padStart(4, "0")}`;
        return { path: `${id}.jpg`, className, seed: `${seed}/${id}`, longSide: size };
      }),
    ),
  );
}

/** Makes the folders; removes halves of files that a killed run left. */
async function missingPhotos(dir: string, jobs: readonly Job[]): Promise<Job[]> {
  const folders = new Set(jobs.map(({ path }) => path.slice(0, path.lastIndexOf("/"))));
  const present = new Set<string>();
  for (const folder of folders) {
    await mkdir(join(dir, folder), { recursive: true });
    for (const name of await readdir(join(dir, folder))) {
      if (/^\..*\.tmp$/.test(name)) await rm(join(dir, folder, name));
      else present.add(`${folder}/${name}`);
    }
  }
  return jobs.filter(({ path }) => !present.has(path));
}

async function drawAll(dir: string, jobs: readonly Job[], progress: Progress, signal: AbortSignal): Promise<void> {
  const task = progress.task("drawing photos", jobs.length, "photos");
  let next = 0;
  const drawInTurn = async () => {
    const worker = new Worker(new URL("./draw-worker.ts", import.meta.url));
    try {
      while (next < jobs.length) {
        signal.throwIfAborted();
        const job = jobs[next++]!;
        await writeFileAtomic(join(dir, job.path), await draw(worker, job));
        task.advance();
      }
    } finally {
      await worker.terminate();
    }
  };
  const threads = Math.min(jobs.length, availableParallelism());
  await Promise.all(Array.from({ length: threads }, drawInTurn));
  task.finish();
}

function draw(worker: Worker, { className, seed, longSide }: Job): Promise<DrawReply> {
  const { promise, resolve: done, reject } = Promise.withResolvers<DrawReply>();
  worker.once("message", done);
  worker.once("error", reject);
  const request: DrawRequest = { className, seed, longSide };
  worker.postMessage(request);
  return promise.finally(() => worker.off("message", done).off("error", reject));
}
