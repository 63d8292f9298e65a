/**
 * One sync of the autoscaler: settings, history and pods in; replicas, reason and the new history out.
 * Source: reconcileAutoscaler (horizontal.go of Kubernetes 1.37.2); see settings.ts for the whole.
 */
import { type LimitReason, limitChange, noteChange, type ScaleHistory } from "./rate.ts";
import { type NoRecommendation, type ObservedPod, recommendReplicas } from "./recommend.ts";
import type { AutoscaleSettings } from "./settings.ts";
import { stabilize, type TimedRecommendation } from "./stabilize.ts";

/** What the autoscaler remembers between syncs; a plain value. */
export interface AutoscaleState extends ScaleHistory {
  readonly recommendations: readonly TimedRecommendation[];
}

export const initialAutoscaleState: AutoscaleState = { recommendations: [], ups: [], downs: [] };

export interface AutoscaleInput {
  /** Replicas asked for at present, whether or not they run. */
  readonly currentReplicas: number;
  readonly pods: readonly ObservedPod[];
  readonly nowMs: number;
}

export interface AutoscaleDecision {
  readonly desiredReplicas: number;
  /** Recommendation from the metrics alone; null where they were not asked or gave none. */
  readonly recommendedReplicas: number | null;
  /** Use of the counted pods in whole percent of their requests; null as above. */
  readonly utilizationPercent: number | null;
  readonly reason: LimitReason | NoRecommendation | "Stabilized" | "ScalingDisabled";
  readonly state: AutoscaleState;
}

/**
 * Decides once. Replicas outside the bounds are brought to the bound at once, without a look at the metrics; zero
 * replicas mean that somebody switched the autoscaler off; without usable metrics nothing changes.
 */
export function decideReplicas(
  settings: AutoscaleSettings,
  previous: AutoscaleState,
  { currentReplicas, pods, nowMs }: AutoscaleInput,
): AutoscaleDecision {
  const state =
    previous.recommendations.length > 0
      ? previous
      : { ...previous, recommendations: [{ replicas: currentReplicas, atMs: nowMs }] };
  const unmeasured = { recommendedReplicas: null, utilizationPercent: null };
  if (currentReplicas === 0) {
    return { desiredReplicas: 0, ...unmeasured, reason: "ScalingDisabled", state };
  }
  const bound = Math.min(Math.max(currentReplicas, settings.minReplicas), settings.maxReplicas);
  if (bound !== currentReplicas) {
    const reason = bound < currentReplicas ? "TooManyReplicas" : "TooFewReplicas";
    const changed = { ...state, ...noteChange(settings, state, currentReplicas, bound, nowMs) };
    return { desiredReplicas: bound, ...unmeasured, reason, state: changed };
  }
  const recommendation = recommendReplicas(settings, pods, currentReplicas, nowMs);
  if ("problem" in recommendation) {
    return { desiredReplicas: currentReplicas, ...unmeasured, reason: recommendation.problem, state };
  }
  const { replicas: recommended, utilizationPercent } = recommendation;
  const stabilized = stabilize(settings, state.recommendations, currentReplicas, recommended, nowMs);
  const limited = limitChange(settings, state, currentReplicas, stabilized.replicas, nowMs);
  return {
    desiredReplicas: limited.replicas,
    recommendedReplicas: recommended,
    utilizationPercent,
    reason: isHeldBack(limited.reason, stabilized.replicas, recommended) ? "Stabilized" : limited.reason,
    state: {
      ...noteChange(settings, state, currentReplicas, limited.replicas, nowMs),
      recommendations: stabilized.history,
    },
  };
}

const isHeldBack = (reason: LimitReason, stabilized: number, recommended: number) =>
  reason === "DesiredWithinRange" && stabilized !== recommended;
