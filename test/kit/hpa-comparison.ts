/** The local platform's autoscaler fed with what a cluster's own one saw: how often they decide alike. */
import { autoscalerTiming } from "../../src/config/deployment.ts";
import {
  type AutoscaleDecision,
  type AutoscaleState,
  decideReplicas,
  initialAutoscaleState,
  type ObservedPod,
} from "../../src/policy/autoscale/index.ts";
import type { PodRow, Step } from "./hpa-recorder.ts";

export interface Recording {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly targetCpuPercent: number;
  readonly downscaleStabilizationSeconds: number;
  readonly steps: readonly Step[];
}

export interface Comparison {
  readonly agreed: number;
  /** In words: what each decided where they differ. */
  readonly differences: readonly string[];
}

/**
 * Each step starts from the cluster's own replicas. Where pods or metrics changed while the cluster decided, a decision is
 * alike that follows from one of the states that it may have seen.
 */
export function compareDecisions(recording: Recording): Comparison {
  const { tolerance, cpuInitializationPeriod, initialReadinessDelay } = autoscalerTiming.parse({});
  const { minReplicas, maxReplicas, targetCpuPercent, downscaleStabilizationSeconds } = recording;
  const settings = {
    minReplicas,
    maxReplicas,
    targetCpuPercent,
    tolerance,
    downscaleStabilizationMs: downscaleStabilizationSeconds * 1000,
    cpuInitializationPeriodMs: cpuInitializationPeriod * 1000,
    initialReadinessDelayMs: initialReadinessDelay * 1000,
    behavior: null,
  };
  let state: AutoscaleState = initialAutoscaleState;
  const differences: string[] = [];
  for (const step of recording.steps) {
    const decisionOn = (pods: readonly PodRow[]) =>
      decideReplicas(settings, state, { ...step, pods: pods.map(observedOf) });
    const decisions = [step.pods, ...(step.otherPods ?? [])].map(decisionOn);
    const alike = decisions.filter(({ desiredReplicas }) => desiredReplicas === step.desiredReplicas);
    const proposed = alike.find(({ recommendedReplicas }) => recommendedReplicas === step.proposedReplicas);
    const closest = proposed ?? alike[0] ?? decisions[0]!;
    if (alike.length === 0) differences.push(differenceOf(step, closest));
    state = closest.state;
  }
  return { agreed: recording.steps.length - differences.length, differences };
}

function differenceOf(
  { nowMs, currentReplicas, proposedReplicas, desiredReplicas }: Step,
  decision: AutoscaleDecision,
) {
  const ours = `${decision.desiredReplicas} (${decision.utilizationPercent} %, ${decision.reason})`;
  const theirs = `${desiredReplicas} (${proposedReplicas} by the metrics)`;
  return `at ${(nowMs / 1000).toFixed(1)} s, ${currentReplicas} replicas: ours ${ours}, the cluster's ${theirs}`;
}

export function observedOf(row: PodRow): ObservedPod {
  const [, phase, deleting, ready, changedMs, startMs, cpuRequestMillis, cpuMillis, timestampMs, windowMs] = row;
  return {
    phase: phase as ObservedPod["phase"],
    deleting,
    readiness: ready === null ? null : { ready, changedMs },
    startMs,
    cpuRequestMillis,
    cpuSample: cpuMillis === null ? null : { cpuMillis, timestampMs, windowMs },
  };
}
