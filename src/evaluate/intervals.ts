/** Intervals for proportions, for paired differences of proportions, and for medians; the exact McNemar test. Pure. */
import assert from "node:assert/strict";
import type { Interval } from "../records/evaluation.ts";

/**
 * Standard normal quantile z of a two-sided confidence level below 1: P(|X| <= z) = level. Newton's steps on the
 * distribution's series (Marsaglia 2004, Journal of Statistical Software 11(4)); from 0 they rise to the root.
 */
export function normalQuantile(level: number): number {
  assert(level > 0 && level < 1, `level ${level}`);
  const density = (x: number) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  let z = 0;
  for (let i = 0; i < 100; i++) {
    let series = z;
    for (let term = z, k = 3; term > 1e-17 * series; k += 2) {
      term *= (z * z) / k;
      series += term;
    }
    const step = (level / 2 - series * density(z)) / density(z);
    z += step;
    if (Math.abs(step) <= 1e-15 * z) break;
  }
  return z;
}

/**
 * Wilson score interval (Wilson 1927) of `successes` out of `trials` (at least 1), 95 % where no level is given.
 * Symbols: n trials, x successes, p = x/n, z: centre (p + z^2/2n) / (1 + z^2/n), half-width z sqrt(p(1-p)/n + z^2/4n^2) / (1 + z^2/n).
 */
export function wilsonInterval(successes: number, trials: number, level = 0.95): Interval {
  assert(trials > 0 && successes >= 0 && successes <= trials, `${successes} of ${trials}`);
  const z = normalQuantile(level);
  const p = successes / trials;
  const shrink = 1 + (z * z) / trials;
  const centre = (p + (z * z) / (2 * trials)) / shrink;
  const half = (z * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials))) / shrink;
  const low = successes === 0 ? 0 : centre - half;
  const high = successes === trials ? 1 : centre + half;
  return { estimate: p, low, high, level, method: "wilson" };
}

/**
 * Difference of two independent proportions, first minus second, 95 %: Newcombe 1998 (Statistics in Medicine 17,
 * 873-890), method 10: square-and-add of two Wilson intervals. Each is [successes, trials].
 */
export function independentDifference(first: readonly [number, number], second: readonly [number, number]): Interval {
  const [a, b] = [wilsonInterval(...first), wilsonInterval(...second)];
  const estimate = a.estimate - b.estimate;
  const low = estimate - Math.hypot(a.estimate - a.low, b.high - b.estimate);
  const high = estimate + Math.hypot(a.high - a.estimate, b.estimate - b.low);
  return { estimate, low, high, level: 0.95, method: "newcombe independent (method 10)" };
}

/** How two models did on the same photos: counts of photos. */
export interface PairedCounts {
  readonly bothRight: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly bothWrong: number;
}

/**
 * Difference of two accuracies on the same photos, first minus second, 95 % where no level is given: Newcombe 1998
 * (Statistics in Medicine 17, 2635-2650), method 10: square-and-add of two Wilson intervals with the correlation phi of the pairs.
 */
export function pairedDifference(
  { bothRight, onlyFirst, onlySecond, bothWrong }: PairedCounts,
  level = 0.95,
): Interval {
  const n = bothRight + onlyFirst + onlySecond + bothWrong;
  const first = wilsonInterval(bothRight + onlyFirst, n, level);
  const second = wilsonInterval(bothRight + onlySecond, n, level);
  const estimate = (onlyFirst - onlySecond) / n;
  const phi = correlation({ bothRight, onlyFirst, onlySecond, bothWrong }, n);
  const reach = (a: number, b: number) => Math.sqrt(Math.max(0, a * a - 2 * phi * a * b + b * b));
  const low = estimate - reach(first.estimate - first.low, second.high - second.estimate);
  const high = estimate + reach(first.high - first.estimate, second.estimate - second.low);
  return { estimate, low, high, level, method: "newcombe paired (method 10)" };
}

/** Phi of the two-by-two table, with Newcombe's continuity correction for positive association. */
function correlation({ bothRight: a, onlyFirst: b, onlySecond: c, bothWrong: d }: PairedCounts, n: number): number {
  const product = (a + b) * (c + d) * (a + c) * (b + d);
  if (product === 0) return 0;
  const cross = a * d - b * c;
  const corrected = cross > 0 ? Math.max(cross - n / 2, 0) : cross;
  return corrected / Math.sqrt(product);
}

/** Two-sided p of the exact McNemar test: the discordant pairs against a fair coin. */
export function mcnemarExact(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond;
  if (n === 0) return 1;
  const less = Math.min(onlyFirst, onlySecond);
  let tail = 0;
  for (let k = 0; k <= less; k++) tail += Math.exp(logChoose(n, k) - n * Math.LN2);
  return Math.min(1, 2 * tail);
}

function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
}

/**
 * Median with the distribution-free interval of order statistics, at least 95 %: the values of rank k and n + 1 - k
 * for the largest k with 2 P(B < k) <= 0.05, B binomial (n, 1/2) (Conover, Practical Nonparametric Statistics, 3.2).
 * Below 6 values no such interval reaches 95 %: it is then smallest to largest, at the level that this has.
 */
export function medianInterval(values: readonly number[]): Interval {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  assert(n > 0, "the median of no values");
  const estimate = (sorted[Math.floor((n - 1) / 2)]! + sorted[Math.floor(n / 2)]!) / 2;
  const { rank, coverage } = medianRank(n);
  const [low, high] = [sorted[rank - 1]!, sorted[n - rank]!];
  return { estimate, low, high, level: Math.min(0.95, coverage), method: "order statistics of the median" };
}

/** The rank from either end (from 1), and the probability that the interval between the two holds the median. */
function medianRank(n: number): { rank: number; coverage: number } {
  let rank = 1;
  let tail = Math.exp(-n * Math.LN2);
  for (;;) {
    const longer = tail + Math.exp(logChoose(n, rank) - n * Math.LN2);
    if (2 * longer > 0.05) return { rank, coverage: 1 - 2 * tail };
    tail = longer;
    rank++;
  }
}
