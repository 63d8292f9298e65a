/**
 * Do two samples come from one distribution? Permutation tests: the statistic of the real split against those of random
 * splits of the pooled sample. No large counts are assumed, and ties are no trouble. Pure.
 */
import type { Rng } from "../base/rng.ts";

export interface DriftTest {
  /** The test in words. */
  readonly test: string;
  readonly statistic: number;
  /** Probability of as large a statistic if nothing has changed. */
  readonly p: number;
}

/** Random splits; the smallest p that can come out is 1 / (permutations + 1). */
export const permutations = 1999;

/**
 * Pearson's X^2 of homogeneity for two samples of classes (labels below `classCount`, at least one in each sample).
 * p = (1 + splits with as large a statistic) / (1 + permutations) (Phipson & Smyth 2010).
 */
export function classDrift(
  first: readonly number[],
  second: readonly number[],
  classCount: number,
  rng: Rng,
): DriftTest {
  const pooled = [...first, ...second];
  const totals = countClasses(pooled, classCount);
  const statisticOf = (labels: readonly number[]) =>
    chiSquared(countClasses(labels.slice(0, first.length), classCount), totals, first.length / pooled.length);
  return permute("Pearson's X2 of homogeneity, by permutation", pooled, statisticOf, rng);
}

/** The two-sample Kolmogorov-Smirnov statistic: the largest distance of the two distribution functions. */
export function valueDrift(first: readonly number[], second: readonly number[], rng: Rng): DriftTest {
  const pooled = [...first, ...second];
  const order = pooled.map((_, i) => i).sort((a, b) => pooled[a]! - pooled[b]!);
  const sorted = order.map((i) => pooled[i]!);
  const inFirst = order.map((i) => Number(i < first.length));
  const statisticOf = (members: readonly number[]) => largestDistance(sorted, members, first.length);
  return permute("two-sample Kolmogorov-Smirnov, by permutation", inFirst, statisticOf, rng);
}

function permute(test: string, real: readonly number[], statisticOf: (split: readonly number[]) => number, rng: Rng) {
  const statistic = statisticOf(real);
  // Rounding must not make an equal split a smaller one.
  const bound = statistic * (1 - 1e-9);
  let asLarge = 1;
  for (let i = 0; i < permutations; i++) if (statisticOf(rng.shuffle(real)) >= bound) asLarge++;
  return { test, statistic, p: asLarge / (permutations + 1) };
}

function countClasses(labels: readonly number[], classCount: number): number[] {
  const counts = new Array<number>(classCount).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
}

/** Over both rows of the table: (observed - expected)^2 / expected; the second row is what is left of the totals. */
function chiSquared(firstRow: readonly number[], totals: readonly number[], firstShare: number): number {
  return totals.reduce((sum, total, i) => {
    if (total === 0) return sum;
    const squared = (firstRow[i]! - total * firstShare) ** 2;
    return sum + squared / (total * firstShare) + squared / (total * (1 - firstShare));
  }, 0);
}

/** @param members 1 for values of the first sample, in the order of `sorted` */
function largestDistance(sorted: readonly number[], members: readonly number[], firstCount: number): number {
  const secondCount = sorted.length - firstCount;
  let [seenFirst, seenSecond, largest] = [0, 0, 0];
  for (let i = 0; i < sorted.length; i++) {
    if (members[i] === 1) seenFirst++;
    else seenSecond++;
    // Equal values are passed together.
    if (sorted[i + 1] !== sorted[i])
      largest = Math.max(largest, Math.abs(seenFirst / firstCount - seenSecond / secondCount));
  }
  return largest;
}
