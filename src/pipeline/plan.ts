/** The stages of a project as tasks, in order: what `fulcrum run` does. */
import type { LoadedProject } from "../config/load-project.ts";
import { dataTask } from "./stages/data.ts";
import { evaluateTask } from "./stages/evaluate.ts";
import { measureTask } from "./stages/measure.ts";
import { quantizeTask } from "./stages/quantize.ts";
import { reportTask } from "./stages/report.ts";
import { trainTask } from "./stages/train.ts";
import type { Task } from "./task.ts";

/** Every task of the project; each comes after those that it needs. */
export function planTasks(loaded: LoadedProject): Task[] {
  const { project } = loaded;
  const candidates = project.candidates.flatMap((candidate) => [
    trainTask(loaded, candidate),
    ...(candidate.quantize === null ? [] : [quantizeTask(candidate, project.seed)]),
    evaluateTask(candidate),
  ]);
  const measurements = project.deployments.flatMap((deployment) =>
    deployment.candidates.map((name) => measureTask(project, deployment, name)),
  );
  const before = [dataTask(loaded), ...candidates, ...measurements];
  return [...before, reportTask(project, before)];
}

/** The tasks with the given ids or id prefixes, and everything that they need. */
export function selectTasks(tasks: readonly Task[], wanted: readonly string[]): Task[] {
  const keep = new Set<string>();
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const add = (task: Task) => {
    if (keep.has(task.id)) return;
    keep.add(task.id);
    for (const id of task.needs) add(byId.get(id)!);
  };
  for (const task of tasks) if (wanted.some((id) => task.id === id || task.id.startsWith(`${id}/`))) add(task);
  return tasks.filter((task) => keep.has(task.id));
}
