/**
 * Feeds jobs to worker threads, one session of one thread each: decoding and inference of different photos overlap,
 * and every core is busy. The order in which jobs end depends on timing, their results do not.
 */
import { Worker } from "node:worker_threads";
import { type ErrorCode, FulcrumError } from "../errors/index.ts";
import type { Photo } from "../records/dataset.ts";
import type { FeatureSource } from "./feature-cache.ts";

/** A base as the workers run it. */
export interface Extractor {
  readonly source: FeatureSource;
  /** ONNX file of the feature graph. */
  readonly model: Uint8Array;
}

/** What a worker starts with. */
export interface ExtractorSetup {
  readonly dataDir: string;
  readonly extractors: readonly Extractor[];
}

/** Photos to run on some of the extractors. */
export interface FeatureJob {
  readonly photos: readonly Photo[];
  readonly extractorIndices: readonly number[];
}

/** Features [photos, featureCount] an asked extractor, or why there are none. */
export type FeatureReply =
  | { readonly features: readonly Float32Array[] }
  | { readonly failure: { readonly known: { code: ErrorCode; context: object } | null; readonly error: unknown } };

export interface PoolOptions<Job extends FeatureJob> {
  readonly setup: ExtractorSetup;
  readonly jobs: readonly Job[];
  /** Number of worker threads. */
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
  /** Takes a job's features, while the worker does its next job. */
  readonly onFeatures: (job: Job, features: readonly Float32Array[]) => Promise<void>;
}

/** Runs all jobs. The first failure, or the signal, ends the others. */
export async function runFeatureJobs<Job extends FeatureJob>(options: PoolOptions<Job>): Promise<void> {
  const { setup, jobs, threads, signal, onFeatures } = options;
  signal?.throwIfAborted();
  const queue = jobs.values();
  const workers = Array.from(
    { length: Math.min(threads, jobs.length) },
    () => new Worker(new URL("./feature-worker.ts", import.meta.url), { workerData: setup }),
  );
  const { promise: aborted, reject: abort } = Promise.withResolvers<never>();
  const onAbort = () => abort(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  try {
    await Promise.race([aborted, Promise.all(workers.map((worker) => drain(worker, queue, onFeatures)))]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Gives one worker job after job until none is left. */
async function drain<Job extends FeatureJob>(
  worker: Worker,
  queue: Iterator<Job>,
  onFeatures: PoolOptions<Job>["onFeatures"],
): Promise<void> {
  let taking = Promise.resolve();
  for (let next = queue.next(); !next.done; next = queue.next()) {
    const job = next.value;
    const [reply] = await Promise.all([ask(worker, job), taking]);
    if ("failure" in reply) throw failureOf(reply.failure);
    taking = onFeatures(job, reply.features);
  }
  await taking;
}

function ask(worker: Worker, job: FeatureJob): Promise<FeatureReply> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number) => reject(new Error(`a feature worker ended with code ${code}`));
    worker.once("exit", onExit).once("error", reject);
    worker.once("message", (reply: FeatureReply) => {
      worker.off("exit", onExit).off("error", reject);
      resolve(reply);
    });
    worker.postMessage(job);
  });
}

/** An error of the catalogue loses its class between threads, so it is made again. */
function failureOf({ known, error }: Extract<FeatureReply, { failure: unknown }>["failure"]): unknown {
  if (known === null) return error;
  const context = known.context as Record<string, string | number>;
  return new FulcrumError<ErrorCode>(known.code, context as never, { cause: error });
}
