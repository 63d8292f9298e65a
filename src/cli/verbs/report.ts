/** `fulcrum report`: records, or files made without fulcrum, to page, slides and figures; measuring nothing. */
import { z } from "zod";
import { loadProject } from "../../config/load-project.ts";
import { type ReportFormat, reportFormats } from "../../config/report.ts";
import { FulcrumError } from "../../errors/index.ts";
import type { Sentence, Story } from "../../report/index.ts";
import { defineVerb, type VerbIo } from "../verb.ts";
import { projectOptions } from "./shared-options.ts";

const options = projectOptions.extend({
  format: z
    .string()
    .optional()
    .describe("Forms to write, as html,pptx,pdf; those of report.formats in the project file where not given"),
  from: z
    .array(z.string())
    .default([])
    .describe(
      "A model's siege log and resource CSV made without fulcrum, as latency=load_output.csv,resource_usage.csv",
    ),
  accuracy: z
    .array(z.string())
    .default([])
    .describe(
      "Test accuracy of a model of --from, 0 to 1, as latency=0.9005: draws response time and rate against accuracy; " +
        "the report says that it was given, not measured",
    ),
  figures: z.string().optional().describe("Folder for every plot as SVG and PNG with its CSV"),
  out: z.string().optional().describe("Folder for the report; the run's own where not given, with --from this one"),
  photos: z.boolean().default(false).describe("Consent to show real photos that were misclassified"),
  explain: z.boolean().default(false).describe("Print each sentence with its rule and where its values lie"),
});

export const verb = defineVerb({
  summary: "Write report, slides and figures again from the records, measuring nothing",
  description:
    "Reads the records of a run and writes report.html, slides.pptx (native charts and tables, speaker notes) and " +
    "slides.pdf. Whatever is missing or older than its inputs is said in the report or by `fulcrum status`; nothing is " +
    "trained or measured. With --from it reads siege logs and resource CSVs in the original's formats instead.",
  arguments: [{ usage: "[run]", description: "Folder of a run; that of the project file where none is given" }],
  options,
  examples: [
    "fulcrum report",
    "fulcrum report runs/food --format pptx,pdf",
    "fulcrum report --figures figures --explain",
    "fulcrum report --from accuracy=a/load_output.csv,a/resource_usage.csv --from latency=b/load_output.csv",
    "fulcrum report --from accuracy=a.log --from latency=b.log --accuracy accuracy=0.9321 --accuracy latency=0.9005",
  ],
  async run({ args, options: given, io }) {
    const { story, dir, formats } = await readStory(args[0], given);
    if (given.explain) explain(story.sentences, io);
    const { writeReport } = await import("../../report/write.ts");
    const written = await writeReport(story, given.out ?? dir, formats);
    for (const [format, path] of Object.entries(written)) io.print(`${format.padEnd(5)} ${path}`);
    const figures = given.figures === undefined ? [] : await writeAllFigures(story, given.figures, io);
    const sentences = given.explain ? { sentences: story.sentences } : {};
    io.json({ report: written.html ?? null, files: written, figures, ...sentences });
    return undefined;
  },
});

interface Source {
  readonly story: Story;
  readonly dir: string;
  readonly formats: readonly ReportFormat[];
}

async function readStory(run: unknown, given: z.output<typeof options>): Promise<Source> {
  const { gatherReport, tellStory } = await import("../../report/index.ts");
  const asked = parseFormats(given.format);
  if (given.from.length > 0) {
    const { parseAccuracies, parseNamedFiles, readCourses } = await import("../../report/from-files.ts");
    const models = parseNamedFiles(given.from);
    const story = tellStory(await readCourses(models, parseAccuracies(given.accuracy, models)));
    return { story, dir: ".", formats: asked ?? reportFormats };
  }
  if (given.accuracy.length > 0) {
    const problem = "--accuracy goes with --from; a run's own accuracies are measured.";
    throw new FulcrumError("CLI_USAGE", { problem, verb: "report" });
  }
  const { photos } = given;
  if (typeof run === "string") {
    return { story: tellStory(await gatherReport(run, { photos })), dir: run, formats: asked ?? reportFormats };
  }
  const loaded = await loadProject(given.config, given.set);
  const { runDir, project } = loaded;
  const { planTasks } = await import("../../pipeline/plan.ts");
  const tasks = planTasks(loaded).map(({ id }) => id);
  const story = tellStory(await gatherReport(runDir, { photos: photos || project.report.photos, tasks }));
  return { story, dir: runDir, formats: asked ?? project.report.formats };
}

/** @throws CLI_BAD_VALUE */
function parseFormats(text: string | undefined): ReportFormat[] | undefined {
  if (text === undefined) return undefined;
  const result = z
    .array(z.enum(reportFormats))
    .min(1)
    .safeParse(text.split(",").map((part) => part.trim()));
  if (result.success) return result.data;
  const allowed = `some of ${reportFormats.join(", ")}, with commas between them`;
  throw new FulcrumError("CLI_BAD_VALUE", { flag: "--format", value: JSON.stringify(text), allowed });
}

function explain(sentences: readonly Sentence[], io: VerbIo): void {
  for (const { text, rule, when, evidence } of sentences) {
    io.print(`${text}\n    ${rule}: ${when}\n    from ${evidence.join("\n         ")}\n`);
  }
}

async function writeAllFigures({ facts }: Story, dir: string, io: VerbIo): Promise<string[]> {
  const { allFigures } = await import("../../report/figures/all.ts");
  const { writeFigures } = await import("../../report/figures/write.ts");
  const paths = await writeFigures(allFigures(facts), dir, io.signal);
  io.print(`${paths.length / 3} figures as SVG, PNG and CSV: ${dir}`);
  return paths;
}
