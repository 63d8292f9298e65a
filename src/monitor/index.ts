/** Resource samples over time: what the rest of fulcrum may use. */

export { type ClusterEvents, watchClusterEvents } from "./cluster-events.ts";
export { type ClusterSample, type PodUsage, sampleCluster } from "./cluster-sample.ts";
export { parseEventsJsonl, renderEventsJsonl } from "./events-jsonl.ts";
export { type Monitor, type MonitorOptions, type SampleGap, startMonitor } from "./monitor.ts";
export { fetchPlatformState, type PlatformState, stateUrl } from "./platform-state.ts";
export { renderPodUsageCsv, renderPodUsageLine } from "./pod-usage-csv.ts";
export {
  parseResourceUsageCsv,
  renderGapLine,
  renderResourceUsageCsv,
  renderResourceUsageLine,
  resourceUsageHeader,
} from "./resource-csv.ts";
