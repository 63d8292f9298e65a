/**
 * A worker thread that turns photos into features: reads, decodes and prepares each photo once, and runs every asked
 * base on it. One photo at a time on one thread, so that features depend on nothing but the photo.
 */
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { readBytes } from "../base/files.ts";
import { sha256 } from "../base/hash.ts";
import { createSession, type Session } from "../engine/runtime/index.ts";
import { FulcrumError } from "../errors/index.ts";
import { decodePhoto, type Pixels, preparePhoto } from "../images/index.ts";
import { featuresOutput } from "../models/index.ts";
import type { Photo } from "../records/dataset.ts";
import type { ExtractorSetup, FeatureJob, FeatureReply } from "./feature-pool.ts";

const { dataDir, extractors, stop } = workerData as ExtractorSetup;
const sessions = await Promise.all(extractors.map(({ model }) => createSession(model, { threads: 1 })));

let working = Promise.resolve();
parentPort!.on("message", (job: FeatureJob | null) => {
  working = working.then(() => (job === null ? finish() : answer(job)));
});

async function answer(job: FeatureJob): Promise<void> {
  try {
    const features = await extract(job);
    const reply: FeatureReply = { features };
    parentPort!.postMessage(
      reply,
      features.map(({ buffer }) => buffer as ArrayBuffer),
    );
  } catch (error) {
    const known = error instanceof FulcrumError ? { code: error.code, context: error.context } : null;
    const reply: FeatureReply = { failure: { known, error } };
    parentPort!.postMessage(reply);
  }
}

/** Lets the thread end by itself: ending it from outside while a session runs would take the process with it. */
async function finish(): Promise<void> {
  await Promise.all(sessions.map((session) => session.dispose()));
  parentPort!.close();
}

/** Features [photos, featureCount] for each asked base. */
async function extract({ photos, extractorIndices }: FeatureJob): Promise<Float32Array[]> {
  const results = extractorIndices.map(
    (index) => new Float32Array(photos.length * extractors[index]!.source.featureCount),
  );
  for (const [place, photo] of photos.entries()) {
    if (Atomics.load(stop, 0) !== 0) throw new Error("stopped");
    const pixels = await decodePhoto(await readUnchanged(photo), photo.path);
    for (const [i, index] of extractorIndices.entries()) {
      const features = await runBase(sessions[index]!, extractors[index]!, pixels);
      results[i]!.set(features, place * features.length);
    }
  }
  return results;
}

async function readUnchanged(photo: Photo): Promise<Uint8Array> {
  const path = join(dataDir, photo.path);
  const bytes = await readBytes(path);
  if (sha256(bytes) !== photo.sha256) throw new FulcrumError("TRAIN_PHOTO_CHANGED", { path });
  return bytes;
}

async function runBase(
  session: Session,
  { source: { preprocessing } }: ExtractorSetup["extractors"][number],
  pixels: Pixels,
): Promise<Float32Array> {
  const { input, size } = preprocessing;
  const image = { dtype: "uint8", dims: [1, size, size, 3], data: preparePhoto(pixels, preprocessing) } as const;
  const results = await session.run({ [input]: image });
  return results[featuresOutput]!.data as Float32Array;
}
