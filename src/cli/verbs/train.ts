/** `fulcrum train`: the train stage of a project. */
import { join } from "node:path";
import { loadProject } from "../../config/load-project.ts";
import { FulcrumError } from "../../errors/index.ts";
import { trainTaskId } from "../../pipeline/stages/train.ts";
import { openRunStore } from "../../pipeline/store.ts";
import { trainingRecord } from "../../records/training.ts";
import { runProject } from "../run-project.ts";
import { defineVerb } from "../verb.ts";
import { projectOptions } from "./shared-options.ts";

export const verb = defineVerb({
  summary: "Train the project's candidates (all, or those named)",
  description:
    "Reads the photos if that is not done, computes the frozen bases' features (kept in the cache) and trains each " +
    "candidate's head. Writes runs/NAME/train/CANDIDATE/model.onnx and its training record.",
  arguments: [{ usage: "[candidates...]", description: "Names of candidates; all where none is named" }],
  options: projectOptions,
  examples: ["fulcrum train", "fulcrum train latency"],
  async run({ args, options, io }) {
    const loaded = await loadProject(options.config, options.set);
    const known = loaded.project.candidates.map(({ name }) => name);
    const asked = (args[0] ?? []) as readonly string[];
    const unknown = asked.find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw new FulcrumError("CLI_BAD_VALUE", { flag: "candidates", value: unknown, allowed: known.join(", ") });
    }
    const names = asked.length > 0 ? asked : known;
    await runProject(loaded, names.map(trainTaskId), io);
    const store = openRunStore(loaded.runDir);
    const results = [];
    for (const name of names) {
      const body = (await store.read(trainTaskId(name), trainingRecord))!.body;
      const model = join(loaded.runDir, trainTaskId(name), body.model.file);
      if (body.imported) {
        results.push({ candidate: name, model, imported: body.imported });
        io.print(`${name}: imported from ${body.imported.file}; ${model}`);
        continue;
      }
      const { validationAccuracy, fineTuning } = body;
      const bestEpoch = fineTuning?.bestEpoch || body.bestEpoch;
      results.push({ candidate: name, model, bestEpoch, validationAccuracy });
      io.print(
        `${name}: validation accuracy ${(100 * validationAccuracy!).toFixed(1)} % (epoch ${bestEpoch}); ${model}`,
      );
    }
    io.json(results);
    return undefined;
  },
});
