/**
 * A worker thread that turns photos into features: reads, decodes, changes and prepares each photo once, and runs every
 * asked base on it. One photo at a time on one thread, so that features depend on nothing but the photo.
 */
import { join } from "node:path";
import { type PhotoVersion, preparePhotoVersion } from "../augment/index.ts";
import { readBytes } from "../base/files.ts";
import { sha256 } from "../base/hash.ts";
import { answerJobs, leaveIfStopped, workerTask } from "../base/worker-thread.ts";
import { createSession } from "../engine/runtime/index.ts";
import { FulcrumError } from "../errors/index.ts";
import { decodePhoto, leastShortSide, type Pixels, preparePhoto } from "../images/index.ts";
import type { Photo } from "../records/dataset.ts";
import type { Preprocessing } from "../records/preprocessing.ts";
import { rowLength } from "./feature-cache.ts";
import type { FeatureJob, FeatureTask } from "./feature-job.ts";

const { dataDir, extractors, augmentation } = workerTask<FeatureTask>();
const sessions = await Promise.all(extractors.map(({ model }) => createSession(model, { threads: 1 })));

answerJobs({
  run: extract,
  transfer: (rows) => rows.map(({ buffer }) => buffer as ArrayBuffer),
  dispose: async () => {
    await Promise.all(sessions.map((session) => session.dispose()));
  },
});

/** Rows [photos, row length] for each asked base. */
async function extract({ photos, versions, extractorIndices }: FeatureJob): Promise<Float32Array[]> {
  const results = extractorIndices.map((i) => new Float32Array(photos.length * rowLength(extractors[i]!.source)));
  for (const [place, photo] of photos.entries()) {
    leaveIfStopped();
    const bytes = await readUnchanged(photo);
    const version = versions?.[place] ?? null;
    const decoded = new Map<number | undefined, Pixels>();
    const prepared = new Map<Preprocessing, Uint8Array>();
    for (const [i, index] of extractorIndices.entries()) {
      const { preprocessing } = extractors[index]!.source;
      const least = leastSideOf(preprocessing, version);
      const pixels = decoded.get(least) ?? (await decodePhoto(bytes, photo.path, { leastShortSide: least }));
      decoded.set(least, pixels);
      const data = prepared.get(preprocessing) ?? prepare(pixels, preprocessing, version);
      prepared.set(preprocessing, data);
      await runBase(index, data, results[i]!, place);
    }
  }
  return results;
}

/** As served: a large photo may be decoded at a reduced size. A random part of it needs all of its pixels. */
function leastSideOf(preprocessing: Preprocessing, version: PhotoVersion | null): number | undefined {
  return version !== null && augmentation?.randomCrop ? undefined : leastShortSide([preprocessing]);
}

async function readUnchanged(photo: Photo): Promise<Uint8Array> {
  const path = join(dataDir, photo.path);
  const bytes = await readBytes(path);
  if (sha256(bytes) !== photo.sha256) throw new FulcrumError("TRAIN_PHOTO_CHANGED", { path });
  return bytes;
}

function prepare(pixels: Pixels, preprocessing: Preprocessing, version: PhotoVersion | null): Uint8Array {
  if (version === null || augmentation === null) return preparePhoto(pixels, preprocessing);
  return preparePhotoVersion(pixels, preprocessing, augmentation, version);
}

/** Puts the outputs of one photo into its row. */
async function runBase(index: number, data: Uint8Array, rows: Float32Array, place: number): Promise<void> {
  const { source } = extractors[index]!;
  const { input, size } = source.preprocessing;
  const results = await sessions[index]!.run({ [input]: { dtype: "uint8", dims: [1, size, size, 3], data } });
  let at = place * rowLength(source);
  for (const { name, dims } of source.outputs) {
    const values = results[name]!.data as Float32Array;
    rows.set(values, at);
    at += dims.reduce((product, dim) => product * dim, 1);
  }
}
