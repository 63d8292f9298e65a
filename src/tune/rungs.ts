/** How much of its training an arm gets at each rung: few photos first, all of them at the top. Pure. */
import type { Candidate } from "../config/candidate.ts";

/** Photos a class at a rung; null: all. */
export type Rung = number | null;

/** Multiples of the feature cache's chunks of 64 photos, so that a higher rung finds the lower one's features. */
const partialRungs = [64, 128];

/** From the bottom to the top, which trains on everything. @param largestClass photos of the largest class */
export function planRungs(largestClass: number): readonly Rung[] {
  return [...partialRungs.filter((photos) => photos < largestClass), null];
}

/** The arm as it is trained at a rung: with its photos, and with epochs of fine-tuning in proportion to the rung. */
export function atRung(arm: Candidate, rungs: readonly Rung[], rung: number): Candidate {
  const share = (rung + 1) / rungs.length;
  return {
    ...arm,
    head: { ...arm.head, photosPerClass: rungs[rung] ?? null },
    fineTuning: { ...arm.fineTuning, epochs: Math.ceil(arm.fineTuning.epochs * share) },
  };
}
