/** `fulcrum models`: the base models, as a table. */
import { stat } from "node:fs/promises";
import { z } from "zod";
import { type BaseId, baseIds } from "../../config/candidate.ts";
import { cacheDir } from "../../config/paths.ts";
import { FulcrumError } from "../../errors/index.ts";
import type { BaseTime } from "../../evaluate/index.ts";
import { defineVerb } from "../verb.ts";

interface Row {
  readonly id: BaseId;
  readonly title: string;
  /** Of the weights file at hand; where there is none, of its parameters as float32. */
  readonly sizeBytes: number;
  readonly parameters: number;
  readonly imagenetTop1: number;
  readonly imagenetTop1Source: string;
  readonly inputSize: number;
  readonly weights: "embedded" | "downloaded" | "to download" | "give a file";
  readonly cpuMs: BaseTime | null;
}

export const verb = defineVerb({
  summary: "Show the base models: size, accuracy, time on this CPU",
  description:
    "One line a base: size of its weights file, parameters with the ImageNet classifier, published ImageNet top-1 with its " +
    "source, and the time of one photo on one thread of this machine, up to the features. Times are measured with " +
    "--measure and kept for this machine: let it be idle meanwhile. Where weights are not at hand, random ones of the " +
    "same shapes take the same time.",
  arguments: [{ usage: "[bases...]", description: "Names of bases; all where none is named" }],
  options: z.object({
    measure: z.boolean().default(false).describe("Measure the time on this CPU"),
    runs: z.int().min(5).max(1000).default(30).describe("Timed runs a base"),
  }),
  examples: ["fulcrum models", "fulcrum models mobilenetv2 efficientnet-lite0 --measure"],
  async run({ args, options, io }) {
    const { machineName, measureBases, readBaseTimes } = await import("../../evaluate/index.ts");
    const ids = checkIds((args[0] ?? []) as readonly string[]);
    const { progress, signal } = io;
    if (options.measure) await measureBases(ids, { cacheDir, runs: options.runs, progress, signal });
    const times = await readBaseTimes(cacheDir);
    const rows = await Promise.all(ids.map((id) => describeRow(id, times[id] ?? null)));
    io.print(renderRows(rows, machineName()));
    io.json({ machine: machineName(), bases: rows });
    return undefined;
  },
});

function checkIds(asked: readonly string[]): readonly BaseId[] {
  const unknown = asked.find((name) => !(baseIds as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new FulcrumError("CLI_BAD_VALUE", { flag: "bases", value: unknown, allowed: baseIds.join(", ") });
  }
  return asked.length > 0 ? (asked as readonly BaseId[]) : baseIds;
}

async function describeRow(id: BaseId, cpuMs: BaseTime | null): Promise<Row> {
  const { bases, downloadPath } = await import("../../models/index.ts");
  const { title, parameters, imagenetTop1, imagenetTop1Source, inputSize, weights, published } = bases[id];
  const common = { id, title, parameters, imagenetTop1, imagenetTop1Source, inputSize, cpuMs };
  if (weights !== null) return { ...common, sizeBytes: weights.sizeBytes, weights: "embedded" };
  if (published === null) return { ...common, sizeBytes: 4 * parameters, weights: "give a file" };
  const found = await stat(downloadPath(cacheDir, published.url)).catch(() => null);
  return { ...common, sizeBytes: found?.size ?? 4 * parameters, weights: found ? "downloaded" : "to download" };
}

function renderRows(rows: readonly Row[], machine: string): string {
  const lines = rows.map(({ id, weights, sizeBytes, parameters, imagenetTop1, inputSize, cpuMs }) => [
    id,
    `${(sizeBytes / 1e6).toFixed(1)} MB`,
    `${(parameters / 1e6).toFixed(1)} M`,
    `${(100 * imagenetTop1).toFixed(1)} %`,
    `${inputSize} px`,
    cpuMs === null ? "-" : `${cpuMs.estimate.toFixed(1)} ms (${cpuMs.low.toFixed(1)} to ${cpuMs.high.toFixed(1)})`,
    weights,
  ]);
  const header = ["base", "size", "parameters", "top-1", "input", "CPU", "weights"];
  const widths = header.map((name, i) => Math.max(name.length, ...lines.map((line) => line[i]!.length)));
  const table = [header, ...lines].map((line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join("  ")
      .trimEnd(),
  );
  const sources = [...new Set(rows.map(({ imagenetTop1Source }) => imagenetTop1Source))];
  const measured = rows.some(({ cpuMs }) => cpuMs !== null);
  return [
    ...table,
    "",
    "size: of the weights file at hand, else of the parameters as float32, 4 bytes each.",
    `top-1: ImageNet, published: ${sources.join("; ")}.`,
    measured
      ? `CPU: one photo on one thread, up to the features, median with its 95 % interval, on ${machine}.`
      : "CPU: not measured on this machine; `fulcrum models --measure` does it.",
  ].join("\n");
}
