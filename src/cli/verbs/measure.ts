/** `fulcrum measure`: the deploy and load stages of a project. */
import { loadProject } from "../../config/load-project.ts";
import { runProject, tellOutcomes } from "../run-project.ts";
import { defineVerb } from "../verb.ts";
import { projectOptions, targetOption, withTarget } from "./shared-options.ts";

export const verb = defineVerb({
  summary: "Deploy the project's models and measure them under load (all, or those named)",
  description:
    "Deploys each model as the project file says, drives the load, records requests, resources and events. Writes " +
    "runs/NAME/measure/DEPLOYMENT/CANDIDATE/. Stages before it run where they are stale.",
  arguments: [
    { usage: "[deployments...]", description: "DEPLOYMENT or DEPLOYMENT/CANDIDATE; all where none is named" },
  ],
  options: projectOptions.extend({ target: targetOption }),
  examples: ["fulcrum measure", "fulcrum measure single", "fulcrum measure max/latency"],
  async run({ args, options, io }) {
    const loaded = withTarget(await loadProject(options.config, options.set), options.target);
    const asked = (args[0] ?? []) as readonly string[];
    const wanted = asked.length > 0 ? asked.map((name) => `measure/${name}`) : ["measure"];
    tellOutcomes(loaded, await runProject(loaded, wanted, io), io);
    return undefined;
  },
});
