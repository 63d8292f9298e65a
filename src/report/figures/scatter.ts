/** Accuracy against what a deployment did: response time (fast on the right) and transaction rate. Pure. */
import { type CourseTotals, totalsOf } from "../facts/course.ts";
import { type Facts, type Measured, measuredAs } from "../facts/facts.ts";
import { chooseAxis } from "./axis.ts";
import { colorOf, markerOf, type PlotFigure, type Series } from "./figure.ts";

const shapeTitles = { single: "Single pod", max: "Max-size" } as const;

/** Two plots, or none where no model of this shape was both measured and evaluated. */
export function scatterFigures(facts: Facts, shape: "single" | "max"): PlotFigure[] {
  const measured = measuredAs(facts, shape).filter(({ body }) => body.summary.responseMs !== null);
  const pointsOver = (measureOf: (measured: Measured) => number) =>
    measured.flatMap((item) => accuracyPoint(facts, item, measureOf(item)));
  return responseAndRate(facts, shape, shapeTitles[shape], {
    responseMs: pointsOver(({ body }) => body.summary.responseMs!.mean),
    ratePerSecond: pointsOver(({ body }) => body.summary.transactionRatePerSecond),
  });
}

/** The same two plots of files made without fulcrum, for models whose accuracy the user gave: points without an interval. */
export function givenScatterFigures(facts: Facts): PlotFigure[] {
  const pointsOver = (measureOf: (totals: CourseTotals) => number | null) =>
    facts.courses.flatMap(({ name, givenAccuracy, ...course }, i): Series[] => {
      const x = measureOf(totalsOf(course));
      if (givenAccuracy === undefined || x === null) return [];
      return [
        { name, color: colorOf(i), look: "points", marker: markerOf(i), points: [{ x, y: 100 * givenAccuracy }] },
      ];
    });
  return responseAndRate(facts, "given", "Accuracy as given", {
    responseMs: pointsOver(({ meanMs }) => meanMs),
    ratePerSecond: pointsOver(({ okayPerLoadSecond }) => okayPerLoadSecond),
  });
}

interface ScatterSeries {
  readonly responseMs: readonly Series[];
  readonly ratePerSecond: readonly Series[];
}

function responseAndRate(facts: Facts, id: string, title: string, series: ScatterSeries): PlotFigure[] {
  const response = {
    id: `${id}-response-time`,
    title: `${title}: response time`,
    label: "mean response time, ms (fast on the right)",
    isInverted: true,
    series: series.responseMs,
  };
  const rate = {
    id: `${id}-transaction-rate`,
    title: `${title}: transaction rate`,
    label: "requests a second",
    isInverted: false,
    series: series.ratePerSecond,
  };
  return [response, rate].flatMap((wanted) => scatter(facts, wanted) ?? []);
}

interface Wanted {
  readonly id: string;
  readonly title: string;
  readonly label: string;
  readonly isInverted: boolean;
  readonly series: readonly Series[];
}

function scatter(facts: Facts, { id, title, label, isInverted, series }: Wanted): PlotFigure | undefined {
  if (series.length === 0) return undefined;
  const points = series.flatMap((one) => one.points);
  const accuracyTarget = facts.input.objectives?.minAccuracy ?? null;
  const targetPercent = accuracyTarget === null ? [] : [100 * accuracyTarget];
  const x = chooseAxis({ label, values: points.map((point) => point.x), room: 0.3, isInverted });
  const y = chooseAxis({
    label: "test accuracy, %",
    values: [...points.flatMap(({ y, low, high }) => [low ?? y!, high ?? y!]), ...targetPercent],
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
