/**
 * Stabilisation: a recommendation is held back by those of the last minutes, so that replicas do not flap.
 * Source: stabilizeRecommendation and stabilizeRecommendationWithBehaviors (horizontal.go of Kubernetes 1.37.2).
 */
import type { AutoscaleSettings, ScalingBehavior } from "./settings.ts";

/** A recommendation as it came out, before stabilisation. */
export interface TimedRecommendation {
  readonly replicas: number;
  readonly atMs: number;
}

/** The recommendation after stabilisation, and the history with the new one in it. */
export interface Stabilized {
  readonly replicas: number;
  readonly history: readonly TimedRecommendation[];
}

/** Holds `recommended` back by the history; with behaviour in both directions, without it downwards only. */
export function stabilize(
  settings: AutoscaleSettings,
  history: readonly TimedRecommendation[],
  currentReplicas: number,
  recommended: number,
  nowMs: number,
): Stabilized {
  const { behavior, downscaleStabilizationMs } = settings;
  const replicas = behavior
    ? stabilizeBothWays(behavior, history, currentReplicas, recommended, nowMs)
    : Math.max(recommended, ...newerThan(history, nowMs - downscaleStabilizationMs, true));
  const windowMs = behavior
    ? Math.max(behavior.scaleUp.stabilizationWindowMs, behavior.scaleDown.stabilizationWindowMs)
    : downscaleStabilizationMs;
  const kept = history.filter(({ atMs }) => atMs >= nowMs - windowMs);
  return { replicas, history: [...kept, { replicas: recommended, atMs: nowMs }] };
}

/** The current replicas, moved no further than the recent recommendations agree on. */
function stabilizeBothWays(
  { scaleUp, scaleDown }: ScalingBehavior,
  history: readonly TimedRecommendation[],
  currentReplicas: number,
  recommended: number,
  nowMs: number,
): number {
  const lowest = Math.min(recommended, ...newerThan(history, nowMs - scaleUp.stabilizationWindowMs, false));
  const highest = Math.max(recommended, ...newerThan(history, nowMs - scaleDown.stabilizationWindowMs, false));
  return Math.min(Math.max(currentReplicas, lowest), highest);
}

/** The window's edge belongs to it without behaviour and does not with it, as in the controller. */
function newerThan(history: readonly TimedRecommendation[], cutoffMs: number, edge: boolean): number[] {
  return history.filter(({ atMs }) => (edge ? atMs >= cutoffMs : atMs > cutoffMs)).map(({ replicas }) => replicas);
}
