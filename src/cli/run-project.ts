/** Runs all or some of a project's tasks under its lock and tells what came out: shared by run, train, measure and demo. */
import { join } from "node:path";
import type { LoadedProject } from "../config/load-project.ts";
import { reportFiles } from "../config/report.ts";
import { lockRun } from "../pipeline/lock.ts";
import { planTasks, selectTasks } from "../pipeline/plan.ts";
import { runTasks, type TaskOutcome } from "../pipeline/runner.ts";
import { openRunStore } from "../pipeline/store.ts";
import type { VerbIo } from "./verb.ts";

/**
 * Brings tasks up to date.
 * @param wanted ids or id prefixes ("train", "measure/single"); empty for all
 */
export async function runProject(loaded: LoadedProject, wanted: readonly string[], io: VerbIo): Promise<TaskOutcome[]> {
  const all = planTasks(loaded);
  const tasks = wanted.length === 0 ? all : selectTasks(all, wanted);
  const release = await lockRun(loaded.runDir);
  try {
    const store = openRunStore(loaded.runDir);
    const { progress, signal } = io;
    return await runTasks({ tasks, store, seed: loaded.project.seed, progress, signal });
  } finally {
    await release();
  }
}

/** Prints each task's time and where the report is. */
export function tellOutcomes(loaded: LoadedProject, outcomes: readonly TaskOutcome[], io: VerbIo): void {
  for (const { id, ran, seconds } of outcomes) {
    io.print(`${id.padEnd(36)} ${ran ? `${seconds.toFixed(1).padStart(7)} s` : "up to date"}`);
  }
  const report = join(loaded.runDir, "report.html");
  if (outcomes.some(({ id }) => id === "report")) {
    io.print("");
    for (const format of loaded.project.report.formats) {
      io.print(`${format.padEnd(5)} ${join(loaded.runDir, reportFiles[format])}`);
    }
  }
  io.json({ run: loaded.runDir, report, tasks: outcomes });
}
