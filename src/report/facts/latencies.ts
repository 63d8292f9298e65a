/** The distribution of response times of one measurement, made from its hits. Pure. */

export interface Latencies {
  /** Answers that it is made of. */
  readonly count: number;
  /** Response times in ms at the shares k / (n - 1), k = 0..n-1: from the fastest to the slowest. */
  readonly quantilesMs: readonly number[];
}

const points = 201;

/** undefined where there is no time. Quantile k is the smallest time that a share of at least k / 200 does not exceed. */
export function latenciesOf(timesMs: readonly number[]): Latencies | undefined {
  if (timesMs.length === 0) return undefined;
  const sorted = Float64Array.from(timesMs).sort();
  const quantilesMs = Array.from({ length: points }, (_, k) => {
    const rank = Math.max(1, Math.ceil((k / (points - 1)) * sorted.length));
    return sorted[rank - 1]!;
  });
  return { count: sorted.length, quantilesMs };
}
