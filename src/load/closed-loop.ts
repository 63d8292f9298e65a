/**
 * siege's closed loop: all users start at once; each sends, waits for the answer, pauses, and sends again until the
 * time is over. What is in flight then is cut off and counts nowhere; too many failures end the run early.
 */
import { setMaxListeners } from "node:events";
import type { Rng } from "../base/rng.ts";
import { hitErrors, verdictOf } from "./hit.ts";
import { type Ending, elapsedSince, hitOf, type LoopInput, type LoopOutcome, sleepUnless } from "./loop.ts";
import { siegePauseSeconds } from "./pacing.ts";
import type { ClosedRun } from "./plan.ts";

/** Drives one run; `rng` gives each user a stream of pauses of its own. */
export async function driveClosedLoop(
  input: LoopInput<ClosedRun> & {
    readonly rng: Rng;
    /** Failures that end the run (siege: 1024). */
    readonly failureLimit: number;
  },
): Promise<LoopOutcome> {
  const { run, clock, attacker } = input;
  const startMs = clock.nowMs();
  const over = new AbortController();
  setMaxListeners(0, over.signal);
  let ending: Ending | undefined;
  const end = (reason: Ending) => {
    if (ending !== undefined) return;
    ending = reason;
    over.abort();
    attacker.cutOff(hitErrors.cutOff);
  };
  const stop = () => end("stopped");
  input.signal?.addEventListener("abort", stop);
  if (input.signal?.aborted) stop();

  let sent = 0;
  let failures = 0;
  const sendOne = async (user: number, scheduledMs: number) => {
    const index = sent++;
    const hit = hitOf(await attacker.send(), { index, user, scheduledMs, startMs });
    input.record(hit);
    if (verdictOf(hit) === "failed" && ++failures >= input.failureLimit) end("failures");
  };
  const live = async (user: number) => {
    const rng = input.rng.fork(user);
    let scheduledMs = startMs;
    while (!over.signal.aborted) {
      await sendOne(user, scheduledMs);
      const pauseMs = 1000 * siegePauseSeconds(run.delaySeconds, rng.float());
      scheduledMs = clock.nowMs() + pauseMs;
      if (pauseMs > 0) await sleepUnless(clock, pauseMs, over.signal);
    }
  };
  const timer = sleepUnless(clock, run.durationSeconds * 1000, over.signal).then(() => end("time"));
  await Promise.all([timer, ...Array.from({ length: run.users }, (_, user) => live(user))]);
  input.signal?.removeEventListener("abort", stop);
  return { elapsedSeconds: elapsedSince(startMs, clock), ending: ending! };
}
