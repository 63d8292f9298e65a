/** The whole report as one self-contained HTML page. Pure. */
import { answers, contributions } from "./findings.ts";
import type { ReportInput } from "./gather.ts";
import { basis, escapeHtml, list, missing, paragraph, section, table } from "./html.ts";
import { objectiveTable } from "./objectives.ts";
import { maxSizeSection, scalingSection, scatterSection } from "./sections/capacity.ts";
import { overTimeSections } from "./sections/over-time.ts";
import { trainingSection } from "./sections/training.ts";
import { style } from "./style.ts";
import { runBasis } from "./words.ts";

export function renderPage(input: ReportInput): string {
  const synthetic = input.dataset?.body.synthetic ?? input.trainings.some(({ body }) => body.synthetic);
  const body = [
    `<header><h1>${escapeHtml(input.name)}: accuracy, latency and cost</h1>`,
    synthetic
      ? '<p class="synthetic">The photos are synthetic: drawn by fulcrum. No figure here says how well a model does on real food.</p>'
      : "",
    `<div class="answer">${list(answers(input))}</div>`,
    basis(runBasis(input)),
    "</header><main>",
    trainingSection(input),
    scatterSection(input, "single"),
    scatterSection(input, "max"),
    maxSizeSection(input),
    scalingSection(input),
    overTimeSections(input),
    contributionSection(input),
    "</main>",
  ];
  const title = escapeHtml(`fulcrum report: ${input.name}`);
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${style}</style></head><body>${body.join("\n")}</body></html>\n`;
}

function contributionSection(input: ReportInput): string {
  const points = contributions(input);
  const objectives = objectiveTable(input);
  return section(
    "8",
    "Contributions",
    points.length > 0 ? list(points) : missing("A comparison", "fulcrum run"),
    "<h3>Objectives</h3>",
    objectives ? table(objectives.header, objectives.rows) : paragraph("The project file sets no objectives."),
    basis(runBasis(input)),
  );
}
