/** `fulcrum import`: a Keras file becomes a model file. */

import { z } from "zod";
import { problemOf, readText } from "../../base/files.ts";
import { FulcrumError } from "../../errors/index.ts";
import { defineVerb } from "../verb.ts";

export const verb = defineVerb({
  summary: "Turn a trained Keras file into a model file",
  description:
    "Reads .h5 and .keras files of Keras 2 and 3 (functional, Sequential and nested), folds BatchNormalization and writes " +
    "one ONNX file that says what it classifies and how photos enter. Layers that cannot be imported exactly are refused " +
    "by name; docs/keras.md lists those that can. A Keras file does not name its classes: give them with --classes, or " +
    "with --data the folder that it was trained on.",
  arguments: [{ usage: "<file>", description: "Keras file: .h5 or .keras" }],
  options: z.object({
    out: z.string().min(1).describe("Model file to write"),
    classes: z
      .string()
      .optional()
      .describe("Names of the outputs in their order: a file (JSON list, or a name a line), or a list with commas"),
    data: z.string().optional().describe("Folder of photos whose classes, in alphabetical order, are the outputs"),
    size: z.int().min(8).max(2048).optional().describe("Input side in pixels, where the file leaves it open"),
    resize: z.enum(["stretch", "crop"]).default("stretch").describe("stretch: the whole photo; crop: its centre"),
    preprocessing: z
      .enum(["auto", "unit", "byte", "symmetric"])
      .default("auto")
      .describe("Pixels that the model takes: unit 0..1, byte 0..255, symmetric -1..1; auto: as its first layers tell"),
  }),
  examples: [
    "fulcrum import food11.h5 --out food11.onnx --classes classes.txt",
    "fulcrum import efficientnet.keras --out model.onnx --data photos/training --preprocessing byte",
  ],
  async run({ args, options, io }) {
    const [path] = args as [string];
    const { importModel } = await import("../../import/index.ts");
    const { writeModelFile } = await import("../../models/index.ts");
    const { out, size = null, resize, preprocessing } = options;
    const classes = await classNames(options.classes, options.data);
    io.progress.note(`reading ${path}`);
    const scale = preprocessing === "auto" ? null : preprocessing;
    const { bytes, metadata, origin, notes } = await importModel(path, { classes, size, resize, scale }, io.signal);
    await writeModelFile(out, bytes);
    io.print(
      [
        `${out}: ${origin.model}, ${origin.layers} layers, ${(origin.parameters / 1e6).toFixed(2)} million weights, ` +
          `${metadata.classes.length} classes (${origin.writtenBy ?? "unknown version"}, ${origin.format})`,
        ...notes.map((note) => `  ${note}`),
      ].join("\n"),
    );
    io.json({ out, origin, classes: metadata.classes, preprocessing: metadata.preprocessing, notes });
    return undefined;
  },
});

async function classNames(given: string | undefined, dataDir: string | undefined): Promise<readonly string[] | null> {
  if (given !== undefined && dataDir !== undefined) {
    throw new FulcrumError("CLI_BAD_VALUE", { flag: "--data", value: dataDir, allowed: "one of --classes and --data" });
  }
  if (dataDir !== undefined) {
    const { readClasses } = await import("../../data/index.ts");
    return [...(await readClasses(dataDir))].sort();
  }
  if (given === undefined) return null;
  return given.includes(",") ? given.split(",").map((name) => name.trim()) : parseNames(given, await readText(given));
}

function parseNames(path: string, text: string): readonly string[] {
  if (!text.trimStart().startsWith("[")) {
    return text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
  }
  try {
    return z.array(z.string()).parse(JSON.parse(text));
  } catch (cause) {
    const allowed = `a JSON list of names (${problemOf(cause).split("\n")[0]})`;
    throw new FulcrumError("CLI_BAD_VALUE", { flag: "--classes", value: path, allowed }, { cause });
  }
}
