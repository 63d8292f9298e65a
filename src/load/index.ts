/** Load generation: what the rest of fulcrum may use. */
export type { LoadResult, RunTotals } from "./account.ts";
export { type Hit, hitErrors, type Verdict, verdictOf } from "./hit.ts";
export { loadFiles, renderSiegeLog, writeLoadFiles } from "./load-files.ts";
export { describeScenario, type LoadRun, runsOf } from "./plan.ts";
export { parseLoadUrl } from "./request.ts";
export { type LoadOptions, runClosedLoad, runOpenLoad, runSeries, summariseHits } from "./run-load.ts";
export { originalScenario, parseScenario } from "./scenario.ts";
export {
  loadOutputHeader,
  parseSiegeRows,
  renderLoadOutputCsv,
  renderSiegeBlock,
  renderSiegeLine,
  type SiegeRow,
  siegeLogHeader,
  siegeRowOf,
} from "./siege-format.ts";
export type { LoadTotals } from "./summary.ts";
