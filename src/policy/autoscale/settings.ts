/**
 * What a HorizontalPodAutoscaler is told: bounds, target, timing and, if given, scaling behaviour.
 *
 * This folder models the autoscaler of Kubernetes 1.37 for one CPU utilisation metric. Sources: "Horizontal Pod
 * Autoscaling" in the Kubernetes documentation (Algorithm details, Configurable scaling behavior) and, where it is
 * silent, k8s.io/kubernetes v1.37.2, pkg/controller/podautoscaler (horizontal.go, replica_calculator.go). The flow is
 * pods -> recommendation (recommend.ts) -> stabilised (stabilize.ts) -> limited in speed (rate.ts) -> decision
 * (decide.ts). All of it is pure: time comes in as `nowMs`, history as a value that is handed back.
 */

/** At most this much change within any stretch of `periodMs`. */
export interface ScalingPolicy {
  readonly type: "Pods" | "Percent";
  /** Replicas, or percent of the replicas at the start of the period. */
  readonly value: number;
  readonly periodMs: number;
}

/** spec.behavior.scaleUp or .scaleDown with every field filled in. */
export interface ScalingRules {
  /** Up: the lowest recommendation of this window counts; down: the highest. */
  readonly stabilizationWindowMs: number;
  /** Which policy wins: the one that allows most change, the least, or none may change anything. */
  readonly selectPolicy: "Max" | "Min" | "Disabled";
  readonly policies: readonly ScalingPolicy[];
  /** Overrides the autoscaler's tolerance in this direction; null keeps it. */
  readonly tolerance: number | null;
}

export interface ScalingBehavior {
  readonly scaleUp: ScalingRules;
  readonly scaleDown: ScalingRules;
}

export interface AutoscaleSettings {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Mean CPU use aimed at, in percent of the requests. */
  readonly targetCpuPercent: number;
  /** A ratio of use to target within 1 ± this changes nothing (--horizontal-pod-autoscaler-tolerance). */
  readonly tolerance: number;
  /** --horizontal-pod-autoscaler-downscale-stabilization */
  readonly downscaleStabilizationMs: number;
  /** --horizontal-pod-autoscaler-cpu-initialization-period */
  readonly cpuInitializationPeriodMs: number;
  /** --horizontal-pod-autoscaler-initial-readiness-delay */
  readonly initialReadinessDelayMs: number;
  /**
   * null is an autoscaler without spec.behavior: stabilised downwards only, and at most doubled (or raised to 4) by
   * one decision, as autoscaling/v1 did.
   */
  readonly behavior: ScalingBehavior | null;
}

/**
 * What autoscaling/v2 fills in where spec.behavior is given but empty: up by 4 pods or 100 % in 15 s, whichever is
 * more, at once; down to the minimum in 15 s, after the downscale stabilisation.
 * Source: "Default Behavior" in the documentation; pkg/apis/autoscaling/v2/defaults.go.
 */
export function defaultBehavior(downscaleStabilizationMs: number): ScalingBehavior {
  const periodMs = 15_000;
  return {
    scaleUp: {
      stabilizationWindowMs: 0,
      selectPolicy: "Max",
      policies: [
        { type: "Pods", value: 4, periodMs },
        { type: "Percent", value: 100, periodMs },
      ],
      tolerance: null,
    },
    scaleDown: {
      stabilizationWindowMs: downscaleStabilizationMs,
      selectPolicy: "Max",
      policies: [{ type: "Percent", value: 100, periodMs }],
      tolerance: null,
    },
  };
}
