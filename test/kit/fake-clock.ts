/** A clock that stands until a test moves it: sleepers wake in the order of their time. */
import type { Clock } from "../../src/base/clock.ts";

export class FakeClock implements Clock {
  #ms = 0;
  readonly #sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();

  /** 2026-01-01T00:00:00Z and what has passed. */
  epochMs(): number {
    return Date.UTC(2026, 0, 1) + this.#ms;
  }

  nowMs(): number {
    return this.#ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted) reject(signal.reason);
    const sleeper = { untilMs: this.#ms + ms, wake: resolve };
    this.#sleepers.add(sleeper);
    signal?.addEventListener("abort", () => {
      this.#sleepers.delete(sleeper);
      reject(signal.reason);
    });
    return promise;
  }

  /** Sleepers whose time has not come. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Lets `ms` pass; what wakes runs before this returns. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#ms + ms;
    for (;;) {
      const due = [...this.#sleepers]
        .filter(({ untilMs }) => untilMs <= endMs)
        .sort((a, b) => a.untilMs - b.untilMs)[0];
      if (!due) break;
      this.#ms = Math.max(this.#ms, due.untilMs);
      this.#sleepers.delete(due);
      due.wake();
      await settle();
    }
    this.#ms = endMs;
    await settle();
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
