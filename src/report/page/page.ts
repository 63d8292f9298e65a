/** The whole report as one self-contained HTML page. Pure. */
import type { Facts } from "../facts/facts.ts";
import { frontFigure } from "../figures/front.ts";
import { latencyFigure } from "../figures/models.ts";
import type { Story } from "../story.ts";
import { costTable, courseTable } from "../tables/outcome-tables.ts";
import { runBasis, withInterval } from "../words.ts";
import { environmentSection } from "./environment.ts";
import { figureHtml } from "./figure.ts";
import { basis, escapeHtml, grid, heading, list, paragraph, table } from "./html.ts";
import { modelDetails, trainingCurves } from "./models.ts";
import { slideSection } from "./sections.ts";
import { wrapPage } from "./wrap.ts";

export function renderPage({ facts, deck }: Story): string {
  const { input } = facts;
  const synthetic = input.dataset?.body.synthetic ?? input.trainings.some(({ body }) => body.synthetic);
  const body = [
    `<header><h1>${escapeHtml(deck.title)}</h1>`,
    synthetic
      ? paragraph(
          "The photos are synthetic: drawn by fulcrum. No figure here says how well a model does on real food.",
          "synthetic",
        )
      : "",
    answerBox(facts),
    basis(runBasis(input)),
    "</header><main>",
    ...deck.slides.map((slide) => slideSection(slide, ...additions(slide.number, facts))),
    environmentSection(facts),
    "</main>",
  ];
  return wrapPage(`fulcrum report: ${input.name}`, body.join("\n"));
}

/** What the page has beyond the slide of this number. */
function additions(number: string, facts: Facts): string[] {
  switch (number) {
    case "1":
      return [trainingCurves(facts), modelDetails(facts)];
    case "2":
      return [distribution(facts, "single")];
    case "3":
      return [distribution(facts, "max")];
    case "8":
      return [recipes(facts), costs(facts)];
    default:
      return [];
  }
}

function distribution(facts: Facts, shape: "single" | "max"): string {
  const figure = latencyFigure(facts, shape);
  if (!figure) return "";
  const note = "Every answered request; siege reports only the mean, which stands on each curve as a diamond.";
  return heading("All response times") + grid([figureHtml(figure)]) + basis(note);
}

function recipes({ courses }: Facts): string {
  const shown = courseTable(courses);
  return shown ? heading("The recipes as the original judged them") + table(shown) : "";
}

function costs(facts: Facts): string {
  const shown = costTable(facts);
  if (!shown) return "";
  const figure = frontFigure(facts);
  const { prices } = facts.input;
  const note = prices
    ? `What pods request is paid for, used or not: ${prices.cpuCoreHour} ${prices.currency} a core-hour, ${prices.memoryGibHour} ${prices.currency} a GiB-hour (${prices.source}).`
    : "What pods request is paid for, used or not. A price sheet in the project file (report.prices) makes money of it.";
  const legend = figure
    ? basis(
        "The number beside a point is its cost (auto: autoscaled). The line is the highest accuracy that is to be had within a time; a ring is around what no other deployment beats in accuracy, time and cost together.",
      )
    : "";
  return heading("Cost") + grid(figure ? [figureHtml(figure)] : []) + legend + table(shown) + basis(note);
}

/** The answer in a line a model: how accurate, and how fast. */
function answerBox({ models }: Facts): string {
  const lines = models.flatMap(({ name, role, evaluation, measurements }) => {
    if (!evaluation) return [];
    const { accuracy, photos } = evaluation.body;
    const single = measurements.find(({ body }) => body.shape === "single")?.body;
    const time = single?.summary.responseMs;
    const speed = time
      ? `; under ${single.load.description} a single pod answers in ${time.mean.toFixed(0)} ms, ${single.summary.transactionRatePerSecond.toFixed(0)} requests a second`
      : "";
    const who = role === "none" ? name : role === "previous" ? `Predecessor: ${name}` : `For ${role}: ${name}`;
    return [`${who}, right on ${withInterval(accuracy)} of ${photos} test photos${speed}.`];
  });
  return lines.length > 0 ? `<div class="answer">${list(lines)}</div>` : "";
}
