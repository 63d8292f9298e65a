/** Training curves: loss and accuracy of each candidate, epoch by epoch. */
import type { Curve, LiveState } from "../../src/live/state.ts";
import { byId } from "./dom.ts";
import { Plot, type Series } from "./plot.ts";

const plots = new Map<string, { loss: Plot; accuracy: Plot }>();

export function drawCurves(state: LiveState): void {
  byId("curves-section").hidden = state.curves.length === 0;
  const keys = new Set(state.curves.map(keyOf));
  for (const [key, { loss, accuracy }] of plots) {
    if (keys.has(key)) continue;
    loss.element.remove();
    accuracy.element.remove();
    plots.delete(key);
  }
  for (const curve of state.curves) drawCurve(curve);
}

function keyOf({ task, label }: Curve): string {
  return `${task.replace(/^train\//, "")}, ${label}`;
}

function drawCurve(curve: Curve): void {
  const key = keyOf(curve);
  let pair = plots.get(key);
  if (pair === undefined) {
    const formatX = (epoch: number) => `epoch ${Math.round(epoch)}`;
    pair = {
      loss: new Plot({ title: `${key}: loss`, format: (value) => value.toFixed(2), formatX, minTop: 0.1 }),
      accuracy: new Plot({ title: `${key}: accuracy`, format: percent, formatX, minTop: 1, range: [0, 1] }),
    };
    plots.set(key, pair);
    byId("curves").append(pair.loss.element, pair.accuracy.element);
  }
  const x = curve.points.map(({ epoch }) => epoch);
  const series = (name: string, figure: string, style: Series["style"]): Series => ({
    name,
    style,
    values: curve.points.map(({ figures }) => figures[figure] ?? Number.NaN),
  });
  pair.loss.draw({ x, series: [series("training", "loss", 3), series("validation", "validationLoss", 1)] });
  pair.accuracy.draw({ x, series: [series("training", "accuracy", 3), series("validation", "validationAccuracy", 1)] });
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share === 0 || share === 1 ? 0 : 1)} %`;
}
