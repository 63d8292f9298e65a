/** Runs all or some of a project's tasks under its lock and tells what came out: shared by run, train, measure and demo. */
import { join } from "node:path";
import type { LoadedProject } from "../config/load-project.ts";
import { reportFiles } from "../config/report.ts";
import { openJournal, toldProgress } from "../live/index.ts";
import { lockRun } from "../pipeline/lock.ts";
import { planTasks, selectTasks } from "../pipeline/plan.ts";
import { runTasks, type TaskOutcome } from "../pipeline/runner.ts";
import { openRunStore } from "../pipeline/store.ts";
import { startLivePage } from "./live-page.ts";
import type { VerbIo } from "./verb.ts";

/**
 * Brings tasks up to date.
 * @param wanted ids or id prefixes ("train", "measure/single"); empty for all
 */
export async function runProject(loaded: LoadedProject, wanted: readonly string[], io: VerbIo): Promise<TaskOutcome[]> {
  const all = planTasks(loaded);
  const tasks = wanted.length === 0 ? all : selectTasks(all, wanted);
  const { name, seed } = loaded.project;
  const release = await lockRun(loaded.runDir);
  const { tell, close } = openJournal(loaded.runDir);
  const end = (outcome: "done" | "failed" | "interrupted") => tell({ type: "end", epochMs: Date.now(), outcome });
  try {
    tell({ type: "run", epochMs: Date.now(), name, pid: process.pid, tasks: tasks.map(({ id }) => id) });
    const store = openRunStore(loaded.runDir);
    const progress = toldProgress(io.progress, tell);
    const outcomes = await runTasks({ tasks, store, seed, progress, tell, signal: io.signal });
    end("done");
    return outcomes;
  } catch (error) {
    end(io.signal.aborted ? "interrupted" : "failed");
    throw error;
  } finally {
    close();
    await release();
  }
}

/** What `run` and `demo` do: the tasks with the live page beside them, then their outcomes. */
export async function runWhole(
  loaded: LoadedProject,
  { only, live }: { readonly only: readonly string[]; readonly live: boolean },
  io: VerbIo,
): Promise<void> {
  const page = live ? startLivePage(loaded.runDir, io) : undefined;
  try {
    tellOutcomes(loaded, await runProject(loaded, only, io), io);
  } finally {
    page?.stop();
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
