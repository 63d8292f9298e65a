/** The local platform's autoscaler fed with what a cluster's own one saw: how often they decide alike. */
import { autoscalerTiming } from "../../src/config/deployment.ts";
import {
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

/** Each step starts from the cluster's own replicas, so that one difference does not bring others about. */
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
  for (const { nowMs, currentReplicas, pods, desiredReplicas, utilizationPercent } of recording.steps) {
    const decision = decideReplicas(settings, state, { nowMs, currentReplicas, pods: pods.map(observedOf) });
    state = decision.state;
    if (decision.desiredReplicas === desiredReplicas) continue;
    const ours = `${decision.desiredReplicas} (${decision.utilizationPercent} %, ${decision.reason})`;
    const theirs = `${desiredReplicas} (${utilizationPercent} %)`;
    differences.push(
      `at ${(nowMs / 1000).toFixed(1)} s, ${currentReplicas} replicas: ours ${ours}, the cluster's ${theirs}`,
    );
  }
  return { agreed: recording.steps.length - differences.length, differences };
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
