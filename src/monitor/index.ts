/** Resource samples over time: what the rest of fulcrum may use. */
export { parseEventsJsonl, renderEventsJsonl } from "./events-jsonl.ts";
export { type Monitor, type MonitorOptions, type SampleGap, startMonitor } from "./monitor.ts";
export { fetchPlatformState, type PlatformState, stateUrl } from "./platform-state.ts";
export {
  parseResourceUsageCsv,
  renderGapLine,
  renderResourceUsageCsv,
  renderResourceUsageLine,
  resourceUsageHeader,
} from "./resource-csv.ts";
