/** A task: one stage for one thing (train/accuracy), with what its record depends on. */
import type { Progress } from "../base/progress.ts";
import type { Tell } from "../live/index.ts";
import type { RecordKind } from "../records/record.ts";
import type { RunStore } from "./store.ts";

export interface TaskContext {
  readonly store: RunStore;
  /** Folder of the task's record and files; exists. */
  readonly dir: string;
  readonly seed: number;
  readonly progress: Progress;
  /** Tells the live page what progress does not say. */
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

export interface Task<Body = unknown> {
  /** "dataset", "train/accuracy", "measure/single/latency": also its folder in the run. */
  readonly id: string;
  readonly kind: RecordKind<Body>;
  /** Tasks whose records this one reads. */
  readonly needs: readonly string[];
  /** It depends on everything in those records, timings included, and not on their fingerprints alone. */
  readonly readsWholeRecords?: boolean;
  /** Named inputs besides other records: configuration, the state of a folder. Hashed into the record. */
  inputs(): Promise<Readonly<Record<string, unknown>>>;
  /** What of the body later stages depend on; timings for example are left out. */
  fingerprint(body: Body): unknown;
  run(context: TaskContext): Promise<Body>;
}

/** Fixes the type of a task and then forgets it: the runner handles every body alike. */
export function defineTask<Body>(task: Task<Body>): Task {
  return task as unknown as Task;
}
