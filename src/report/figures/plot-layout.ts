/** Where the parts of a plot lie on its picture: shared by the drawing and by what answers to a pointer. Pure. */
import { positionOn } from "./axis.ts";
import type { PlotFigure, Series } from "./figure.ts";
import { type Box, type Placement, placeLabels } from "./labels.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface PlotLayout extends Size {
  /** The rectangle between the axes. */
  readonly area: Box;
  /** A placement for each point of each series of look "points", in order. */
  readonly labels: readonly Placement[];
}

export const fontSize = { title: 15, axis: 12, label: 13 } as const;
const characterWidth = 0.56;
const markSize = 12;
/** Half the width of an interval's end marks. */
const capSize = 6;

/** Series that the legend names; points have their names beside them. */
export const inLegend = ({ series }: PlotFigure): Series[] => series.filter(({ look }) => look !== "points");
export const hasLegend = (figure: PlotFigure): boolean => inLegend(figure).length > 1;

export function layoutPlot(figure: PlotFigure, { width, height }: Size): PlotLayout {
  const top = 36 + legendRows(figure, width) * legendRowHeight;
  const area = { left: 62, top, width: width - 62 - 18, height: height - top - 46 };
  const marks = labelledPoints(figure).map(({ name, x, y, low, high }) => ({
    name,
    ...pixelOf(figure, area, x, y),
    high: pixelOf(figure, area, x, high).y,
    low: pixelOf(figure, area, x, low).y,
  }));
  const obstacles = marks.flatMap((mark) => [
    square(mark.x, mark.y, markSize),
    { left: mark.x - 2, top: mark.high, width: 4, height: mark.low - mark.high },
    { left: mark.x - capSize, top: mark.high - 2, width: 2 * capSize, height: 4 },
    { left: mark.x - capSize, top: mark.low - 2, width: 2 * capSize, height: 4 },
  ]);
  const items = marks.map(({ name, x, y }) => {
    return { x, y, width: textWidth(name, fontSize.label), height: fontSize.label * 1.2 };
  });
  // Names may reach into the margin beside the plot.
  const room = { ...area, width: area.width + 17 };
  return { width, height, area, labels: placeLabels(items, room, [...obstacles, ...stepBoxes(figure, area)]) };
}

/** Where stepped lines lie: along from each point to the next one's x, then to its y. */
function stepBoxes(figure: PlotFigure, area: Box): Box[] {
  return figure.series
    .filter(({ look }) => look === "steps")
    .flatMap(({ points }) =>
      points.slice(1).flatMap(({ x, y }, i) => {
        const before = points[i]!;
        if (before.y === null || y === null) return [];
        const [from, to] = [pixelOf(figure, area, before.x, before.y), pixelOf(figure, area, x, y)];
        const corner = { x: to.x, y: from.y };
        return [lineBox(from, corner), lineBox(corner, to)];
      }),
    );
}

type Pixel = ReturnType<typeof pixelOf>;
const lineBox = (a: Pixel, b: Pixel): Box => {
  return {
    left: Math.min(a.x, b.x) - 2,
    top: Math.min(a.y, b.y) - 2,
    width: Math.abs(a.x - b.x) + 4,
    height: Math.abs(a.y - b.y) + 4,
  };
};

/** Every named point with its interval; a point without one has none. */
export function labelledPoints({ series }: PlotFigure) {
  return series
    .filter(({ look }) => look === "points")
    .flatMap(({ name, points }) =>
      points.flatMap(({ x, y, low, high }) => (y === null ? [] : [{ name, x, y, low: low ?? y, high: high ?? y }])),
    );
}

export function pixelOf({ x, y }: PlotFigure, area: Box, valueX: number, valueY: number): { x: number; y: number } {
  return {
    x: area.left + positionOn(x, valueX) * area.width,
    y: area.top + (1 - positionOn(y, valueY)) * area.height,
  };
}

export const legendRowHeight = 20;
const legendMark = 24 + 5 + 10;

/** Rows of names that the legend takes; 0 where there is none. */
export function legendRows(figure: PlotFigure, width: number): number {
  if (!hasLegend(figure)) return 0;
  const needed = inLegend(figure).reduce((sum, { name }) => sum + legendMark + textWidth(name, fontSize.axis), 0);
  return Math.ceil(needed / (width - 20));
}

export const textWidth = (text: string, size: number): number => text.length * size * characterWidth;

const square = (x: number, y: number, side: number): Box => {
  return { left: x - side / 2, top: y - side / 2, width: side, height: side };
};
