/** Figures -> SVG text by ECharts' server-side rendering: complete in itself, no script, no outside reference. */
import { HeatmapChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, TitleComponent, VisualMapComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { escapeHtml } from "../page/html.ts";
import type { Axis, Figure, Marker, MatrixFigure, PlotFigure, Series } from "./figure.ts";
import { fontSize, hasLegend, inLegend, layoutPlot, legendRows, type PlotLayout, type Size } from "./plot-layout.ts";

use([
  HeatmapChart,
  LineChart,
  ScatterChart,
  GridComponent,
  LegendComponent,
  TitleComponent,
  VisualMapComponent,
  SVGRenderer,
]);

export const plotSize: Size = { width: 560, height: 360 };
const ink = "#1a1f24";
const font = "Roboto, system-ui, sans-serif";
const symbols: Readonly<Record<Marker, string>> = {
  circle: "circle",
  diamond: "diamond",
  triangle: "triangle",
  square: "rect",
};

/** @param size of the picture in CSS pixels; text keeps its size, whatever the picture's */
export function renderSvg(figure: Figure, size: Size = figure.kind === "plot" ? plotSize : matrixSize(figure)): string {
  const option = figure.kind === "plot" ? plotOption(figure, layoutPlot(figure, size)) : matrixOption(figure);
  return toSvg(option, size, figure);
}

function plotOption(figure: PlotFigure, layout: PlotLayout): EChartsCoreOption {
  const { area, width, height } = layout;
  let label = 0;
  return {
    ...commonOption(figure.title),
    ...(hasLegend(figure) && {
      legend: {
        top: 30,
        width: width - 20,
        itemHeight: 9,
        itemWidth: 18,
        itemGap: legendRows(figure, width) > 1 ? 10 : 16,
        textStyle: { fontSize: fontSize.axis, color: ink },
        data: inLegend(figure).map(({ name }) => name),
      },
    }),
    grid: {
      left: area.left,
      top: area.top,
      right: width - area.left - area.width,
      bottom: height - area.top - area.height,
    },
    xAxis: axisOption(figure.x, 28),
    yAxis: axisOption(figure.y, 44),
    series: figure.series.flatMap((series) => {
      const own = layout.labels.slice(label, label + (series.look === "points" ? series.points.length : 0));
      label += own.length;
      // What happens under a pointer is the page's own script's business.
      return seriesOptions(series, own).map((option) => ({ ...option, emphasis: { disabled: true } }));
    }),
  };
}

function commonOption(title: string): EChartsCoreOption {
  return {
    animation: false,
    textStyle: { fontFamily: font, color: ink },
    title: { text: title, left: "center", top: 6, textStyle: { fontSize: fontSize.title, color: ink } },
  };
}

function axisOption({ label, min, max, step, isInverted, isLog }: Axis, nameGap: number) {
  return {
    type: isLog ? "log" : "value",
    name: label,
    nameLocation: "middle",
    nameGap,
    nameTextStyle: { fontSize: fontSize.axis, color: ink },
    inverse: isInverted ?? false,
    min,
    max,
    ...(!isLog && { interval: step }),
    position: nameGap > 40 ? "left" : "bottom",
    axisLine: { show: true, onZero: false, lineStyle: { color: "#8a949d" } },
    axisLabel: { fontSize: fontSize.axis, color: ink, hideOverlap: true },
    splitLine: { lineStyle: { color: "#e3e7ea" } },
  };
}

function seriesOptions(series: Series, placements: PlotLayout["labels"]): object[] {
  const { name, color, look, points } = series;
  const symbol = symbols[series.marker ?? "circle"];
  const data = points.map(({ x, y }) => [x, y]);
  if (look === "points") return namedPoints(series, symbol, placements);
  if (look === "events") {
    return [{ type: "scatter", name, data, symbol, symbolSize: 9, itemStyle: { color }, z: 4 }];
  }
  if (look === "rings") {
    const itemStyle = { color: "transparent", borderColor: color, borderWidth: 1.5 };
    return [{ type: "scatter", name, data, symbol, symbolSize: 20, itemStyle, z: 2 }];
  }
  const isTarget = look === "target";
  return [
    {
      type: "line",
      name,
      data,
      color,
      symbol,
      showSymbol: look === "line" && points.length < 60,
      symbolSize: isTarget ? 0 : 5,
      lineStyle: { width: isTarget ? 1.5 : 2, type: series.dash ?? (isTarget ? "dashed" : "solid"), color },
      itemStyle: { color },
      ...(look === "steps" && { step: "end" }),
    },
  ];
}

/** Each point with its interval as a bar with ends, and its name. */
function namedPoints({ name, color, points }: Series, symbol: string, placements: PlotLayout["labels"]): object[] {
  return points.flatMap(({ x, y, low, high }, i) => {
    const place = placements[i]!;
    const bar = {
      type: "line",
      data: [
        [x, low],
        [x, high],
      ],
      symbol: "rect",
      symbolSize: [12, 1.5],
      lineStyle: { color, width: 1.5 },
      itemStyle: { color },
    };
    const point = {
      type: "scatter",
      data: [[x, y]],
      symbol,
      symbolSize: 12,
      itemStyle: { color },
      z: 3,
      label: {
        show: true,
        formatter: () => name,
        position: place.side,
        distance: place.side === "left" || place.side === "right" ? 4 : 3,
        offset: [0, place.shift],
        fontSize: fontSize.label,
        color: ink,
      },
    };
    return low === undefined || high === undefined ? [point] : [bar, point];
  });
}

const cell = 34;
const matrixMargin = { left: 120, top: 40, right: 16, bottom: 110 };

export function matrixSize({ names }: MatrixFigure): Size {
  const side = Math.max(5, names.length) * cell;
  return {
    width: matrixMargin.left + side + matrixMargin.right,
    height: matrixMargin.top + side + matrixMargin.bottom,
  };
}

function matrixOption({ title, names, counts, rowLabel, columnLabel }: MatrixFigure): EChartsCoreOption {
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const share = (row: number, column: number) => counts[row]![column]! / Math.max(1, totals[row]!);
  const cells = names.flatMap((_, row) =>
    names.map((_, column) => ({
      value: [column, row, share(row, column)],
      label: { color: share(row, column) > 0.5 ? "#fff" : ink, formatter: () => String(counts[row]![column] || "") },
    })),
  );
  const axis = { type: "category", data: names, splitArea: { show: false }, axisTick: { show: false } };
  const name = { nameLocation: "middle", nameTextStyle: { fontSize: fontSize.axis, color: ink } };
  return {
    ...commonOption(title),
    grid: matrixMargin,
    xAxis: {
      ...axis,
      ...name,
      name: columnLabel,
      nameGap: 92,
      axisLabel: { rotate: 45, interval: 0, color: ink, fontSize: 11, width: 90, overflow: "truncate" },
    },
    yAxis: {
      ...axis,
      ...name,
      name: rowLabel,
      nameGap: 98,
      inverse: true,
      axisLabel: { interval: 0, color: ink, fontSize: 11, width: 84, overflow: "truncate" },
    },
    visualMap: { show: false, min: 0, max: 1, inRange: { color: ["#f7fafc", "#56b4e9", "#0072b2", "#00405f"] } },
    series: [
      { type: "heatmap", data: cells, label: { show: true, fontSize: 11 }, itemStyle: { borderColor: "#dfe4e8" } },
    ],
  };
}

/**
 * The same records give the same text: names that count up through a process are made the figure's own, and what only an
 * interactive chart needs is taken out.
 */
function toSvg(option: EChartsCoreOption, { width, height }: Size, { id, title }: Figure): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption(option);
  const svg = chart.renderToSVGString({ useViewBox: true });
  chart.dispose();
  return svg
    .replace(/<style[^>]*>[\s\S]*?<\/style>/g, "")
    .replace(/ (?:class="zr\d+-cls-\d+"|ecmeta_\w+="[^"]*")/g, "")
    .replace(/\bzr\d+-/g, `${id}-`)
    .replace("<svg ", `<svg role="img" aria-label="${escapeHtml(title)}" `);
}
