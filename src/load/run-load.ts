/** Runs a load: opens the attacker, drives one run after the other, keeps every hit, gives the figures. */
import { type Clock, systemClock } from "../base/clock.ts";
import { noProgress, type Progress } from "../base/progress.ts";
import { Rng } from "../base/rng.ts";
import type { LoadScenario } from "../config/load.ts";
import { LoadAccount, type LoadResult } from "./account.ts";
import { type Attacker, openAttacker } from "./attacker.ts";
import { driveClosedLoop } from "./closed-loop.ts";
import type { Hit } from "./hit.ts";
import { type HitLogLine, openHitLog, readHitLog } from "./hit-log.ts";
import { type LoopOutcome, sleepUnless } from "./loop.ts";
import { driveOpenLoop } from "./open-loop.ts";
import { describeRun, type LoadRun, runsOf } from "./plan.ts";
import { getRequest, type LoadRequest, uploadRequest } from "./request.ts";

export interface LoadOptions {
  /** Address of a GET, or of the POST of `upload`. */
  readonly url: string;
  /** File to POST, as the upload page does. */
  readonly upload?: { readonly fileName: string; readonly bytes: Uint8Array };
  /** Seed of the users' pauses. */
  readonly seed: string | number;
  /** Ends the load at once; the figures of what was done are still given. */
  readonly signal?: AbortSignal;
  /** File for the raw record (hits.jsonl); not kept where it is left out. */
  readonly hitsPath?: string;
  readonly onHit?: (hit: Hit) => void;
  readonly progress?: Progress;
  readonly clock?: Clock;
  /** Reuse connections. Default: a new one for each request, as siege. */
  readonly keepAlive?: boolean;
  /** A request without a single byte for this long has failed. Default 30. */
  readonly timeoutSeconds?: number;
  /** Failures that end a closed run. Default 1024, as siege. */
  readonly failureLimit?: number;
  /** Open loop: most requests in flight. Default 1000. */
  readonly maxInFlight?: number;
}

/** A closed loop with siege's semantics. */
export function runClosedLoad(
  options: LoadOptions & { readonly users: number; readonly delaySeconds: number; readonly durationSeconds: number },
): Promise<LoadResult> {
  const { users, delaySeconds, durationSeconds } = options;
  return runAll([{ kind: "closed", users, delaySeconds, durationSeconds }], options);
}

/** An open loop; latency is figured from the scheduled time as well. */
export function runOpenLoad(
  options: LoadOptions & { readonly ratePerSecond: number; readonly durationSeconds: number },
): Promise<LoadResult> {
  const { ratePerSecond, durationSeconds } = options;
  return runAll([{ kind: "open", ratePerSecond, durationSeconds }], options);
}

/** Any scenario of the configuration; `timeScale` in place of the scenario's own shrinks the minutes of a series. */
export function runSeries(
  options: LoadOptions & { readonly scenario: LoadScenario; readonly timeScale?: number },
): Promise<LoadResult> {
  return runAll(runsOf(options.scenario, options.timeScale), options);
}

/**
 * The figures of a raw record.
 * @throws FILE_UNREADABLE, LOAD_FILE_INVALID
 */
export async function summariseHits(path: string): Promise<LoadResult> {
  const account = new LoadAccount();
  for await (const line of readHitLog(path)) account.add(line);
  return account.close();
}

async function runAll(runs: readonly LoadRun[], options: LoadOptions): Promise<LoadResult> {
  const clock = options.clock ?? systemClock;
  const { url, upload } = options;
  const request = upload === undefined ? getRequest(url) : uploadRequest(url, upload.fileName, upload.bytes);
  const timeoutMs = (options.timeoutSeconds ?? 30) * 1000;
  const attacker = await openAttacker(request, { clock, keepAlive: options.keepAlive ?? false, timeoutMs });
  const log = options.hitsPath === undefined ? undefined : await openHitLog(options.hitsPath);
  const account = new LoadAccount();
  const write = (line: HitLogLine) => {
    account.add(line);
    log?.write(line);
  };
  const finished = new AbortController();
  const ticking = tick(runs, account, clock, options.progress ?? noProgress, finished.signal);
  try {
    await driveAll({ runs, request, attacker, clock, write, options, timeoutMs });
  } finally {
    finished.abort();
    attacker.close();
    await ticking;
    await log?.close();
  }
  return account.close();
}

interface Drive {
  readonly runs: readonly LoadRun[];
  readonly request: LoadRequest;
  readonly attacker: Attacker;
  readonly clock: Clock;
  readonly write: (line: HitLogLine) => void;
  readonly options: LoadOptions;
  readonly timeoutMs: number;
}

/** Each run starts when its turn comes by the clock, even where the one before ended early for its failures. */
async function driveAll(drive: Drive): Promise<void> {
  const { runs, request, clock, write, options } = drive;
  const signal = options.signal ?? new AbortController().signal;
  const seriesStartMs = clock.nowMs();
  let dueSeconds = 0;
  for (const [number, run] of runs.entries()) {
    const startSeconds = (clock.nowMs() - seriesStartMs) / 1000;
    const { href: url } = request.url;
    write({ type: "run", number, url, method: request.method, epochMs: clock.epochMs(), startSeconds, run });
    const outcome = await driveOne(drive, run, number);
    write({ type: "end", number, ...outcome });
    if (signal.aborted) return;
    dueSeconds += run.durationSeconds;
    const waitMs = dueSeconds * 1000 - (clock.nowMs() - seriesStartMs);
    if (number < runs.length - 1) await sleepUnless(clock, waitMs, signal);
    if (signal.aborted) return;
  }
}

function driveOne(
  { attacker, clock, write, options, timeoutMs }: Drive,
  run: LoadRun,
  number: number,
): Promise<LoopOutcome> {
  const record = (hit: Hit) => {
    write({ type: "hit", ...hit });
    options.onHit?.(hit);
  };
  const input = { attacker, clock, signal: options.signal, record };
  if (run.kind === "open") {
    return driveOpenLoop({ ...input, run, maxInFlight: options.maxInFlight ?? 1000, drainMs: timeoutMs });
  }
  const rng = new Rng(options.seed).fork("load").fork(number);
  return driveClosedLoop({ ...input, run, rng, failureLimit: options.failureLimit ?? 1024 });
}

/** Advances the progress by a second a second. */
async function tick(
  runs: readonly LoadRun[],
  account: LoadAccount,
  clock: Clock,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const seconds = Math.round(runs.reduce((sum, run) => sum + run.durationSeconds, 0));
  const label = runs.length === 1 ? `load: ${describeRun(runs[0]!)}` : `load: ${runs.length} runs`;
  const task = progress.task(label, seconds, "s");
  for (let done = 0; !signal.aborted; done++) {
    await sleepUnless(clock, 1000, signal);
    const { transactions, failed } = account.soFar;
    if (!signal.aborted && done < seconds) task.advance(1, `${transactions} answered, ${failed} failed`);
  }
  task.finish();
}
