/** A clock that each look at it moves on by a second: budgets end at the same place on every machine. */
import type { Clock } from "../../src/base/clock.ts";

export interface CountingClock extends Clock {
  /** Looks so far. */
  readonly looks: number;
}

/** @param onLook told the number of each look, from 1 */
export function countingClock(onLook: (look: number) => void = () => {}): CountingClock {
  let looks = 0;
  return {
    get looks() {
      return looks;
    },
    epochMs: () => 0,
    nowMs() {
      onLook(++looks);
      return 1000 * looks;
    },
    sleep: async () => {},
  };
}
