/**
 * One look at a deployment's pods on a cluster: their own requests and limits, their use by metrics-server
 * (metrics.k8s.io). Use is a mean over the metrics' window, which lies some seconds back; a pod without metrics (it is
 * young, or the metrics server does not answer) has none, and that is told, never filled in.
 */

import { problemOf } from "../base/files.ts";
import {
  type Amounts,
  amountsOf,
  type Cluster,
  holdsRoom,
  isEnding,
  isReady,
  type Pod,
  type PodMetrics,
  podAmounts,
  restartsOf,
  sumAmounts,
} from "../cluster/index.ts";
import type { ResourceSample } from "../records/measurement.ts";

/** A row of pod_usage.csv. */
export interface PodUsage {
  readonly epochMs: number;
  readonly pod: string;
  readonly node: string;
  readonly phase: Pod["status"]["phase"];
  readonly ready: boolean;
  readonly restarts: number;
  readonly requests: Amounts;
  readonly limits: Amounts;
  /** null where there are no metrics of the pod. */
  readonly use: Amounts | null;
  /** End of the metrics' window; null as above. */
  readonly metricsEpochMs: number | null;
}

export interface ClusterSample {
  readonly sample: ResourceSample;
  readonly pods: readonly PodUsage[];
  /** In words; empty where nothing is missing. */
  readonly missing: string;
}

/** What the cluster's API tells of the pods with these labels. Pods are needed, metrics may be missing. */
export async function sampleCluster(
  cluster: Cluster,
  labels: Readonly<Record<string, string>>,
  epochMs: () => number,
  signal?: AbortSignal,
): Promise<ClusterSample> {
  const options = { labels, ...(signal ? { signal } : {}) };
  const [pods, metrics] = await Promise.all([
    cluster.list("Pod", options),
    cluster.list("PodMetrics", options).catch((error: unknown) => problemOf(error)),
  ]);
  const known = typeof metrics === "string" ? [] : metrics;
  const sampled = sampleOf(pods, known, epochMs());
  return typeof metrics === "string" ? { ...sampled, missing: `metrics: ${metrics}` } : sampled;
}

/** Pure. Requests count while a pod holds its place on a node, ending or not: it is paid for. */
export function sampleOf(pods: readonly Pod[], metrics: readonly PodMetrics[], epochMs: number): ClusterSample {
  const byName = new Map(metrics.map((entry) => [entry.metadata.name, entry]));
  const rows = pods.filter(holdsRoom).map((pod) => usageOf(pod, byName.get(pod.metadata.name), epochMs));
  const running = pods.filter((pod) => pod.status.phase === "Running" && !isEnding(pod));
  const requests = sumAmounts(rows.map((row) => row.requests));
  const limits = sumAmounts(rows.map((row) => row.limits));
  const known = rows.flatMap((row) => row.use ?? []);
  const use = known.length > 0 || running.length === 0 ? sumAmounts(known) : null;
  const without = rows.filter((row) => row.use === null && row.phase === "Running").length;
  return {
    sample: {
      epochMs,
      replicas: running.length,
      readyReplicas: running.filter(isReady).length,
      cpuRequestCores: requests.cpuMillis / 1000,
      memoryRequestBytes: requests.memoryBytes,
      cpuLimitCores: limits.cpuMillis / 1000,
      memoryLimitBytes: limits.memoryBytes,
      cpuUseCores: use && use.cpuMillis / 1000,
      memoryUseBytes: use?.memoryBytes ?? null,
    },
    pods: rows,
    missing: without === 0 ? "" : `metrics of ${without} of ${running.length} running pods`,
  };
}

function usageOf(pod: Pod, metrics: PodMetrics | undefined, epochMs: number): PodUsage {
  return {
    epochMs,
    pod: pod.metadata.name,
    node: pod.spec.nodeName ?? "",
    phase: pod.status.phase,
    ready: isReady(pod),
    restarts: restartsOf(pod),
    ...podAmounts(pod),
    use: metrics ? sumAmounts(metrics.containers.map(({ usage }) => amountsOf(usage))) : null,
    metricsEpochMs: metrics ? Date.parse(metrics.timestamp) : null,
  };
}
