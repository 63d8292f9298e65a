/** Makes sure that features of photos are on disk: computes what is missing, after saying how large it is. */
import { mkdir, statfs } from "node:fs/promises";
import type { Progress } from "../base/progress.ts";
import { runOnWorkers } from "../base/worker-pool.ts";
import type { Augmentation } from "../config/candidate.ts";
import { FulcrumError } from "../errors/index.ts";
import { type Chunk, chunkPath, isChunkWhole, rowLength, writeChunk } from "./feature-cache.ts";
import type { Extractor, FeatureJob, FeatureTask } from "./feature-job.ts";

export interface ExtractOptions {
  readonly dataDir: string;
  readonly featureDir: string;
  readonly extractors: readonly Extractor[];
  readonly chunks: readonly Chunk[];
  /** How photos of chunks with versions are changed. */
  readonly augmentation: Augmentation | null;
  /** More bytes than this are refused. */
  readonly largestBytes: number;
  readonly threads: number;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

interface ChunkJob extends FeatureJob {
  readonly chunk: Chunk;
}

/** A free disk is left this share, so that checkpoints and the model find room. */
const spareShare = 0.02;

/**
 * Computes and keeps what is not on disk yet. Memory: 64 photos' rows a thread.
 * @throws TRAIN_FEATURES_TOO_LARGE before anything is computed; FILE_UNWRITABLE, FILE_UNREADABLE, TRAIN_PHOTO_CHANGED,
 *   IMAGE_UNREADABLE
 */
export async function extractFeatures(options: ExtractOptions): Promise<void> {
  const { featureDir, extractors, chunks, augmentation } = options;
  const jobs: ChunkJob[] = [];
  let bytes = 0;
  for (const chunk of chunks) {
    const missing: number[] = [];
    for (const [index, { source }] of extractors.entries()) {
      const length = chunk.rows.length * rowLength(source);
      if (await isChunkWhole(chunkPath(featureDir, source, chunk, augmentation), length)) continue;
      missing.push(index);
      bytes += 4 * length;
    }
    const { photos, versions } = chunk;
    if (missing.length > 0) jobs.push({ chunk, photos, versions, extractorIndices: missing });
  }
  if (jobs.length === 0) return;
  await checkRoom(bytes, options);
  await computeMissing(options, jobs);
}

/** Says how much will be written, and refuses what does not fit. */
async function checkRoom(bytes: number, { featureDir, largestBytes, progress }: ExtractOptions): Promise<void> {
  await mkdir(featureDir, { recursive: true });
  const { bavail, bsize } = await statfs(featureDir);
  const free = bavail * bsize;
  if (bytes >= 1e8)
    progress.note(`features to compute and keep: ${gigabytes(bytes)} of ${gigabytes(free)} free in ${featureDir}`);
  const room = Math.min(largestBytes, free * (1 - spareShare));
  if (bytes <= room) return;
  throw new FulcrumError("TRAIN_FEATURES_TOO_LARGE", {
    dir: featureDir,
    size: gigabytes(bytes),
    free: gigabytes(free),
    limit: gigabytes(largestBytes),
  });
}

async function computeMissing(options: ExtractOptions, jobs: readonly ChunkJob[]): Promise<void> {
  const { dataDir, featureDir, extractors, augmentation, threads, progress, signal } = options;
  const total = jobs.reduce((sum, { photos }) => sum + photos.length, 0);
  const task = progress.task("features", total, "photos");
  await runOnWorkers<ChunkJob, readonly Float32Array[]>({
    worker: new URL("./feature-worker.ts", import.meta.url),
    task: { dataDir, extractors, augmentation } satisfies FeatureTask,
    jobs,
    threads,
    signal,
    onResult: async ({ chunk, extractorIndices }, rows) => {
      for (const [i, index] of extractorIndices.entries()) {
        await writeChunk(chunkPath(featureDir, extractors[index]!.source, chunk, augmentation), rows[i]!);
      }
      task.advance(chunk.rows.length);
    },
  });
  task.finish();
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
