/** `fulcrum init`: a commented project file to start from. */
import { access } from "node:fs/promises";
import { z } from "zod";
import { writeFileAtomic } from "../../base/files.ts";
import { renderProjectFile } from "../../config/document.ts";
import { type PresetName, presets } from "../../config/presets.ts";
import { FulcrumError } from "../../errors/index.ts";
import { defineVerb } from "../verb.ts";

const presetNames = Object.keys(presets) as PresetName[];

export const verb = defineVerb({
  summary: "Write a commented fulcrum.yaml",
  description:
    "Writes a project file with every choice explained. Presets: default (embedded base models), demo (short loads), " +
    "finetuned (the default's models, their last blocks trained further; an hour and more), original (the choices of the " +
    "course project that fulcrum grew from; its base models are downloaded or given as files).",
  arguments: [],
  options: z.object({
    data: z.string().default("photos").describe("Folder of photos, relative to the project file"),
    name: z.string().default("food").describe("Name of the run"),
    preset: z.enum(presetNames).default("default").describe("What to start from"),
    out: z.string().default("fulcrum.yaml").describe("File to write"),
    force: z.boolean().default(false).describe("Replace a file that is there"),
  }),
  examples: ["fulcrum init --data photos", "fulcrum init --preset finetuned --out finetuned.yaml"],
  async run({ options: { data, name, preset, out, force }, io }) {
    const isThere = await access(out).then(
      () => true,
      () => false,
    );
    if (isThere && !force) {
      throw new FulcrumError("CLI_USAGE", { problem: `${out} is there already; --force replaces it.`, verb: "init" });
    }
    await writeFileAtomic(out, renderProjectFile(presets[preset](name, data), preset));
    io.print(`Wrote ${out}. Next: edit it, then \`fulcrum run${out === "fulcrum.yaml" ? "" : ` --config ${out}`}\`.`);
    io.json({ file: out });
    return undefined;
  },
});
