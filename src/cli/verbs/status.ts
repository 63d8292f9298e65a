/** `fulcrum status`: what is done, stale or missing, and why. */
import { loadProject } from "../../config/load-project.ts";
import { planTasks } from "../../pipeline/plan.ts";
import { describeTasks } from "../../pipeline/runner.ts";
import { openRunStore } from "../../pipeline/store.ts";
import { defineVerb } from "../verb.ts";
import { projectOptions } from "./shared-options.ts";

export const verb = defineVerb({
  summary: "Show which stages are done, stale or missing, and why",
  description: "Compares each record's inputs with the project file, the photos and the other records. Runs nothing.",
  arguments: [],
  options: projectOptions,
  examples: ["fulcrum status", "fulcrum status --json"],
  async run({ options, io }) {
    const loaded = await loadProject(options.config, options.set);
    const states = await describeTasks(planTasks(loaded), openRunStore(loaded.runDir));
    for (const { id, state, reasons } of states) io.print(`${id.padEnd(36)} ${state.padEnd(8)} ${reasons.join("; ")}`);
    io.json(states);
    return undefined;
  },
});
