/** The live page of a run: the journal that stages tell into, and the server that shows it. */
export { type Dashboard, type DashboardOptions, startDashboard } from "./dashboard.ts";
export type { LiveEvent, LiveReplica, Tell } from "./event.ts";
export { type Journal, openJournal } from "./journal.ts";
export { toldProgress } from "./told-progress.ts";
