/** A pod of the embedded platform: its place, its process, its readiness, its CPU samples. */
import type { ObservedPod } from "../../policy/autoscale/index.ts";
import { freshRestartState, type RestartState } from "../../policy/restart.ts";
import type { Backend } from "./balancer.ts";
import type { ReplicaGroup } from "./limits.ts";
import type { ReplicaProcess } from "./replica.ts";

export interface CpuReading {
  readonly atMs: number;
  readonly cpuSeconds: number;
}

export interface Pod {
  readonly name: string;
  /** Grows with every pod that is made. */
  readonly ordinal: number;
  node: string | null;
  /** Why it has no node. */
  pendingReason: string | null;
  process: ReplicaProcess | null;
  group: ReplicaGroup | null;
  backend: Backend | null;
  ready: boolean;
  readyChangedMs: number | null;
  startMs: number | null;
  deleting: boolean;
  restarts: number;
  restartState: RestartState;
  /** Newest first: the reading before is the start of the sample's window. */
  readings: CpuReading[];
  memoryBytes: number;
}

export function newPod(ordinal: number): Pod {
  return {
    name: `replica-${ordinal}`,
    ordinal,
    node: null,
    pendingReason: null,
    process: null,
    group: null,
    backend: null,
    ready: false,
    readyChangedMs: null,
    startMs: null,
    deleting: false,
    restarts: 0,
    restartState: freshRestartState,
    readings: [],
    memoryBytes: 0,
  };
}

/** Mean CPU between the two newest readings, millicores; null before there are two. */
export function cpuSampleOf(pod: Pod): ObservedPod["cpuSample"] {
  const [last, before] = pod.readings;
  if (!last || !before || last.atMs <= before.atMs) return null;
  const windowMs = last.atMs - before.atMs;
  const cpuMillis = Math.max(0, ((last.cpuSeconds - before.cpuSeconds) * 1e6) / windowMs);
  return { cpuMillis, timestampMs: last.atMs, windowMs };
}

/** The pod as the autoscaler sees it. */
export function observe(pod: Pod, cpuRequestMillis: number): ObservedPod {
  return {
    phase: pod.process ? "Running" : "Pending",
    deleting: pod.deleting,
    readiness: pod.readyChangedMs === null ? null : { ready: pod.ready, changedMs: pod.readyChangedMs },
    startMs: pod.startMs,
    cpuRequestMillis,
    cpuSample: cpuSampleOf(pod),
  };
}
