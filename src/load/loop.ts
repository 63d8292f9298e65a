/** What the closed and the open loop share: what they take, what they give, and how an answer becomes a hit. */
import type { Clock } from "../base/clock.ts";
import type { Answer, Attacker } from "./attacker.ts";
import { type Hit, roundToMicroseconds } from "./hit.ts";

/** Why a run ended: its time was over, the caller stopped it, or siege's limit of failures was reached. */
export type Ending = "time" | "stopped" | "failures";

export interface LoopOutcome {
  readonly elapsedSeconds: number;
  readonly ending: Ending;
}

export interface LoopInput<Run> {
  readonly run: Run;
  readonly attacker: Attacker;
  readonly clock: Clock;
  /** Ends the run at once; what is in flight is cut off. */
  readonly signal: AbortSignal | undefined;
  /** Takes each hit when it is finished. */
  readonly record: (hit: Hit) => void;
}

/** Sleeps; returns early, without an error, when the signal fires, and at once when there is nothing to wait for. */
export async function sleepUnless(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  await clock.sleep(ms, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** Seconds of the clock since `startMs`. */
export function elapsedSince(startMs: number, clock: Clock): number {
  return roundToMicroseconds(clock.nowMs() - startMs) / 1000;
}

/** An answer as a hit: times from the start of the run. */
export function hitOf(
  answer: Answer,
  at: { readonly index: number; readonly user: number | null; readonly scheduledMs: number; readonly startMs: number },
): Hit {
  const since = (ms: number) => roundToMicroseconds(ms - at.startMs);
  return {
    index: at.index,
    user: at.user,
    scheduledMs: since(at.scheduledMs),
    sentMs: since(answer.sentMs),
    firstByteMs: answer.firstByteMs === null ? null : since(answer.firstByteMs),
    finishedMs: since(answer.finishedMs),
    status: answer.status,
    bytes: answer.bytes,
    error: answer.error,
  };
}
