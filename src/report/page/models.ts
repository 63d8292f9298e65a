/** Models in detail: curves, confusion, mistakes, reliability, comparison. Pure. */
import { calibrationOf } from "../facts/calibration.ts";
import type { Facts, Model } from "../facts/facts.ts";
import { worstMistakes } from "../facts/mistakes.ts";
import { curveFigures } from "../figures/curves.ts";
import { confusionFigure, reliabilityFigure } from "../figures/models.ts";
import { comparisonTable } from "../tables/outcome-tables.ts";
import { percent, points } from "../words.ts";
import { figureHtml } from "./figure.ts";
import { basis, escapeHtml, grid, heading, jpegImage, paragraph, table } from "./html.ts";

export function trainingCurves({ models }: Facts): string {
  const figures = models.flatMap(({ training }) => (training ? curveFigures(training.body) : []));
  return figures.length === 0 ? "" : heading("Training curves") + grid(figures.map((figure) => figureHtml(figure)));
}

export function modelDetails(facts: Facts): string {
  const evaluated = facts.models.filter(({ evaluation }) => evaluation);
  if (evaluated.length === 0) return "";
  const comparison = comparisonTable(facts);
  const confusions = evaluated.flatMap((model) => confusionFigure(model) ?? []);
  return [
    ...(comparison
      ? [
          heading("On the same photos"),
          table(comparison),
          basis(
            "Differences with Newcombe's paired interval of 95 %, p of the exact McNemar test on the photos that one of the two got right; told apart where both tell them apart, p at 0.05.",
          ),
        ]
      : []),
    heading("What was taken for what"),
    grid(confusions.map((figure) => figureHtml(figure))),
    heading("Is a model right as often as it says?"),
    reliability(facts),
    heading("The surest mistakes"),
    mistakes(facts, evaluated),
  ].join("\n");
}

function reliability(facts: Facts): string {
  const figure = reliabilityFigure(facts);
  if (!figure) return "";
  const rows = facts.models.flatMap(({ name, evaluation }) => {
    if (!evaluation) return [];
    const { meanConfidence, error } = calibrationOf(evaluation.body);
    const { accuracy, logLoss } = evaluation.body;
    return [[name, percent(meanConfidence), percent(accuracy.estimate), points(error), logLoss.toFixed(3)]];
  });
  const header = ["model", "mean confidence", "accuracy", "expected calibration error, points", "log loss, nats"];
  return grid([figureHtml(figure), table({ header, rows, comparedColumns: 0 })]);
}

function mistakes({ input }: Facts, evaluated: readonly Model[]): string {
  const drawn = input.dataset?.body.synthetic ? paragraph("The photos are drawn by fulcrum.", "basis") : "";
  const note =
    input.thumbnailsMissing === null ? drawn : paragraph(`Without pictures: ${input.thumbnailsMissing}.`, "basis");
  return note + evaluated.map((model) => ofModel(model, input.thumbnails)).join("");
}

function ofModel({ name, evaluation }: Model, thumbnails: Facts["input"]["thumbnails"]): string {
  const { classes } = evaluation!.body;
  const items = worstMistakes(evaluation!.body).map(({ path, label, predicted, confidence }) => {
    const words = `${classes[label]} taken for ${classes[predicted]} (${percent(confidence, 0)} sure)`;
    const picture = thumbnails.find((one) => one.candidate === name && one.path === path);
    const image = picture ? jpegImage(picture.jpeg, `${classes[label]}: ${path}`) : "";
    return `<li>${image}<span>${escapeHtml(words)}</span><small>${escapeHtml(path)}</small></li>`;
  });
  const content = items.length > 0 ? `<ul class="mistakes">${items.join("")}</ul>` : paragraph("It made no mistake.");
  return `<h4>${escapeHtml(name)}</h4>${content}`;
}
