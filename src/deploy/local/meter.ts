/** CPU use between readings of the replicas' CPU time. */
import type { ObservedPod } from "../../policy/autoscale/index.ts";
import type { Pod } from "./pod.ts";

type MeteredPod = Pick<Pod, "pid" | "usage">;

interface Reading {
  /** A restart begins a new count. */
  readonly pid: number | null;
  readonly atMs: number;
  readonly cpuNanoseconds: number;
}

/** What the metrics server is on a cluster: a CPU sample a pod, the mean between its last two readings. */
export class PodMeter {
  #readings = new Map<MeteredPod, Reading>();
  #samples = new Map<MeteredPod, ObservedPod["cpuSample"]>();

  read(pods: readonly MeteredPod[], nowMs: number): void {
    const readings = new Map<MeteredPod, Reading>();
    const samples = new Map<MeteredPod, ObservedPod["cpuSample"]>();
    for (const pod of pods) {
      const usage = pod.usage();
      if (usage === null) continue;
      const now: Reading = { pid: pod.pid, atMs: nowMs, cpuNanoseconds: usage.cpuNanoseconds };
      readings.set(pod, now);
      const before = this.#readings.get(pod);
      if (before?.pid === now.pid) samples.set(pod, sampleBetween(before, now));
    }
    this.#readings = readings;
    this.#samples = samples;
  }

  /** null before there are two readings of the pod's process. */
  sampleOf(pod: MeteredPod): ObservedPod["cpuSample"] {
    return this.#samples.get(pod) ?? null;
  }
}

/** Whole millicores, rounded up as Kubernetes' quantities are. */
function sampleBetween(before: Reading, now: Reading): ObservedPod["cpuSample"] {
  const windowMs = now.atMs - before.atMs;
  const cpuMillis = Math.ceil((now.cpuNanoseconds - before.cpuNanoseconds) / 1000 / windowMs);
  return { cpuMillis: Math.max(0, cpuMillis), timestampMs: now.atMs, windowMs };
}

/** Readings closer together than this would only show the counters' grain. */
const shortestWindowMs = 100;

/** CPU cores and memory in use by all pods together; CPU is the mean since the reading before. */
export class TotalMeter {
  #lastMs: number;
  #last = new Map<MeteredPod, number>();
  #cpuCores = 0;

  constructor(nowMs: number) {
    this.#lastMs = nowMs;
  }

  read(pods: readonly MeteredPod[], nowMs: number): { readonly cpuCores: number; readonly memoryBytes: number } {
    const usages = pods.flatMap((pod) => {
      const usage = pod.usage();
      return usage === null ? [] : [{ pod, ...usage }];
    });
    const elapsedMs = nowMs - this.#lastMs;
    if (elapsedMs >= shortestWindowMs) {
      const used = usages.map(({ pod, cpuNanoseconds }) => cpuNanoseconds - (this.#last.get(pod) ?? 0));
      this.#cpuCores = used.reduce((sum, nanoseconds) => sum + Math.max(0, nanoseconds), 0) / 1e6 / elapsedMs;
      this.#last = new Map(usages.map(({ pod, cpuNanoseconds }) => [pod, cpuNanoseconds]));
      this.#lastMs = nowMs;
    }
    return { cpuCores: this.#cpuCores, memoryBytes: usages.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) };
  }
}
