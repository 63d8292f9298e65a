/** The inside of a worker thread that worker-pool.ts feeds. */
import { parentPort, type Transferable, workerData } from "node:worker_threads";
import { FulcrumError } from "../errors/index.ts";
import type { WorkerReply, WorkerSetup } from "./worker-pool.ts";

export interface JobHandlers<Job, Result> {
  readonly run: (job: Job) => Promise<Result>;
  /** Buffers of the result that are moved, not copied. */
  readonly transfer?: (result: Result) => Transferable[];
  /** Before the thread ends. */
  readonly dispose?: () => Promise<void>;
}

/** What the pool was started with. */
export function workerTask<Task>(): Task {
  return (workerData as WorkerSetup).task as Task;
}

/** Call it between the parts of a long job: it throws when the pool has stopped. */
export function leaveIfStopped(): void {
  if (Atomics.load((workerData as WorkerSetup).stop, 0) !== 0) throw new Error("stopped");
}

/** Answers each job; the thread ends by itself when the pool closes it, never in the middle of native code. */
export function answerJobs<Job, Result>(handlers: JobHandlers<Job, Result>): void {
  const port = parentPort!;
  let working = Promise.resolve();
  const answer = async (job: Job) => {
    try {
      const result = await handlers.run(job);
      port.postMessage({ result } satisfies WorkerReply<Result>, handlers.transfer?.(result) ?? []);
    } catch (error) {
      const known = error instanceof FulcrumError ? { code: error.code, context: error.context } : null;
      port.postMessage({ failure: { known, error } } satisfies WorkerReply<Result>);
    }
  };
  const finish = async () => {
    await handlers.dispose?.();
    port.close();
  };
  port.on("message", (job: Job | null) => {
    working = working.then(() => (job === null ? finish() : answer(job)));
  });
}
