/** Figures of models as such: reliability, confusion, latency distributions, the front. Pure. */
import { calibrationOf } from "../facts/calibration.ts";
import { type Facts, type Measured, type Model, measuredAs } from "../facts/facts.ts";
import type { Latencies } from "../facts/latencies.ts";
import { chooseLogAxis } from "./axis.ts";
import { colorOf, type MatrixFigure, type PlotFigure, quiet, type Series } from "./figure.ts";
import { slugOf } from "./panels.ts";
import { targetLine } from "./scatter.ts";

/** Confidence against accuracy, a model a curve; the diagonal is perfect. */
export function reliabilityFigure({ models }: Facts): PlotFigure | undefined {
  const series = models.flatMap(({ name, color, marker, evaluation }): Series[] => {
    if (!evaluation || evaluation.body.predictions.length === 0) return [];
    const points = calibrationOf(evaluation.body).bins.map(({ meanConfidence, accuracy }) => {
      return {
        x: 100 * meanConfidence,
        y: 100 * accuracy.estimate,
        low: 100 * accuracy.low,
        high: 100 * accuracy.high,
      };
    });
    return [{ name, color, marker, look: "line", points }];
  });
  if (series.length === 0) return undefined;
  const percentAxis = (label: string) => ({ label, min: 0, max: 100, step: 20 });
  const diagonal: Series = {
    name: "as sure as right",
    ...targetLine(0, [0, 100]),
    points: [
      { x: 0, y: 0 },
      { x: 100, y: 100 },
    ],
  };
  return {
    kind: "plot",
    id: "reliability",
    title: "Reliability: is a model right as often as it says?",
    x: percentAxis("mean confidence, %"),
    y: percentAxis("accuracy, %"),
    series: [...series, diagonal],
  };
}

export function confusionFigure({ name, evaluation }: Model): MatrixFigure | undefined {
  if (!evaluation) return undefined;
  return {
    kind: "matrix",
    id: `confusion-${slugOf(name)}`,
    title: `${name}: what was taken for what`,
    rowLabel: "true class",
    columnLabel: "predicted class",
    names: evaluation.body.classes,
    counts: evaluation.body.confusion,
  };
}

/** Share of answers by response time, a model a curve, with siege's mean as a mark on it. */
export function latencyFigure(facts: Facts, shape: "single" | "max"): PlotFigure | undefined {
  const known = measuredAs(facts, shape).flatMap((measured) => {
    const latencies = facts.input.latencies.get(measured.path);
    return latencies ? [{ measured, latencies }] : [];
  });
  if (known.length === 0) return undefined;
  const curves = known.map(({ measured, latencies }, i): Series => {
    const model = facts.models.find(({ name }) => name === measured.body.candidate);
    return { name: measured.name, color: model?.color ?? colorOf(i), look: "line", points: cumulative(latencies) };
  });
  const means = known.map(({ measured, latencies }) => meanMark(measured, latencies)).filter(({ x }) => x > 0);
  const marks: Series = { name: "siege's mean", color: quiet, look: "events", marker: "diamond", points: means };
  return {
    kind: "plot",
    id: `${shape}-latency-distribution`,
    title: `${shape === "single" ? "Single pod" : "Max-size"}: all response times`,
    x: chooseLogAxis(
      "response time, ms (each step is ten times the last)",
      curves.flatMap(({ points }) => points.map(({ x }) => x)),
    ),
    y: { label: "% of answers within this time", min: 0, max: 100, step: 20 },
    series: [...curves, marks],
  };
}

function cumulative({ quantilesMs }: Latencies) {
  return quantilesMs.flatMap((x, i) => (x > 0 ? [{ x, y: (100 * i) / (quantilesMs.length - 1) }] : []));
}

function meanMark({ body }: Measured, { quantilesMs }: Latencies) {
  const x = body.summary.responseMs?.mean ?? 0;
  const within = quantilesMs.filter((time) => time <= x).length / quantilesMs.length;
  return { x, y: 100 * within };
}
