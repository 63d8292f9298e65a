/** `fulcrum data inspect`: what is in a folder of photos, and what is wrong with it. */
import { z } from "zod";
import type { Inspection, Range } from "../../data/inspect.ts";
import { exitCodes } from "../../errors/index.ts";
import { defineVerb } from "../verb.ts";

export const verb = defineVerb({
  summary: "Show classes, sizes, unreadable files, duplicates and imbalance of a data set",
  description:
    "Reads and decodes every photo of a folder: a folder a class, inside training, validation and evaluation (train, " +
    "val, test and the like) or not, or flat files named CLASS_NUMBER.jpg as Food-11's. Nothing is changed. Exit code " +
    "3 when there is something for which training would refuse the folder.",
  arguments: [{ usage: "<dir>", description: "Folder of photos" }],
  options: z.object({
    layout: z.enum(["auto", "folders", "food11"]).default("auto").describe("What the folder is taken for"),
  }),
  examples: ["fulcrum data inspect photos", "fulcrum data inspect photos --json"],
  async run({ args, options, io }) {
    const { inspectDataset } = await import("../../data/index.ts");
    const { progress, signal } = io;
    const inspection = await inspectDataset({ dir: args[0] as string, layout: options.layout, progress, signal });
    io.print(renderInspection(inspection));
    io.json(inspection);
    return inspection.problems.length > 0 ? exitCodes.input : undefined;
  },
});

/** Paths shown of a list before the rest is only counted; --json has them all. */
const shown = 10;

function renderInspection(inspection: Inspection): string {
  const { dir, layout, synthetic, photos, classes, unreadable, otherFiles, duplicates, problems } = inspection;
  const parts = [
    `${dir}: ${photos} readable photos of ${classes.length} classes, layout ${layout}${synthetic ? ", SYNTHETIC (drawn by fulcrum)" : ""}`,
    renderClasses(inspection),
    renderSizes(inspection),
    renderList(
      "unreadable",
      unreadable.map(({ path, problem }) => `${path}: ${problem}`),
    ),
    renderList("not photos", otherFiles),
    renderGroups("identical photos in more than one split", duplicates.acrossSplits),
    renderGroups("identical photos in more than one class", duplicates.acrossClasses),
    renderGroups("identical photos within a split", duplicates.withinSplit),
    renderList(
      "problems",
      problems.map(({ code, message }) => `${code}: ${message}`),
    ),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function renderClasses({ classes, splits, drawnSplits, imbalanceRatio }: Inspection): string {
  const width = Math.max(5, ...classes.map(({ name }) => name.length));
  const columns = [...splits, "photos"];
  const line = (name: string, cells: readonly (string | number)[]) =>
    [name.padEnd(width), ...cells.map((cell, i) => String(cell).padStart(columns[i]!.length))].join("  ");
  const rows = classes.map(({ name, photos, bySplit }) =>
    line(name, [...splits.map((split) => bySplit[split] ?? 0), photos]),
  );
  const drawn = {
    all: "splits: none; training draws them by class",
    validation: "validation split: drawn from training",
  };
  const notes = [
    drawnSplits === "none" ? "" : drawn[drawnSplits],
    imbalanceRatio === null ? "" : `imbalance: the largest class has ${imbalanceRatio.toFixed(2)} times the smallest`,
  ];
  return [line("class", columns), ...rows, ...notes.filter((note) => note !== "")].join("\n");
}

function renderSizes({ sizes }: Inspection): string {
  if (sizes === null) return "";
  const range = ({ least, median, most }: Range, unit: number) =>
    [least, median, most].map((value) => Math.ceil(value / unit)).join(" / ");
  return (
    `least / median / most: width ${range(sizes.width, 1)}, height ${range(sizes.height, 1)} pixels, ` +
    `file ${range(sizes.fileBytes, 1024)} KiB`
  );
}

function renderGroups(title: string, groups: readonly (readonly string[])[]): string {
  return renderList(
    title,
    groups.map((paths) => paths.join(" = ")),
  );
}

/** Nothing for an empty list. */
function renderList(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return "";
  const more = lines.length > shown ? [`  and ${lines.length - shown} more`] : [];
  return [`${title}: ${lines.length}`, ...lines.slice(0, shown).map((text) => `  ${text}`), ...more].join("\n");
}
