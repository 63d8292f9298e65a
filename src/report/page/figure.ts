/** A figure on the page: its picture, and the table behind it, from which the script answers to pointer and keys. Pure. */
import type { Figure } from "../figures/figure.ts";
import { layoutPlot, type Size } from "../figures/plot-layout.ts";
import { plotSize, renderSvg } from "../figures/svg.ts";
import { tableOf } from "../figures/table.ts";
import { escapeHtml, table } from "./html.ts";

/** Rows of the table behind a figure: enough to read, few enough for a page. Every value is in --figures' CSV. */
const mostRows = 120;

export function figureHtml(figure: Figure, size: Size = plotSize): string {
  const { header, rows } = tableOf(figure);
  const stride = Math.ceil(rows.length / mostRows);
  const shown = rows.filter((_, i) => i % stride === 0);
  const every = stride > 1 ? `, every ${stride}th row` : "";
  const svg = figure.kind === "plot" ? renderSvg(figure, size) : renderSvg(figure);
  const label = escapeHtml(figure.title);
  return [
    `<figure role="group" aria-label="${label}"${figure.kind === "plot" ? ` data-plot="${plotData(figure, size)}"` : ""}>`,
    `<div class="plot">${svg}</div>`,
    `<details><summary>${label}: data${every}</summary>${table({ header, rows: shown, comparedColumns: 0 })}</details>`,
    "</figure>",
  ].join("");
}

/** Where the axes lie: left and width of the area as shares of the picture, ends of x, and whether it is inverted or logarithmic. */
function plotData(figure: Extract<Figure, { kind: "plot" }>, size: Size): string {
  const { area } = layoutPlot(figure, size);
  const { min, max, isInverted = false, isLog = false } = figure.x;
  const share = (value: number, of: number) => Number((value / of).toFixed(5));
  const data = {
    left: share(area.left, size.width),
    width: share(area.width, size.width),
    top: share(area.top, size.height),
    height: share(area.height, size.height),
    min,
    max,
    isInverted,
    isLog,
  };
  return escapeHtml(JSON.stringify(data));
}
