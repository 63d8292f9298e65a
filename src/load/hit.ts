/**
 * A hit: one request of a load, as it happened. The raw evidence from which every figure is made, and can be made
 * again. Pure.
 */

/** Times are milliseconds after the start of the run on a monotonic clock, rounded to microseconds. */
export interface Hit {
  /** Order of sending (closed loop) or place in the schedule (open loop), from 0. */
  readonly index: number;
  /** Which user sent it; null in an open loop. */
  readonly user: number | null;
  /** When it was due. */
  readonly scheduledMs: number;
  /** When it was sent (connecting included); null if it never was. */
  readonly sentMs: number | null;
  /** When the first byte of the answer came. */
  readonly firstByteMs: number | null;
  /** When the answer was whole, or the failure was known. */
  readonly finishedMs: number;
  /** HTTP status; null where no header came. */
  readonly status: number | null;
  /** Bytes of the answer's body. */
  readonly bytes: number;
  /** Why there is no whole answer: one of hitErrors or a code of the system as ECONNREFUSED; null where there is. */
  readonly error: string | null;
}

export const hitErrors = {
  /** Nothing came for the time limit of a request. */
  timeout: "timeout",
  /** The connection ended before the answer was whole. */
  truncated: "truncated",
  /** What came is no HTTP. */
  malformed: "malformed",
  /** Open loop: due, but the limit of requests in flight left no room until the end. */
  unsent: "unsent",
  /** In flight when the run ended; siege forgets these, so they count nowhere. */
  cutOff: "cut-off",
} as const;

/**
 * What siege 4.0.7 makes of a request. "okay": status below 400 (Transactions and OKAY); "refused": 4xx without 408
 * (Transactions only); "failed": 408, 5xx, or no answer (Failed only); "cutOff": counted nowhere.
 * One difference: siege takes a truncated body for a whole one, here it has failed.
 */
export type Verdict = "okay" | "refused" | "failed" | "cutOff";

export function verdictOf({ status, error }: Pick<Hit, "status" | "error">): Verdict {
  if (error === hitErrors.cutOff) return "cutOff";
  if (error !== null || status === null || status === 408 || status >= 500) return "failed";
  return status < 400 ? "okay" : "refused";
}

/** Milliseconds at the resolution that hits are kept in, so that a figure from the file equals one from memory. */
export function roundToMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
