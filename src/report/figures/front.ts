/** The front of accuracy, response time and cost in one plot: the third is in each point's name. Pure. */
import type { Measurement } from "../../records/measurement.ts";
import { costOf } from "../facts/cost.ts";
import type { Facts } from "../facts/facts.ts";
import { frontOf } from "../facts/front.ts";
import { chooseAxis } from "./axis.ts";
import { type PlotFigure, quiet, type Series } from "./figure.ts";
import { accuracyPoint } from "./scatter.ts";

/** A deployment of a candidate in the three respects, all but accuracy better when smaller. */
interface Choice {
  readonly candidate: string;
  readonly series: Series;
  readonly meanMs: number;
  readonly accuracyPercent: number;
  readonly cost: number;
}

/** undefined where fewer than two deployments are known in all three respects. */
export function frontFigure(facts: Facts): PlotFigure | undefined {
  const { prices } = facts.input;
  const choices = choicesOf(facts);
  if (choices.length < 2) return undefined;
  const points = choices.flatMap(({ series }) => series.points);
  const x = chooseAxis({
    label: "mean response time, ms (fast on the right)",
    values: choices.map(({ meanMs }) => meanMs),
    room: 0.2,
    isInverted: true,
  });
  const y = chooseAxis({
    label: "test accuracy, %",
    values: points.flatMap(({ low, high }) => [low!, high!]),
    ceiling: 100,
  });
  return {
    kind: "plot",
    id: "front",
    title: `Accuracy, time, and ${prices ? prices.currency : "core-hours"} a million requests`,
    x,
    y,
    series: [...modelSeries(facts, choices), ...frontSeries(choices, x.max), ...choices.map(({ series }) => series)],
  };
}

function choicesOf(facts: Facts): Choice[] {
  const { prices } = facts.input;
  return facts.measured.flatMap(({ body }) => {
    const cost = costOf(body, prices);
    const meanMs = body.summary.responseMs?.mean;
    if (!cost || meanMs === undefined) return [];
    const amount = cost.money ?? cost.coreHours;
    const name = `${shortName(facts, body)}: ${Number(amount.toPrecision(3))}`;
    const [series] = accuracyPoint(facts, { body, name }, meanMs);
    return series
      ? [{ candidate: body.candidate, series, meanMs, accuracyPercent: series.points[0]!.y!, cost: amount }]
      : [];
  });
}

/** The shape, or the deployment where the candidate was deployed in this shape more than once. */
function shortName({ measured }: Facts, { candidate, shape, deployment }: Measurement): string {
  const alike = measured.filter(({ body }) => body.candidate === candidate && body.shape === shape);
  return alike.length > 1 ? deployment : shape === "autoscaled" ? "auto" : shape;
}

/** The legend's entry of each model: its points once more, under the named ones. */
function modelSeries({ models }: Facts, choices: readonly Choice[]): Series[] {
  return models.flatMap(({ name, color, marker }): Series[] => {
    const points = choices
      .filter((choice) => choice.candidate === name)
      .map(({ meanMs, accuracyPercent }) => ({ x: meanMs, y: accuracyPercent }));
    return points.length > 0 ? [{ name, color, marker, look: "events", points }] : [];
  });
}

/**
 * The line is the highest accuracy that is to be had within a response time; a point below it can still be on the front of
 * all three, by being cheaper: those are marked.
 * @param slowest end of the axis, to which the last step goes
 */
function frontSeries(choices: readonly Choice[], slowest: number): Series[] {
  const ofTwo = frontOf(choices, ({ meanMs, accuracyPercent }) => [meanMs, -accuracyPercent]);
  const steps = ofTwo.map(({ meanMs, accuracyPercent }) => ({ x: meanMs, y: accuracyPercent }));
  const sorted = steps.toSorted((a, b) => a.x - b.x);
  const ofThree = frontOf(choices, ({ meanMs, accuracyPercent, cost }) => [meanMs, -accuracyPercent, cost]);
  return [
    {
      name: "front by time",
      color: quiet,
      look: "steps",
      dash: "dashed",
      points: [...sorted, { x: slowest, y: sorted.at(-1)!.y }],
    },
    {
      name: "unbeaten",
      color: "#1a1f24",
      look: "rings",
      marker: "circle",
      points: ofThree.map(({ meanMs, accuracyPercent }) => ({ x: meanMs, y: accuracyPercent })),
    },
  ];
}
