/**
 * How long a crashed replica waits before it starts again, as the kubelet has it (documentation: "Pod Lifecycle",
 * restart policy): at once the first time, then 10 s, 20 s, 40 s ... up to 300 s; 10 minutes of running without a
 * crash start it anew. While it waits it is in CrashLoopBackOff.
 */

export interface RestartState {
  /** Crashes in a row. */
  readonly crashes: number;
}

export const freshRestartState: RestartState = { crashes: 0 };

const firstDelayMs = 10_000;
const longestDelayMs = 300_000;
const forgetAfterMs = 600_000;

/**
 * @param ranMs how long the replica ran before this crash, in the platform's time (a scaled platform gives real
 *   time multiplied by its scale)
 */
export function delayAfterCrash(
  { crashes }: RestartState,
  ranMs: number,
): { readonly delayMs: number; readonly state: RestartState } {
  const before = ranMs >= forgetAfterMs ? 0 : crashes;
  const delayMs = before === 0 ? 0 : Math.min(firstDelayMs * 2 ** (before - 1), longestDelayMs);
  return { delayMs, state: { crashes: before + 1 } };
}
