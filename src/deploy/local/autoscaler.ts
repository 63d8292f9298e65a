/** The autoscaler at work: reads CPU samples and decides, each in its own period, with the policy's decisions. */
import type { Clock } from "../../base/clock.ts";
import type { AutoscalerTiming, Deployment } from "../../config/deployment.ts";
import {
  type AutoscaleDecision,
  type AutoscaleSettings,
  decideReplicas,
  initialAutoscaleState,
  type ObservedPod,
} from "../../policy/autoscale/index.ts";
import { PodMeter } from "./meter.ts";
import { nap, type Pod } from "./pod.ts";

/** The platform as the autoscaler uses it. */
export interface ScaledPlatform {
  readonly pods: readonly ObservablePod[];
  readonly endingPods: readonly ObservablePod[];
  scaleTo(count: number): void;
}

export type ObservablePod = Pick<
  Pod,
  "pid" | "usage" | "phase" | "isEnding" | "isReady" | "readyChangedMs" | "startMs" | "name"
>;

export type Decision = Omit<AutoscaleDecision, "state">;

export interface AutoscalerOptions {
  readonly platform: ScaledPlatform;
  readonly settings: AutoscaleSettings;
  readonly cpuRequestMillis: number;
  readonly metricsPeriodMs: number;
  readonly syncPeriodMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  onDecision(decision: Decision, currentReplicas: number): void;
}

/**
 * Runs until the signal. Where a reading and a decision fall together the reading comes first; the first decision is a
 * period after the start.
 */
export async function runAutoscaler(options: AutoscalerOptions): Promise<void> {
  const { platform, settings, cpuRequestMillis, clock, signal } = options;
  const meter = new PodMeter();
  let state = initialAutoscaleState;
  let nextReadingMs = clock.nowMs();
  let nextSyncMs = nextReadingMs + options.syncPeriodMs;
  while (!signal.aborted) {
    const nowMs = clock.nowMs();
    const pods = [...platform.pods, ...platform.endingPods];
    if (nowMs >= nextReadingMs) {
      meter.read(pods, nowMs);
      nextReadingMs = after(nextReadingMs, options.metricsPeriodMs, nowMs);
    }
    if (nowMs >= nextSyncMs) {
      nextSyncMs = after(nextSyncMs, options.syncPeriodMs, nowMs);
      const currentReplicas = platform.pods.length;
      const observed = pods.map((pod) => observe(pod, cpuRequestMillis, meter));
      const { state: next, ...decision } = decideReplicas(settings, state, { currentReplicas, pods: observed, nowMs });
      state = next;
      options.onDecision(decision, currentReplicas);
      if (decision.desiredReplicas !== currentReplicas) platform.scaleTo(decision.desiredReplicas);
    }
    await nap(clock, Math.max(1, Math.min(nextReadingMs, nextSyncMs) - clock.nowMs()), signal);
  }
}

/** The next time in the period's raster; what a busy process missed is left out. */
function after(dueMs: number, periodMs: number, nowMs: number): number {
  return dueMs + periodMs * (Math.floor((nowMs - dueMs) / periodMs) + 1);
}

/** The pod as the autoscaler sees it. A process that waits for its restart is Running without a sample. */
export function observe(pod: ObservablePod, cpuRequestMillis: number, meter: PodMeter): ObservedPod {
  return {
    phase: pod.startMs === null ? "Pending" : "Running",
    deleting: pod.isEnding,
    readiness: pod.readyChangedMs === null ? null : { ready: pod.isReady, changedMs: pod.readyChangedMs },
    startMs: pod.startMs,
    cpuRequestMillis,
    cpuSample: meter.sampleOf(pod),
  };
}

/** An autoscaler without spec.behavior, its periods shrunk by the time scale. */
export function scaledSettings(
  { minReplicas, maxReplicas, targetCpuPercent }: Deployment["autoscaling"],
  timing: AutoscalerTiming,
  timeScale: number,
): AutoscaleSettings {
  const scaledMs = (seconds: number) => (seconds * 1000) / timeScale;
  return {
    minReplicas,
    maxReplicas,
    targetCpuPercent,
    tolerance: timing.tolerance,
    downscaleStabilizationMs: scaledMs(timing.downscaleStabilization),
    cpuInitializationPeriodMs: scaledMs(timing.cpuInitializationPeriod),
    initialReadinessDelayMs: scaledMs(timing.initialReadinessDelay),
    behavior: null,
  };
}
