/** Time as an argument: code that waits or stamps takes a Clock, and tests give it a fake one. */
import { performance } from "node:perf_hooks";

export interface Clock {
  /** Milliseconds since the Unix epoch, for records. */
  epochMs(): number;
  /** Monotonic milliseconds, for durations. */
  nowMs(): number;
  /** Resolves after `ms`; rejects with AbortError when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  epochMs: () => performance.timeOrigin + performance.now(),
  nowMs: () => performance.now(),
  sleep,
};

/**
 * As `setTimeout` of node:timers/promises, whose abort makes an error with a stack each time: a service that watches over
 * every request aborts one such sleep a request.
 */
function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (signal?.aborted) {
    reject(signal.reason);
    return promise;
  }
  const timer = setTimeout(() => {
    signal?.removeEventListener("abort", stop);
    resolve();
  }, ms);
  const stop = () => {
    clearTimeout(timer);
    reject(signal!.reason);
  };
  signal?.addEventListener("abort", stop, { once: true });
  return promise;
}
