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

/** What a pool runs. */
export interface FeatureTask {
  readonly dataDir: string;
  readonly extractors: readonly Extractor[];
}

/** What a worker starts with. */
export interface ExtractorSetup extends FeatureTask {
  /** Shared; set to 1 to make the workers leave their jobs at the next photo. */
  readonly stop: Int32Array<SharedArrayBuffer>;
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
  readonly task: FeatureTask;
  readonly jobs: readonly Job[];
  /** Number of worker threads. */
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
  /** Takes a job's features, while the worker does its next job. */
  readonly onFeatures: (job: Job, features: readonly Float32Array[]) => Promise<void>;
}

/** Runs all jobs. The first failure, or the signal, ends the others. */
export async function runFeatureJobs<Job extends FeatureJob>(options: PoolOptions<Job>): Promise<void> {
  const { task, jobs, threads, signal, onFeatures } = options;
  signal?.throwIfAborted();
  const queue = jobs.values();
  const setup: ExtractorSetup = { ...task, stop: new Int32Array(new SharedArrayBuffer(4)) };
  const workers = Array.from({ length: Math.min(threads, jobs.length) }, () => new FeatureWorker(setup));
  const { promise: aborted, reject: abort } = Promise.withResolvers<never>();
  const onAbort = () => abort(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  try {
    await Promise.race([aborted, Promise.all(workers.map((worker) => drain(worker, queue, onFeatures)))]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    Atomics.store(setup.stop, 0, 1);
    await Promise.all(workers.map((worker) => worker.close()));
  }
}

/** Gives one worker job after job until none is left. */
async function drain<Job extends FeatureJob>(
  worker: FeatureWorker,
  queue: Iterator<Job>,
  onFeatures: PoolOptions<Job>["onFeatures"],
): Promise<void> {
  let taking = Promise.resolve();
  for (let next = queue.next(); !next.done; next = queue.next()) {
    const job = next.value;
    const [features] = await Promise.all([worker.extract(job), taking]);
    taking = onFeatures(job, features);
  }
  await taking;
}

/** One worker thread, which has at most one job at a time. */
class FeatureWorker {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  /** Rejects when the thread ends with an error; never resolves. */
  readonly #failed: Promise<never>;

  constructor(setup: ExtractorSetup) {
    this.#worker = new Worker(new URL("./feature-worker.ts", import.meta.url), { workerData: setup });
    this.#ended = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
    this.#failed = new Promise((_, reject) => this.#worker.once("error", reject));
    this.#failed.catch(() => {}); // told by the job that waits, if there is one
  }

  async extract(job: FeatureJob): Promise<readonly Float32Array[]> {
    const replied = new Promise<FeatureReply>((resolve) => this.#worker.once("message", resolve));
    this.#worker.postMessage(job);
    const reply = await Promise.race([replied, this.#failed]);
    if ("failure" in reply) throw failureOf(reply.failure);
    return reply.features;
  }

  /** Lets the thread leave its job and end. */
  async close(): Promise<void> {
    this.#worker.postMessage(null);
    await this.#ended;
  }
}

/** An error of the catalogue loses its class between threads, so it is made again. */
function failureOf({ known, error }: Extract<FeatureReply, { failure: unknown }>["failure"]): unknown {
  if (known === null) return error;
  const context = known.context as Record<string, string | number>;
  return new FulcrumError<ErrorCode>(known.code, context as never, { cause: error });
}
