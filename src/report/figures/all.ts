/** Every figure of a report, in the order of its parts. Pure. */
import type { Facts } from "../facts/facts.ts";
import { curveFigures } from "./curves.ts";
import type { Figure } from "./figure.ts";
import { frontFigure } from "./front.ts";
import { confusionFigure, latencyFigure, reliabilityFigure } from "./models.ts";
import { panelFigures } from "./panels.ts";
import { givenScatterFigures, scatterFigures } from "./scatter.ts";

export function allFigures(facts: Facts): Figure[] {
  const { models, courses, input } = facts;
  const maybe = (figure: Figure | undefined) => (figure ? [figure] : []);
  return [
    ...models.flatMap(({ training }) => (training ? curveFigures(training.body) : [])),
    ...models.flatMap((model) => maybe(confusionFigure(model))),
    ...maybe(reliabilityFigure(facts)),
    ...(["single", "max"] as const).flatMap((shape) => [
      ...scatterFigures(facts, shape),
      ...maybe(latencyFigure(facts, shape)),
    ]),
    ...givenScatterFigures(facts),
    ...courses.flatMap((course) => panelFigures(course, input.objectives)),
    ...maybe(frontFigure(facts)),
  ];
}
