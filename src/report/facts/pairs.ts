/** Two models on the same photos. Pure. */
import { mcnemarExact, type PairedCounts, pairedDifference } from "../../evaluate/intervals.ts";
import { tallyPairs } from "../../evaluate/pairs.ts";
import type { Evaluation, Interval } from "../../records/evaluation.ts";

export interface Comparison {
  readonly first: Evaluation;
  readonly second: Evaluation;
  readonly counts: PairedCounts;
  /** Accuracy of the first minus the second, 0..1. */
  readonly difference: Interval;
  /** Two-sided p of the exact McNemar test. */
  readonly p: number;
  readonly verdict: Verdict;
}

export type Verdict = "more accurate" | "less accurate" | "not told apart";

/** How two evaluations did on the same photos; undefined where they are not of the same photos. */
export function pairUp(first: Evaluation, second: Evaluation): PairedCounts | undefined {
  const others = new Map(second.predictions.map((prediction) => [prediction.path, prediction]));
  if (first.predictions.length !== others.size) return undefined;
  const rights: (readonly [boolean, boolean])[] = [];
  for (const { path, label, predicted } of first.predictions) {
    const other = others.get(path);
    if (!other) return undefined;
    rights.push([predicted === label, other.predicted === other.label]);
  }
  return tallyPairs(rights);
}

export function compareModels(first: Evaluation, second: Evaluation): Comparison | undefined {
  const counts = pairUp(first, second);
  if (!counts) return undefined;
  const difference = pairedDifference(counts);
  const p = mcnemarExact(counts.onlyFirst, counts.onlySecond);
  return { first, second, counts, difference, p, verdict: verdictOf(difference, p) };
}

/** Interval and test are of different methods and can disagree: told apart is only what both tell apart. */
function verdictOf({ low, high }: Interval, p: number): Verdict {
  if (p > 0.05) return "not told apart";
  return low > 0 ? "more accurate" : high < 0 ? "less accurate" : "not told apart";
}

/** Standard normal quantiles of a two-sided test at 5 % and of a power of 80 %. */
const [zLevel, zPower] = [1.959963984540054, 0.8416212335729143];

/**
 * About how many photos would separate the two with a power of 80 %, if the models went on differing as they did: the
 * normal approximation of McNemar's test at 5 %, n = (1.96 + 0.8416)^2 * discordant share / difference^2. Infinite where
 * they do not differ.
 */
export function photosToTellApart({ counts, difference }: Pick<Comparison, "counts" | "difference">): number {
  const { onlyFirst, onlySecond, bothRight, bothWrong } = counts;
  const discordant = (onlyFirst + onlySecond) / (onlyFirst + onlySecond + bothRight + bothWrong);
  return ((zLevel + zPower) ** 2 * discordant) / difference.estimate ** 2;
}
