/** `fulcrum report`: records to report.html, measuring nothing. */
import { join } from "node:path";
import { writeFileAtomic } from "../../base/files.ts";
import { loadProject } from "../../config/load-project.ts";
import { defineVerb } from "../verb.ts";
import { projectOptions } from "./shared-options.ts";

export const verb = defineVerb({
  summary: "Write the report again from the records, measuring nothing",
  description:
    "Reads the records of a run and writes report.html. Whatever is missing or older than its inputs is said in the " +
    "report or by `fulcrum status`; nothing is trained or measured.",
  arguments: [{ usage: "[run]", description: "Folder of a run; that of the project file where none is given" }],
  options: projectOptions,
  examples: ["fulcrum report", "fulcrum report runs/food"],
  async run({ args, options, io }) {
    const runDir = typeof args[0] === "string" ? args[0] : (await loadProject(options.config, options.set)).runDir;
    const { gatherReport, renderReport } = await import("../../report/index.ts");
    const path = join(runDir, "report.html");
    await writeFileAtomic(path, await renderReport(await gatherReport(runDir)));
    io.print(`Report: ${path}`);
    io.json({ report: path });
    return undefined;
  },
});
