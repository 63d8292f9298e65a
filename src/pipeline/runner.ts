/** Runs the tasks that are stale, in order, and writes their records; a killed run goes on at the task that it was in. */

import { sha256Value } from "../base/hash.ts";
import { describeMachine } from "../base/machine.ts";
import type { Progress } from "../base/progress.ts";
import { fulcrumVersion } from "../base/version.ts";
import { isFulcrumError } from "../errors/index.ts";
import type { Tell } from "../live/index.ts";
import type { RecordOf } from "../records/record.ts";
import { stateOf, type TaskState } from "./staleness.ts";
import type { RunStore } from "./store.ts";
import type { Task } from "./task.ts";

export interface RunOptions {
  readonly tasks: readonly Task[];
  readonly store: RunStore;
  readonly seed: number;
  readonly progress: Progress;
  /** Told of every task's state, for the live page. */
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

export interface TaskOutcome {
  readonly id: string;
  readonly ran: boolean;
  readonly seconds: number;
}

/** Brings every task up to date, in the given order (needs come first). Returns what ran. */
export async function runTasks({ tasks, ...environment }: RunOptions): Promise<TaskOutcome[]> {
  const { store, progress, tell, signal } = environment;
  const known = new Map<string, Known>();
  const outcomes: TaskOutcome[] = [];
  for (const task of tasks) {
    signal.throwIfAborted();
    const inputs = (await inputHashes(task, known)) as Record<string, string>;
    const old = await readRecord(task, store);
    const { state, reasons } = stateOf(task.id, old?.inputs, inputs);
    if (old && state === "done") {
      progress.note(`${task.id}: up to date`);
      tell({ type: "task", epochMs: Date.now(), id: task.id, state: "upToDate", seconds: old.seconds });
      known.set(task.id, knownOf(task, old.body));
      outcomes.push({ id: task.id, ran: false, seconds: old.seconds });
      continue;
    }
    progress.note(`${task.id}: ${state === "missing" ? "starts" : `runs again (${reasons.join(", ")})`}`);
    tell({ type: "task", epochMs: Date.now(), id: task.id, state: "running", seconds: null });
    const record = await runTask(task, inputs, environment);
    tell({ type: "task", epochMs: Date.now(), id: task.id, state: "done", seconds: record.seconds });
    known.set(task.id, knownOf(task, record.body));
    outcomes.push({ id: task.id, ran: true, seconds: record.seconds });
  }
  return outcomes;
}

type RunEnvironment = Omit<RunOptions, "tasks">;

async function runTask(
  task: Task,
  inputs: Record<string, string>,
  environment: RunEnvironment,
): Promise<RecordOf<unknown>> {
  const startMs = performance.now();
  const { store, seed } = environment;
  const body = await task.run({ ...environment, dir: await store.dirOf(task.id) });
  const record: RecordOf<unknown> = {
    kind: task.kind.kind,
    version: task.kind.version,
    createdAt: new Date().toISOString(),
    fulcrum: fulcrumVersion,
    machine: describeMachine(),
    seed,
    inputs,
    seconds: (performance.now() - startMs) / 1000,
    body,
  };
  await store.write(task.id, record);
  return record;
}

/** The state of every task without running any. */
export async function describeTasks(tasks: readonly Task[], store: RunStore): Promise<TaskState[]> {
  const known = new Map<string, Known>();
  const states: TaskState[] = [];
  for (const task of tasks) {
    const record = await readRecord(task, store);
    const state = stateOf(task.id, record?.inputs, await inputHashes(task, known));
    if (record && state.state === "done") known.set(task.id, knownOf(task, record.body));
    states.push(state);
  }
  return states;
}

/** Hashes of a record that is up to date. */
interface Known {
  readonly fingerprint: string;
  readonly whole: string;
}

function knownOf(task: Task, body: unknown): Known {
  return { fingerprint: sha256Value(task.fingerprint(body)), whole: sha256Value(body) };
}

/** Today's inputs by hash; null for a needed task that is not up to date. */
async function inputHashes(task: Task, known: ReadonlyMap<string, Known>): Promise<Record<string, string | null>> {
  const own = Object.entries(await task.inputs()).map(([name, value]) => [name, sha256Value(value ?? null)]);
  const part = task.readsWholeRecords ? "whole" : "fingerprint";
  const needed = task.needs.map((id) => [id, known.get(id)?.[part] ?? null]);
  return Object.fromEntries([...own, ...needed]) as Record<string, string | null>;
}

/** A record of another version or a broken one counts as missing: the task makes it anew. */
async function readRecord(task: Task, store: RunStore): Promise<RecordOf<unknown> | undefined> {
  try {
    return await store.read(task.id, task.kind);
  } catch (error) {
    if (isFulcrumError(error, "RUN_RECORD_INVALID")) return undefined;
    throw error;
  }
}
