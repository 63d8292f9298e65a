/**
 * The open loop: request i is due at i / rate, whether or not answers have come, and its latency counts from then, so
 * that a server that stalls cannot hide the requests that it kept from being sent (coordinated omission).
 * Requests in flight are bounded; a due request waits for room, and what never found room is recorded as failed.
 * Timers wake up to about a millisecond late: that, too, is in the latency from the scheduled time, not in the other.
 */
import { type Hit, hitErrors } from "./hit.ts";
import { elapsedSince, hitOf, type LoopInput, type LoopOutcome, sleepUnless } from "./loop.ts";
import { dueCount, dueMs, totalHits } from "./pacing.ts";
import type { OpenRun } from "./plan.ts";

/** Drives one run, its answers awaited. */
export async function driveOpenLoop(
  input: LoopInput<OpenRun> & {
    readonly maxInFlight: number;
    /** How long after the end answers are waited for; then what is missing has failed. */
    readonly drainMs: number;
  },
): Promise<LoopOutcome> {
  const { run, clock, attacker } = input;
  const durationMs = run.durationSeconds * 1000;
  const total = totalHits(durationMs, run.ratePerSecond);
  const startMs = clock.nowMs();
  const elapsedMs = () => clock.nowMs() - startMs;
  const over = new AbortController();
  let isStopped = false;
  let next = 0;
  let inFlight = 0;
  let wake = () => {};
  const oneFinished = () => new Promise<void>((resolve) => (wake = resolve));

  const stop = () => {
    isStopped = true;
    over.abort();
    attacker.cutOff(hitErrors.cutOff);
  };
  input.signal?.addEventListener("abort", stop);
  if (input.signal?.aborted) stop();
  const deadline = sleepUnless(clock, durationMs + input.drainMs, over.signal).then(() => {
    over.abort();
    attacker.cutOff(hitErrors.timeout);
  });

  const send = async (index: number) => {
    inFlight++;
    const answer = await attacker.send();
    inFlight--;
    const scheduledMs = startMs + dueMs(index, run.ratePerSecond);
    input.record(hitOf(answer, { index, user: null, scheduledMs, startMs }));
    wake();
  };
  while (next < total && !over.signal.aborted) {
    const due = dueCount(elapsedMs(), run.ratePerSecond, total);
    while (next < due && inFlight < input.maxInFlight) void send(next++);
    if (next < due) await oneFinished();
    else if (next < total) await sleepUnless(clock, dueMs(next, run.ratePerSecond) - elapsedMs(), over.signal);
  }
  const due = dueCount(elapsedMs(), run.ratePerSecond, total);
  const reason = isStopped ? hitErrors.cutOff : hitErrors.unsent;
  for (; next < due; next++) input.record(neverSent(next, dueMs(next, run.ratePerSecond), elapsedMs(), reason));
  while (inFlight > 0) await oneFinished();
  await sleepUnless(clock, durationMs - elapsedMs(), over.signal);

  input.signal?.removeEventListener("abort", stop);
  const elapsedSeconds = elapsedSince(startMs, clock);
  over.abort();
  await deadline;
  return { elapsedSeconds, ending: isStopped ? "stopped" : "time" };
}

function neverSent(index: number, scheduledMs: number, finishedMs: number, error: string): Hit {
  return { index, user: null, scheduledMs, sentMs: null, firstByteMs: null, finishedMs, status: null, bytes: 0, error };
}
