/**
 * Distribution of latencies in bounded memory: an HdrHistogram over microseconds, so that quantiles are within 0.1 %;
 * count, mean, minimum and maximum are exact. Pure.
 */
import { build, type Histogram } from "hdr-histogram-js";
import type { LoadSummary } from "../records/measurement.ts";

const longestMicroseconds = 3_600_000_000;

export class LatencyDistribution {
  count = 0;
  minMs = Number.POSITIVE_INFINITY;
  maxMs = 0;
  #sumMs = 0;
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: longestMicroseconds,
    numberOfSignificantValueDigits: 3,
  });

  add(ms: number): void {
    this.count++;
    this.#sumMs += ms;
    this.minMs = Math.min(this.minMs, ms);
    this.maxMs = Math.max(this.maxMs, ms);
    this.#histogram.recordValue(Math.min(Math.max(Math.round(ms * 1000), 1), longestMicroseconds));
  }

  /** Mean, quantiles (nearest rank) and maximum in milliseconds; null where nothing was added. */
  figures(): LoadSummary["responseMs"] {
    if (this.count === 0) return null;
    return {
      mean: this.#sumMs / this.count,
      p50: this.#quantile(50),
      p90: this.#quantile(90),
      p99: this.#quantile(99),
      max: this.maxMs,
    };
  }

  #quantile(percent: number): number {
    return Math.min(this.#histogram.getValueAtPercentile(percent) / 1000, this.maxMs);
  }
}
