/**
 * Feeds jobs to worker threads, one at a time each, so that every core is busy. The order in which jobs end depends on
 * timing; what they give must not. The other end, in the thread, is worker-thread.ts.
 */
import { Worker } from "node:worker_threads";
import { type ErrorCode, FulcrumError } from "../errors/index.ts";

/** What a worker thread starts with. */
export interface WorkerSetup {
  readonly task: unknown;
  /** Shared; not 0 when the thread has to leave its job. */
  readonly stop: Int32Array<SharedArrayBuffer>;
}

/** What a job gave, or why it gave nothing. */
export type WorkerReply<Result> =
  | { readonly result: Result }
  | { readonly failure: { readonly known: { code: ErrorCode; context: object } | null; readonly error: unknown } };

export interface WorkerJobs<Job, Result> {
  /** Module that calls `answerJobs`. */
  readonly worker: URL;
  /** Given to every thread; must be cloneable. */
  readonly task: unknown;
  readonly jobs: readonly Job[];
  /** Number of worker threads. */
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
  /** Takes a job's result, while the thread does its next job. */
  readonly onResult: (job: Job, result: Result) => Promise<void> | void;
}

/** Runs all jobs. The first failure, or the signal, ends the others; its error is thrown. */
export async function runOnWorkers<Job, Result>(options: WorkerJobs<Job, Result>): Promise<void> {
  const { worker, task, jobs, threads, signal, onResult } = options;
  signal?.throwIfAborted();
  const queue = jobs.values();
  const setup: WorkerSetup = { task, stop: new Int32Array(new SharedArrayBuffer(4)) };
  const workers = Array.from(
    { length: Math.min(threads, jobs.length) },
    () => new PoolWorker<Job, Result>(worker, setup),
  );
  const { promise: aborted, reject: abort } = Promise.withResolvers<never>();
  const onAbort = () => abort(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  try {
    await Promise.race([aborted, Promise.all(workers.map((each) => drain(each, queue, onResult)))]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    Atomics.store(setup.stop, 0, 1);
    await Promise.all(workers.map((each) => each.close()));
  }
}

/** Gives one worker job after job until none is left. */
async function drain<Job, Result>(
  worker: PoolWorker<Job, Result>,
  queue: Iterator<Job>,
  onResult: WorkerJobs<Job, Result>["onResult"],
): Promise<void> {
  let taking = Promise.resolve();
  for (let next = queue.next(); !next.done; next = queue.next()) {
    const job = next.value;
    const [result] = await Promise.all([worker.run(job), taking]);
    taking = Promise.resolve(onResult(job, result));
  }
  await taking;
}

/** One worker thread, which does its jobs in the order in which they are given. */
export class PoolWorker<Job, Result> {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  /** Rejects when the thread ends with an error; never resolves. */
  readonly #failed: Promise<never>;
  /** Who waits for the thread's next replies. */
  readonly #waiting: ((reply: WorkerReply<Result>) => void)[] = [];

  constructor(module: URL, setup: WorkerSetup) {
    this.#worker = new Worker(module, { workerData: setup });
    this.#ended = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
    this.#failed = new Promise((_, reject) => this.#worker.once("error", reject));
    this.#failed.catch(() => {}); // told by the job that waits, if there is one
    this.#worker.on("message", (reply: WorkerReply<Result>) => this.#waiting.shift()!(reply));
  }

  async run(job: Job): Promise<Result> {
    const replied = new Promise<WorkerReply<Result>>((resolve) => this.#waiting.push(resolve));
    this.#worker.postMessage(job);
    const reply = await Promise.race([replied, this.#failed]);
    if ("failure" in reply) throw failureOf(reply.failure);
    return reply.result;
  }

  /** Lets the thread leave its job and end. */
  async close(): Promise<void> {
    this.#worker.postMessage(null);
    await this.#ended;
  }
}

/** An error of the catalogue loses its class between threads, so it is made again. */
function failureOf({ known, error }: Extract<WorkerReply<never>, { failure: unknown }>["failure"]): unknown {
  if (known === null) return error;
  const context = known.context as Record<string, string | number>;
  return new FulcrumError<ErrorCode>(known.code, context as never, { cause: error });
}
