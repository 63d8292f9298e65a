/** The numbers behind a figure: as a table for readers, and as CSV for programs. Pure. */
import type { Figure, MatrixFigure, PlotFigure } from "./figure.ts";

export interface DataTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A few decimals, without an exponent or trailing zeros. */
export function inFigures(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "";
  return String(Number(value.toPrecision(Math.abs(value) >= 1000 ? 7 : 5)));
}

/** Every value: a row an x, a column a series; intervals have columns of their own. */
export function tableOf(figure: Figure): DataTable {
  return figure.kind === "plot" ? plotTable(figure) : matrixTable(figure);
}

function plotTable({ x, series }: PlotFigure): DataTable {
  const shown = series.filter(({ look }) => look !== "target");
  const columns = shown.flatMap(({ name, points }) => {
    const hasInterval = points.some(({ low }) => low !== undefined);
    return [
      { name, readValue: (point: (typeof points)[number]) => point.y, points },
      ...(hasInterval
        ? [
            { name: `${name}, low`, readValue: (point: (typeof points)[number]) => point.low, points },
            { name: `${name}, high`, readValue: (point: (typeof points)[number]) => point.high, points },
          ]
        : []),
    ];
  });
  const values = [...new Set(shown.flatMap(({ points }) => points.map((point) => point.x)))].sort((a, b) => a - b);
  const byX = columns.map(({ points }) => new Map(points.map((point) => [point.x, point])));
  const rows = values.map((value) => [
    inFigures(value),
    ...columns.map(({ readValue }, i) => {
      const point = byX[i]!.get(value);
      return point ? inFigures(readValue(point)) : "";
    }),
  ]);
  return { header: [x.label, ...columns.map(({ name }) => name)], rows };
}

function matrixTable({ rowLabel, names, counts }: MatrixFigure): DataTable {
  return { header: [rowLabel, ...names], rows: counts.map((row, i) => [names[i]!, ...row.map(String)]) };
}

/** RFC 4180, lines end in a line feed. */
export function renderCsv({ header, rows }: DataTable): string {
  return [header, ...rows].map((row) => `${row.map(quoted).join(",")}\n`).join("");
}

/** Text that a spreadsheet would run as a formula gets an apostrophe before it. */
function quoted(text: string): string {
  const safe = /^[=+@\t\r]|^-(?![\d.])/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
