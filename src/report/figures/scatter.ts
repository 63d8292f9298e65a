/** Accuracy against what a deployment did: response time (fast on the right) and transaction rate. Pure. */
import { type Facts, type Measured, measuredAs } from "../facts/facts.ts";
import { chooseAxis } from "./axis.ts";
import type { PlotFigure, Series } from "./figure.ts";

const shapeTitles = { single: "Single pod", max: "Max-size" } as const;

/** Two plots, or none where no model of this shape was both measured and evaluated. */
export function scatterFigures(facts: Facts, shape: "single" | "max"): PlotFigure[] {
  const measured = measuredAs(facts, shape).filter(({ body }) => body.summary.responseMs !== null);
  const response = {
    id: `${shape}-response-time`,
    title: `${shapeTitles[shape]}: response time`,
    label: "mean response time, ms (fast on the right)",
    isInverted: true,
    measureOf: ({ body }: Measured) => body.summary.responseMs!.mean,
  };
  const rate = {
    id: `${shape}-transaction-rate`,
    title: `${shapeTitles[shape]}: transaction rate`,
    label: "requests a second",
    isInverted: false,
    measureOf: ({ body }: Measured) => body.summary.transactionRatePerSecond,
  };
  return [response, rate].flatMap((wanted) => scatter(facts, measured, wanted) ?? []);
}

interface Wanted {
  readonly id: string;
  readonly title: string;
  readonly label: string;
  readonly isInverted: boolean;
  readonly measureOf: (measured: Measured) => number;
}

function scatter(facts: Facts, measured: readonly Measured[], wanted: Wanted): PlotFigure | undefined {
  const { id, title, label, isInverted, measureOf } = wanted;
  const series = measured.flatMap((item) => accuracyPoint(facts, item, measureOf(item)));
  if (series.length === 0) return undefined;
  const points = series.flatMap((one) => one.points);
  const accuracyTarget = facts.input.objectives?.minAccuracy ?? null;
  const targetPercent = accuracyTarget === null ? [] : [100 * accuracyTarget];
  const x = chooseAxis({ label, values: points.map((point) => point.x), room: 0.3, isInverted });
  const y = chooseAxis({
    label: "test accuracy, %",
    values: [...points.flatMap(({ low, high }) => [low!, high!]), ...targetPercent],
    ceiling: 100,
  });
  const targets = targetPercent.map((value): Series => {
    return { name: "accuracy asked for", ...targetLine(value, [x.min, x.max]) };
  });
  return { kind: "plot", id, title, x, y, series: [...series, ...targets] };
}

/** A model's accuracy with its interval over a value; none where it was not evaluated. */
export function accuracyPoint(facts: Facts, { name, body }: Pick<Measured, "name" | "body">, x: number): Series[] {
  const model = facts.models.find((one) => one.name === body.candidate);
  const accuracy = model?.evaluation?.body.accuracy;
  if (!model || !accuracy) return [];
  const point = { x, y: 100 * accuracy.estimate, low: 100 * accuracy.low, high: 100 * accuracy.high };
  return [{ name, color: model.color, look: "points", marker: model.marker, points: [point] }];
}

/** A dashed line across the plot at a value of y. */
export function targetLine(y: number, [from, to]: readonly [number, number]): Omit<Series, "name"> {
  return {
    color: "#59636d",
    look: "target",
    dash: "dashed",
    points: [
      { x: from, y },
      { x: to, y },
    ],
  };
}
