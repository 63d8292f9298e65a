/**
 * A worker thread that turns photos into features: reads, decodes and prepares each photo once, and runs every asked
 * base on it. One photo at a time on one thread, so that features depend on nothing but the photo.
 */
import { join } from "node:path";
import { readBytes } from "../base/files.ts";
import { sha256 } from "../base/hash.ts";
import { answerJobs, leaveIfStopped, workerTask } from "../base/worker-thread.ts";
import { createSession, type Session } from "../engine/runtime/index.ts";
import { FulcrumError } from "../errors/index.ts";
import { decodePhoto, leastShortSide, type Pixels, preparePhoto } from "../images/index.ts";
import { featuresOutput } from "../models/index.ts";
import type { Photo } from "../records/dataset.ts";
import type { Extractor, FeatureJob, FeatureTask } from "./feature-job.ts";

const { dataDir, extractors } = workerTask<FeatureTask>();
const sessions = await Promise.all(extractors.map(({ model }) => createSession(model, { threads: 1 })));

answerJobs({
  run: extract,
  transfer: (features) => features.map(({ buffer }) => buffer as ArrayBuffer),
  dispose: async () => {
    await Promise.all(sessions.map((session) => session.dispose()));
  },
});

/** Features [photos, featureCount] for each asked base. */
async function extract({ photos, extractorIndices }: FeatureJob): Promise<Float32Array[]> {
  const results = extractorIndices.map(
    (index) => new Float32Array(photos.length * extractors[index]!.source.featureCount),
  );
  for (const [place, photo] of photos.entries()) {
    leaveIfStopped();
    const bytes = await readUnchanged(photo);
    // As served: a large photo may be decoded at a reduced size, which depends on what a base needs.
    const decoded = new Map<number | undefined, Pixels>();
    for (const [i, index] of extractorIndices.entries()) {
      const least = leastShortSide([extractors[index]!.source.preprocessing]);
      const pixels = decoded.get(least) ?? (await decodePhoto(bytes, photo.path, { leastShortSide: least }));
      decoded.set(least, pixels);
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
  { source: { preprocessing } }: Extractor,
  pixels: Pixels,
): Promise<Float32Array> {
  const { input, size } = preprocessing;
  const image = { dtype: "uint8", dims: [1, size, size, 3], data: preparePhoto(pixels, preprocessing) } as const;
  const results = await session.run({ [input]: image });
  return results[featuresOutput]!.data as Float32Array;
}
