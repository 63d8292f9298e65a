/** Features of photos from frozen bases: from disk where they are, computed and kept where they are not. */
import type { Progress } from "../base/progress.ts";
import { runOnWorkers } from "../base/worker-pool.ts";
import { encodeModel } from "../engine/onnx/index.ts";
import { runtimeVersion } from "../engine/runtime/index.ts";
import { buildFeatureGraph, type LoadedBase, type ModelInputs } from "../models/index.ts";
import { type Chunk, chunkPath, readChunk, writeChunk } from "./feature-cache.ts";
import type { Extractor, FeatureJob, FeatureTask } from "./feature-job.ts";

export interface FeatureOptions {
  readonly dataDir: string;
  readonly featureDir: string;
  readonly extractors: readonly Extractor[];
  /** All photos, each in one chunk, rows from 0. */
  readonly chunks: readonly Chunk[];
  readonly threads: number;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

/** Rows of values, row-major. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

interface ChunkJob extends FeatureJob {
  readonly chunk: Chunk;
}

/** The extractor of each base: its graph as a model, and what its features depend on. */
export function makeExtractors(loadedBases: readonly LoadedBase[], { inputs, inputOfBase }: ModelInputs): Extractor[] {
  return loadedBases.map((loaded, index) => {
    const preprocessing = inputs[inputOfBase[index]!]!;
    const { base } = loaded;
    return {
      source: {
        baseId: base.id,
        weightsSha256: base.weights.sha256,
        preprocessing,
        runtimeVersion,
        featureCount: base.featureCount,
      },
      model: encodeModel(buildFeatureGraph(loaded, preprocessing)),
    };
  });
}

/**
 * The joined features of all photos: a row a photo, the extractors' features one after the other.
 * Memory: this matrix, and 64 photos' features a thread.
 */
export async function collectFeatures(options: FeatureOptions): Promise<Matrix> {
  const { featureDir, extractors, chunks } = options;
  const joined = new JoinedFeatures(
    chunks.reduce((sum, chunk) => sum + chunk.rows.length, 0),
    extractors.map(({ source }) => source.featureCount),
  );
  const jobs: ChunkJob[] = [];
  for (const chunk of chunks) {
    const missing: number[] = [];
    for (const [index, { source }] of extractors.entries()) {
      const kept = await readChunk(chunkPath(featureDir, source, chunk), chunk.rows.length * source.featureCount);
      if (kept === null) missing.push(index);
      else joined.put(chunk, index, kept);
    }
    if (missing.length > 0) jobs.push({ chunk, photos: chunk.photos, extractorIndices: missing });
  }
  await computeMissing(options, jobs, joined);
  return joined.matrix;
}

async function computeMissing(options: FeatureOptions, jobs: readonly ChunkJob[], joined: JoinedFeatures) {
  if (jobs.length === 0) return;
  const { dataDir, featureDir, extractors, threads, progress, signal } = options;
  const total = jobs.reduce((sum, { photos }) => sum + photos.length, 0);
  const task = progress.task("features", total, "photos");
  await runOnWorkers<ChunkJob, readonly Float32Array[]>({
    worker: new URL("./feature-worker.ts", import.meta.url),
    task: { dataDir, extractors } satisfies FeatureTask,
    jobs,
    threads,
    signal,
    onResult: async ({ chunk, extractorIndices }, features) => {
      for (const [i, index] of extractorIndices.entries()) {
        await writeChunk(chunkPath(featureDir, extractors[index]!.source, chunk), features[i]!);
        joined.put(chunk, index, features[i]!);
      }
      task.advance(chunk.rows.length);
    },
  });
  task.finish();
}

/** The feature matrix while it is filled. */
class JoinedFeatures {
  readonly matrix: Matrix;
  readonly #counts: readonly number[];

  constructor(rows: number, counts: readonly number[]) {
    const columns = counts.reduce((sum, count) => sum + count, 0);
    this.matrix = { rows, columns, data: new Float32Array(rows * columns) };
    this.#counts = counts;
  }

  /** Puts a chunk's features [photos, count] of one extractor in their place. */
  put({ rows }: Chunk, extractorIndex: number, features: Float32Array): void {
    const count = this.#counts[extractorIndex]!;
    const offset = this.#counts.slice(0, extractorIndex).reduce((sum, each) => sum + each, 0);
    for (const [place, row] of rows.entries()) {
      const values = features.subarray(place * count, (place + 1) * count);
      this.matrix.data.set(values, row * this.matrix.columns + offset);
    }
  }
}
