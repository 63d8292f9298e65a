/** Intervals for proportions, for paired differences of proportions, and for medians. Pure. */
import type { Interval } from "../records/evaluation.ts";

/** Standard normal quantile for two-sided 95 %. */
export const z95 = 1.959963984540054;

/**
 * Wilson score interval (Wilson 1927) of `successes` out of `trials`, 95 %.
 * Symbols: p = x/n, z: centre (p + z^2/2n) / (1 + z^2/n), half-width z sqrt(p(1-p)/n + z^2/4n^2) / (1 + z^2/n).
 */
export function wilsonInterval(successes: number, trials: number, z = z95): Interval {
  if (trials === 0) return { estimate: 0, low: 0, high: 1, level: 0.95, method: "wilson" };
  const p = successes / trials;
  const shrink = 1 + (z * z) / trials;
  const centre = (p + (z * z) / (2 * trials)) / shrink;
  const half = (z * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials))) / shrink;
  const low = successes === 0 ? 0 : centre - half;
  const high = successes === trials ? 1 : centre + half;
  return { estimate: p, low, high, level: 0.95, method: "wilson" };
}

/** How two models did on the same photos. */
export interface PairedCounts {
  readonly bothRight: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly bothWrong: number;
}

/**
 * Difference of two accuracies on the same photos, first minus second, 95 %: Newcombe 1998 (Statistics in Medicine 17,
 * 2635-2650), method 10: square-and-add of two Wilson intervals with the correlation phi of the pairs.
 */
export function pairedDifference({ bothRight, onlyFirst, onlySecond, bothWrong }: PairedCounts): Interval {
  const n = bothRight + onlyFirst + onlySecond + bothWrong;
  const first = wilsonInterval(bothRight + onlyFirst, n);
  const second = wilsonInterval(bothRight + onlySecond, n);
  const estimate = (onlyFirst - onlySecond) / n;
  const phi = correlation({ bothRight, onlyFirst, onlySecond, bothWrong }, n);
  const reach = (a: number, b: number) => Math.sqrt(Math.max(0, a * a - 2 * phi * a * b + b * b));
  const low = estimate - reach(first.estimate - first.low, second.high - second.estimate);
  const high = estimate + reach(first.high - first.estimate, second.estimate - second.low);
  return { estimate, low, high, level: 0.95, method: "newcombe paired (method 10)" };
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

/** Median with the distribution-free interval of order statistics (binomial, normal approximation), 95 %. */
export function medianInterval(values: readonly number[]): Interval {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  const at = (rank: number) => sorted[Math.min(n - 1, Math.max(0, rank))]!;
  const estimate = n % 2 === 1 ? at((n - 1) / 2) : (at(n / 2 - 1) + at(n / 2)) / 2;
  const spread = (z95 * Math.sqrt(n)) / 2;
  const low = at(Math.floor(n / 2 - spread) - 1);
  const high = at(Math.ceil(n / 2 + spread));
  return { estimate, low, high, level: 0.95, method: "order statistics of the median" };
}
