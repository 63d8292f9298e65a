/**
 * Pods and their CPU samples -> how many replicas the load needs, before history, speed limits and bounds.
 * Source: GetResourceReplicas, groupPods (replica_calculator.go) and GetResourceUtilizationRatio
 * (metrics/utilization.go) of Kubernetes 1.37.2; see settings.ts.
 */
import type { AutoscaleSettings } from "./settings.ts";

/** A pod as the autoscaler sees it. Times are on the same clock as `nowMs`. */
export interface ObservedPod {
  readonly phase: "Pending" | "Running" | "Succeeded" | "Failed";
  /** It was asked to end. */
  readonly deleting: boolean;
  /** The Ready condition and when it last changed; null where the pod has none yet. */
  readonly readiness: { readonly ready: boolean; readonly changedMs: number } | null;
  /** When the node took it on; null before. */
  readonly startMs: number | null;
  readonly cpuRequestMillis: number;
  /** The newest CPU sample, a mean over the window that ends at `timestampMs`; null where there is none. */
  readonly cpuSample: { readonly cpuMillis: number; readonly timestampMs: number; readonly windowMs: number } | null;
}

/** Why there is no recommendation; the autoscaler then leaves the replicas as they are. */
export type NoRecommendation = "no pods" | "no metrics of ready pods";

export type Recommendation =
  | {
      readonly replicas: number;
      /** Mean use of the pods whose samples count, in whole percent of their requests (rounded down). */
      readonly utilizationPercent: number;
    }
  | { readonly problem: NoRecommendation };

interface Usage {
  readonly cpuMillis: number;
  readonly requestMillis: number;
}

/**
 * Replicas so that the mean use would meet the target: ceil(pods counted x use / target).
 * Pods that end or failed are left out. Pods without a sample count as idle when scaling up and as fully used when
 * scaling down; pods that are not ready yet count as idle when scaling up and are left out otherwise. Where these
 * assumptions turn the direction around or bring the ratio within the tolerance, nothing changes.
 */
export function recommendReplicas(
  settings: AutoscaleSettings,
  pods: readonly ObservedPod[],
  currentReplicas: number,
  nowMs: number,
): Recommendation {
  if (pods.length === 0) return { problem: "no pods" };
  const { counted, unready, missing } = groupPods(settings, pods, nowMs);
  const measured = utilization(counted);
  if (measured === null) return { problem: "no metrics of ready pods" };
  const { targetCpuPercent: target } = settings;
  const ratio = measured / target;
  const decide = (replicas: number): Recommendation => ({ replicas, utilizationPercent: measured });

  const addUnready = unready.length > 0 && ratio > 1;
  if (!addUnready && missing.length === 0) {
    return decide(withinTolerance(settings, ratio) ? currentReplicas : Math.ceil(ratio * counted.length));
  }
  const assumedPercent = ratio < 1 ? Math.max(100, target) : 0;
  const assumed = [
    ...counted,
    ...(ratio === 1 ? [] : missing.map((pod) => assume(pod, assumedPercent))),
    ...(addUnready ? unready.map((pod) => assume(pod, 0)) : []),
  ];
  const assumedRatio = utilization(assumed)! / target;
  const turned = (ratio < 1 && assumedRatio > 1) || (ratio > 1 && assumedRatio < 1);
  if (turned || withinTolerance(settings, assumedRatio)) return decide(currentReplicas);
  const replicas = Math.ceil(assumedRatio * assumed.length);
  const against = assumedRatio < 1 ? replicas > currentReplicas : replicas < currentReplicas;
  return decide(against ? currentReplicas : replicas);
}

function groupPods(settings: AutoscaleSettings, pods: readonly ObservedPod[], nowMs: number) {
  const counted: Usage[] = [];
  const unready: ObservedPod[] = [];
  const missing: ObservedPod[] = [];
  for (const pod of pods) {
    if (pod.deleting || pod.phase === "Failed") continue;
    if (pod.phase === "Pending") unready.push(pod);
    else if (pod.cpuSample === null) missing.push(pod);
    else if (isNotReadyYet(settings, pod, pod.cpuSample, nowMs)) unready.push(pod);
    else counted.push({ cpuMillis: pod.cpuSample.cpuMillis, requestMillis: pod.cpuRequestMillis });
  }
  return { counted, unready, missing };
}

/**
 * Young pods (within the CPU initialisation period) count only when they are ready and one whole sample window has
 * passed since they became so; older ones are left out only if they have never been ready.
 */
function isNotReadyYet(
  settings: AutoscaleSettings,
  { readiness, startMs }: ObservedPod,
  sample: { readonly timestampMs: number; readonly windowMs: number },
  nowMs: number,
): boolean {
  if (readiness === null || startMs === null) return true;
  if (startMs + settings.cpuInitializationPeriodMs > nowMs) {
    return !readiness.ready || sample.timestampMs < readiness.changedMs + sample.windowMs;
  }
  return !readiness.ready && startMs + settings.initialReadinessDelayMs > readiness.changedMs;
}

const assume = ({ cpuRequestMillis }: ObservedPod, percent: number): Usage => ({
  cpuMillis: Math.trunc((cpuRequestMillis * percent) / 100),
  requestMillis: cpuRequestMillis,
});

/** Use in whole percent of the requests, rounded down; null where nothing is requested. */
function utilization(usages: readonly Usage[]): number | null {
  const used = usages.reduce((sum, { cpuMillis }) => sum + cpuMillis, 0);
  const requested = usages.reduce((sum, { requestMillis }) => sum + requestMillis, 0);
  return requested === 0 ? null : Math.trunc((used * 100) / requested);
}

function withinTolerance({ tolerance, behavior }: AutoscaleSettings, ratio: number): boolean {
  const down = behavior?.scaleDown.tolerance ?? tolerance;
  const up = behavior?.scaleUp.tolerance ?? tolerance;
  return 1 - down <= ratio && ratio <= 1 + up;
}
