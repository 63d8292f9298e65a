/**
 * Results of worker threads in the order of their jobs, as a stream: threads work ahead of the reader by a bounded number
 * of jobs, so memory is bounded too. The other end, in the thread, is worker-thread.ts.
 */
import { PoolWorker, type WorkerSetup } from "./worker-pool.ts";

export interface WorkerStreamOptions {
  /** Module that calls `answerJobs`. */
  readonly worker: URL;
  /** Given to every thread; must be cloneable. */
  readonly task: unknown;
  /** Number of worker threads. */
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
}

/** Jobs that a thread has before it: it does not wait while the reader's thread is busy. */
const queuedEach = 2;
/** Jobs, done or under way, that a thread may be ahead of the reader. */
const aheadEach = 3;

export class WorkerStream<Job, Result> {
  readonly #options: WorkerStreamOptions;
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  #workers: readonly PoolWorker<Job, Result>[] = [];
  /** A place in a thread's queue each. */
  readonly #free: PoolWorker<Job, Result>[] = [];
  readonly #waiting: ((worker: PoolWorker<Job, Result>) => void)[] = [];

  constructor(options: WorkerStreamOptions) {
    this.#options = options;
  }

  /**
   * The results of jobs in their order; jobs are asked for as they are begun, so there may be no end of them. Threads
   * stay for further calls, which must not overlap. The first failure, or the signal, is thrown; the stream must then be
   * closed.
   */
  async *results(jobs: Iterable<Job>): AsyncGenerator<{ readonly job: Job; readonly result: Result }> {
    const { signal, threads } = this.#options;
    signal?.throwIfAborted();
    this.#startThreads();
    const { promise: aborted, reject: abort } = Promise.withResolvers<never>();
    aborted.catch(() => {}); // told by the reader's next result
    const onAbort = () => abort(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    try {
      const source = jobs[Symbol.iterator]();
      const running: { readonly job: Job; readonly result: Promise<Result> }[] = [];
      for (;;) {
        while (running.length < aheadEach * threads) {
          const next = source.next();
          if (next.done) break;
          const result = this.#run(next.value);
          result.catch(() => {}); // told when it is its turn
          running.push({ job: next.value, result });
        }
        const first = running.shift();
        if (!first) return;
        yield { job: first.job, result: await Promise.race([aborted, first.result]) };
      }
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Ends the threads, after the parts of jobs that they are at. */
  async close(): Promise<void> {
    Atomics.store(this.#stop, 0, 1);
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }

  #startThreads(): void {
    if (this.#workers.length > 0) return;
    const { worker, task, threads } = this.#options;
    const setup: WorkerSetup = { task, stop: this.#stop };
    this.#workers = Array.from({ length: threads }, () => new PoolWorker<Job, Result>(worker, setup));
    for (let place = 0; place < queuedEach; place++) this.#free.push(...this.#workers);
  }

  async #run(job: Job): Promise<Result> {
    const worker =
      this.#free.shift() ?? (await new Promise<PoolWorker<Job, Result>>((resolve) => this.#waiting.push(resolve)));
    const result = await worker.run(job);
    const next = this.#waiting.shift();
    if (next) next(worker);
    else this.#free.push(worker);
    return result;
  }
}
