/**
 * A line plot as SVG, redrawn in place: axes with a few round numbers, a key with the last values, and a cursor that the
 * pointer or the arrow keys move and that reads the values out.
 */
import { html, setText, svg } from "./dom.ts";

export interface Series {
  readonly name: string;
  /** 1..4: colour and dash of the line. */
  readonly style: 1 | 2 | 3 | 4;
  /** Holds its value until the next point (replicas, requests). */
  readonly isStep?: boolean;
  /** NaN where there is no value: the line is broken there. */
  readonly values: readonly number[];
}

export interface PlotData {
  readonly x: readonly number[];
  readonly series: readonly Series[];
}

export interface PlotOptions {
  readonly title: string;
  readonly format: (value: number) => string;
  readonly formatX: (value: number) => string;
  /** Lowest top of the axis, so that a flat line of zeros stays at the bottom. */
  readonly minTop: number;
  /** Fixed range, as 0..1 of a share. */
  readonly range?: readonly [number, number];
}

const width = 360;
const height = 150;
const plotBox = { left: 46, right: 8, top: 8, bottom: 20 };

export class Plot {
  readonly element: HTMLElement;
  readonly #options: PlotOptions;
  readonly #key = html("p", { class: "key" });
  readonly #readout = html("p", { class: "readout", "aria-live": "polite" });
  readonly #grid = svg("g", { class: "grid" });
  readonly #lines = svg("g");
  readonly #cursor = svg("line", { class: "cursor", y1: String(plotBox.top), y2: String(height - plotBox.bottom) });
  readonly #picture: SVGElement;
  #data: PlotData = { x: [], series: [] };
  #cursorIndex: number | null = null;

  constructor(options: PlotOptions) {
    this.#options = options;
    const title = html("h3", {}, options.title);
    this.#picture = svg(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, tabindex: "0", role: "img", "aria-label": options.title },
      this.#grid,
      this.#lines,
      this.#cursor,
    );
    this.element = html("figure", { class: "plot" }, title, this.#picture, this.#key, this.#readout);
    this.#listen();
  }

  draw(data: PlotData): void {
    this.#data = data;
    const [bottom, top] = this.#options.range ?? rangeOf(data, this.#options.minTop);
    const [first, last] = [data.x[0] ?? 0, data.x.at(-1) ?? 1];
    const toX = (x: number) => mapTo(x, first, last, plotBox.left, width - plotBox.right);
    const toY = (y: number) => mapTo(y, bottom, top, height - plotBox.bottom, plotBox.top);
    this.#drawGrid([bottom, top], [first, last], toY);
    this.#lines.replaceChildren(
      ...data.series.map((series) =>
        svg("path", { class: `line line-${series.style}`, d: pathOf(data.x, series, toX, toY) }),
      ),
    );
    this.#key.replaceChildren(...data.series.map((series) => this.#keyEntry(series)));
    this.#picture.setAttribute("aria-label", `${this.#options.title}: ${this.#valuesAt(data.x.length - 1)}`);
    this.#drawCursor();
  }

  #keyEntry({ name, style, values }: Series): HTMLElement {
    const value = values.at(-1);
    const text = `${name} ${value === undefined || Number.isNaN(value) ? "–" : this.#options.format(value)}`;
    const sample = svg("svg", { viewBox: "0 0 18 4", class: "sample", "aria-hidden": "true" });
    sample.append(svg("path", { class: `line line-${style}`, d: "M0 2H18" }));
    return html("span", {}, sample, text);
  }

  #drawGrid([bottom, top]: readonly [number, number], [first, last]: [number, number], toY: (y: number) => number) {
    const { format, formatX } = this.#options;
    const rows = [bottom, (bottom + top) / 2, top].flatMap((value) => {
      const y = String(toY(value));
      return [
        svg("line", { x1: String(plotBox.left), x2: String(width - plotBox.right), y1: y, y2: y }),
        label(format(value), plotBox.left - 5, Number(y) + 3.5, "end"),
      ];
    });
    const baseline = height - 5;
    const columns = [
      label(formatX(first), plotBox.left, baseline, "start"),
      label(formatX(last), width - plotBox.right, baseline, "end"),
    ];
    this.#grid.replaceChildren(...rows, ...columns);
  }

  #listen(): void {
    const count = () => this.#data.x.length;
    this.#picture.addEventListener("pointermove", (event) => {
      const box = this.#picture.getBoundingClientRect();
      const share = ((event.clientX - box.left) / box.width) * width;
      const part = mapTo(share, plotBox.left, width - plotBox.right, 0, 1);
      this.#moveCursor(nearestIndex(this.#data.x, part));
    });
    this.#picture.addEventListener("pointerleave", () => this.#moveCursor(null));
    this.#picture.addEventListener("blur", () => this.#moveCursor(null));
    this.#picture.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
      if (step === undefined || count() === 0) return;
      event.preventDefault();
      this.#moveCursor(Math.min(count() - 1, Math.max(0, (this.#cursorIndex ?? count()) + step)));
    });
  }

  #moveCursor(index: number | null): void {
    this.#cursorIndex = index;
    this.#drawCursor();
  }

  #drawCursor(): void {
    const { x } = this.#data;
    const index = this.#cursorIndex;
    const isShown = index !== null && index < x.length;
    this.#cursor.toggleAttribute("hidden", !isShown);
    setText(this.#readout, isShown ? `${this.#options.formatX(x[index]!)}: ${this.#valuesAt(index)}` : "");
    if (!isShown) return;
    const at = String(mapTo(x[index]!, x[0]!, x.at(-1)!, plotBox.left, width - plotBox.right));
    this.#cursor.setAttribute("x1", at);
    this.#cursor.setAttribute("x2", at);
  }

  #valuesAt(index: number): string {
    const parts = this.#data.series.flatMap(({ name, values }) => {
      const value = values[index];
      return value === undefined || Number.isNaN(value) ? [] : [`${name} ${this.#options.format(value)}`];
    });
    return parts.join(", ") || "no values yet";
  }
}

function label(text: string, x: number, y: number, anchor: string): SVGElement {
  const element = svg("text", { x: String(x), y: String(y), "text-anchor": anchor });
  element.textContent = text;
  return element;
}

/** Linear from [a0, a1] to [b0, b1]; the middle where the source has no width. */
export function mapTo(value: number, a0: number, a1: number, b0: number, b1: number): number {
  return a1 === a0 ? (b0 + b1) / 2 : b0 + ((value - a0) / (a1 - a0)) * (b1 - b0);
}

/** From 0 to the next 1, 2 or 5 times a power of ten above all values. */
function rangeOf({ series }: PlotData, minTop: number): [number, number] {
  let top = minTop;
  for (const { values } of series) for (const value of values) if (value > top) top = value;
  const power = 10 ** Math.floor(Math.log10(top));
  return [0, ([1, 2, 5, 10].find((factor) => factor * power >= top * 0.999) ?? 10) * power];
}

function pathOf(
  x: readonly number[],
  { values, isStep = false }: Series,
  toX: (x: number) => number,
  toY: (y: number) => number,
): string {
  let path = "";
  let isPenDown = false;
  for (const [i, value] of values.entries()) {
    if (Number.isNaN(value)) {
      isPenDown = false;
      continue;
    }
    const [px, py] = [toX(x[i]!).toFixed(1), toY(value).toFixed(1)];
    if (!isPenDown) path += `M${px} ${py}`;
    else path += isStep ? `H${px}V${py}` : `L${px} ${py}`;
    isPenDown = true;
  }
  return path;
}

/** Index of the value nearest to the given part (0..1) of the ascending list's range. */
function nearestIndex(x: readonly number[], part: number): number | null {
  if (x.length === 0) return null;
  const wanted = mapTo(part, 0, 1, x[0]!, x.at(-1)!);
  let best = 0;
  for (const [i, value] of x.entries()) if (Math.abs(value - wanted) < Math.abs(x[best]! - wanted)) best = i;
  return best;
}
