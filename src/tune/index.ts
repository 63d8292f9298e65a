/** The search for candidates within a time budget. */
export { tunedProject } from "./project.ts";
export { type TunedPoint, type TuneOptions, type TuneResult, tune } from "./tune.ts";
