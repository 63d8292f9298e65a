/**
 * Which arm is trained next: asynchronous successive halving (Li et al. 2020, ASHA) with two aims (Schmucker et al.
 * 2021, MO-ASHA). Of an arm's equals at a rung the best third goes on, where "best" means nearest to the accuracy-latency
 * front. It can be stopped at any time, and asks for nothing but what is known already. Pure.
 */
import { frontOrder, type Point } from "./front.ts";

/** An arm at a rung. */
export interface Job {
  readonly arm: number;
  readonly rung: number;
}

/** A finished job with what it reached; null for one that failed, which never goes on. */
export interface Outcome extends Job {
  readonly point: Point | null;
}

export interface HalvingOptions {
  /** Number of rungs; the top one trains in full. */
  readonly rungs: number;
  /** Arms 0, 1 ... that are trained in full at once: what the search has to beat. */
  readonly fixedArms: number;
}

/** One of so many goes on. */
const eta = 3;

/** The next job; there always is one, for new arms can be drawn without end. */
export function nextJob(outcomes: readonly Outcome[], { rungs, fixedArms }: HalvingOptions): Job {
  const done = new Set(outcomes.map(({ arm, rung }) => `${arm}/${rung}`));
  const top = rungs - 1;
  for (let arm = 0; arm < fixedArms; arm++) if (!done.has(`${arm}/${top}`)) return { arm, rung: top };
  for (let rung = top - 1; rung >= 0; rung--) {
    const finished = outcomes.filter((outcome) => outcome.rung === rung);
    const points = finished.flatMap(({ arm, point }) => (point ? [{ ...point, arm }] : []));
    const places = Math.floor(finished.length / eta);
    const isPromoted = ({ arm }: { arm: number }) => done.has(`${arm}/${rung + 1}`);
    const next = frontOrder(points)
      .slice(0, places)
      .find((point) => !isPromoted(point));
    // As many go on as there are places, even if a later arm is better than one that has gone on already.
    if (next && points.filter(isPromoted).length < places) return { arm: next.arm, rung: rung + 1 };
  }
  return { arm: Math.max(fixedArms - 1, ...outcomes.map(({ arm }) => arm)) + 1, rung: 0 };
}
