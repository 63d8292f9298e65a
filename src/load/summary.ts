/** Hits to figures: add one hit at a time, close once. The same hits in the same order give the same figures. Pure. */
import type { LoadSummary } from "../records/measurement.ts";
import { type Hit, verdictOf } from "./hit.ts";
import { LatencyDistribution } from "./latency.ts";

/** A summary with what siege's final block and a reader of failures want besides. */
export interface LoadTotals {
  readonly summary: LoadSummary;
  /** Shortest response time of a transaction; null where there was none. */
  readonly shortestMs: number | null;
  /** Answers with a 4xx status: transactions, but neither OKAY nor failed. */
  readonly refused: number;
  /** In flight at the end and forgotten, as siege does. */
  readonly cutOff: number;
  /** Count of failures by what happened: "HTTP 503", "ECONNREFUSED", "timeout". */
  readonly failures: Readonly<Record<string, number>>;
}

export class LoadTally {
  readonly #response = new LatencyDistribution();
  readonly #scheduled: LatencyDistribution | null;
  readonly #failures: Record<string, number> = {};
  #okay = 0;
  #refused = 0;
  #failed = 0;
  #cutOff = 0;
  #bytes = 0;
  #busyMs = 0;

  /** @param isOpen open loop: latency from the scheduled time is figured as well */
  constructor(isOpen: boolean) {
    this.#scheduled = isOpen ? new LatencyDistribution() : null;
  }

  get transactions(): number {
    return this.#okay + this.#refused;
  }

  get failed(): number {
    return this.#failed;
  }

  add(hit: Hit): void {
    const verdict = verdictOf(hit);
    if (verdict === "cutOff") {
      this.#cutOff++;
      return;
    }
    const responseMs = hit.finishedMs - (hit.sentMs ?? hit.finishedMs);
    if (hit.error === null) {
      this.#busyMs += responseMs;
      this.#bytes += hit.bytes;
    }
    if (verdict === "failed") {
      this.#failed++;
      const reason = hit.error ?? `HTTP ${hit.status}`;
      this.#failures[reason] = (this.#failures[reason] ?? 0) + 1;
      return;
    }
    if (verdict === "okay") this.#okay++;
    else this.#refused++;
    this.#response.add(responseMs);
    this.#scheduled?.add(hit.finishedMs - hit.scheduledMs);
  }

  /**
   * Figures of a run. As siege has it, concurrency is the time of every answer, those with a 5xx status included,
   * over the elapsed time; responseMs is of transactions alone.
   * @param elapsedSeconds length of the run, or of all runs of a series
   */
  close(elapsedSeconds: number): LoadTotals {
    const judged = this.#okay + this.#failed;
    const perSecond = (amount: number) => (elapsedSeconds > 0 ? amount / elapsedSeconds : 0);
    return {
      summary: {
        transactions: this.transactions,
        okay: this.#okay,
        failed: this.#failed,
        availability: judged === 0 ? null : this.#okay / judged,
        elapsedSeconds,
        bytes: this.#bytes,
        transactionRatePerSecond: perSecond(this.transactions),
        concurrency: perSecond(this.#busyMs / 1000),
        responseMs: this.#response.figures(),
        scheduledMs: this.#scheduled?.figures() ?? null,
      },
      shortestMs: this.#response.count === 0 ? null : this.#response.minMs,
      refused: this.#refused,
      cutOff: this.#cutOff,
      failures: this.#failures,
    };
  }
}
