/** `fulcrum run`: the whole project, from photos to report. */
import { z } from "zod";
import { loadProject } from "../../config/load-project.ts";
import { runWhole } from "../run-project.ts";
import { defineVerb } from "../verb.ts";
import { liveOption, projectOptions, targetOption, withTarget } from "./shared-options.ts";

export const verb = defineVerb({
  summary: "Do what fulcrum.yaml says: data, train, evaluate, deploy and load, report",
  description:
    "Brings every stage of the project up to date and writes runs/NAME/report.html beside the project file. What is " +
    "already done stays; a run that was killed goes on where it stopped. `fulcrum status` says what is stale and why.",
  arguments: [],
  options: projectOptions.extend({
    live: liveOption,
    target: targetOption,
    only: z.array(z.string()).default([]).describe("Only these tasks and what they need, as train/latency or measure"),
  }),
  examples: [
    "fulcrum run",
    "fulcrum run --only measure/single",
    "fulcrum run --target kubernetes",
    "fulcrum run --set seed=2 --set name=second",
  ],
  async run({ options, io }) {
    const loaded = withTarget(await loadProject(options.config, options.set), options.target);
    await runWhole(loaded, { only: options.only, live: options.live }, io);
    return undefined;
  },
});
