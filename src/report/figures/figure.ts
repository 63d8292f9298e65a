/**
 * Figures as data: what a plot shows, and not who draws it. One figure is drawn as SVG (page, PDF), as a native chart
 * (slides), and is written as a table and as CSV.
 */

export interface Axis {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  /** Distance between ticks; for a logarithmic axis the factor is 10 and this is not used. */
  readonly step: number;
  /** Small values at the far end. */
  readonly isInverted?: boolean;
  readonly isLog?: boolean;
}

/** y null leaves a gap; low and high bound y's 95 % interval. */
export interface Point {
  readonly x: number;
  readonly y: number | null;
  readonly low?: number;
  readonly high?: number;
}

/**
 * points: marks alone, each with its name beside it; line: joined marks; steps: holds until the next value;
 * target: a dashed line across; events: marks alone, with a legend entry; rings: the same, around other marks.
 */
export type Look = "points" | "line" | "steps" | "target" | "events" | "rings";

export interface Series {
  readonly name: string;
  /** "#rrggbb" */
  readonly color: string;
  readonly look: Look;
  /** Besides colour, for readers who do not see it. */
  readonly dash?: "solid" | "dashed" | "dotted";
  readonly marker?: Marker;
  readonly points: readonly Point[];
}

export type Marker = "circle" | "diamond" | "triangle" | "square";

export interface PlotFigure {
  readonly kind: "plot";
  /** File name without ending, unique in a report. */
  readonly id: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

/** counts[row][column], rows and columns in the order of `names`. */
export interface MatrixFigure {
  readonly kind: "matrix";
  readonly id: string;
  readonly title: string;
  readonly rowLabel: string;
  readonly columnLabel: string;
  readonly names: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

export type Figure = PlotFigure | MatrixFigure;

/** Okabe and Ito's colours, told apart by colour-blind readers; the yellow one is left out, it is too light on white. */
export const palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"] as const;
export const quiet = "#59636d";
const markers: readonly Marker[] = ["circle", "diamond", "triangle", "square"];

export const colorOf = (index: number): string => palette[index % palette.length]!;
export const markerOf = (index: number): Marker => markers[index % markers.length]!;
