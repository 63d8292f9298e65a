/** Telling the live page of a run; its server, which nobody else needs, is dashboard.ts. */
export type { LiveEvent, LiveReplica, Tell } from "./event.ts";
export { type Journal, openJournal } from "./journal.ts";
export { toldProgress } from "./told-progress.ts";
