/**
 * pod_usage.csv: resource_usage.csv taken apart, a row a pod and sample. Units as there; use is empty where the cluster
 * had no metrics of the pod, and metrics_time says to which moment the use belongs. Pure.
 */
import { formatLocalTime } from "../base/local-time.ts";
import type { PodUsage } from "./cluster-sample.ts";

export const podUsageHeader =
  "time,pod,node,phase,ready,restarts,cpu_req_core,mem_req_KB,cpu_lim_core,mem_lim_KB,cpu_use_core,mem_use_KB,metrics_time";

export function renderPodUsageLine(row: PodUsage): string {
  const time = (epochMs: number) => formatLocalTime(epochMs, "milliseconds");
  const cores = (cpuMillis: number) => String(Number((cpuMillis / 1000).toFixed(6)));
  const kilobytes = (bytes: number) => String(Number((bytes / 1024).toFixed(3)));
  const { requests, limits, use, metricsEpochMs } = row;
  return [
    time(row.epochMs),
    row.pod,
    row.node,
    row.phase,
    String(row.ready),
    String(row.restarts),
    cores(requests.cpuMillis),
    kilobytes(requests.memoryBytes),
    cores(limits.cpuMillis),
    kilobytes(limits.memoryBytes),
    use ? cores(use.cpuMillis) : "",
    use ? kilobytes(use.memoryBytes) : "",
    metricsEpochMs === null ? "" : time(metricsEpochMs),
  ].join(",");
}

export function renderPodUsageCsv(rows: readonly PodUsage[]): string {
  return `${[podUsageHeader, ...rows.map(renderPodUsageLine)].join("\n")}\n`;
}
