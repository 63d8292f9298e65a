/** Figures as data -> SVG text by ECharts' server-side rendering. */
import { CustomChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, TitleComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { escapeHtml } from "./html.ts";

use([CustomChart, LineChart, ScatterChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

/** Okabe and Ito's colours: told apart by colour-blind readers. */
export const palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"];

export interface ScatterPoint {
  readonly name: string;
  readonly x: number;
  /** Percent. */
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

export interface ScatterFigure {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Small values on the right. */
  readonly invertX: boolean;
  readonly points: readonly ScatterPoint[];
}

export interface LineSeries {
  readonly name: string;
  /** [x, y]; null leaves a gap. */
  readonly points: readonly (readonly [number, number | null])[];
  readonly step?: boolean;
}

export interface LineFigure {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly LineSeries[];
  readonly yMax?: number;
}

/** Axis range that holds the values with room around them. */
export function rangeAround(values: readonly number[], share = 0.2): { min: number; max: number } {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = Math.max((high - low) * share, Math.abs(high) * 0.02, 1e-9);
  const unit = 10 ** Math.floor(Math.log10(room));
  return { min: Math.max(0, Math.floor((low - room) / unit) * unit), max: Math.ceil((high + room) / unit) * unit };
}

export function renderScatter({ title, xLabel, yLabel, invertX, points }: ScatterFigure): string {
  const x = rangeAround(
    points.map((point) => point.x),
    0.35,
  );
  const y = rangeAround(
    points.flatMap(({ low, high }) => [low, high]),
    0.1,
  );
  const option: EChartsCoreOption = {
    animation: false,
    color: palette,
    title: { text: title, left: "center", textStyle: { fontSize: 16 } },
    grid: { left: 64, right: 36, top: 44, bottom: 56 },
    xAxis: {
      type: "value",
      name: xLabel,
      nameLocation: "middle",
      nameGap: 32,
      inverse: invertX,
      axisLine: { onZero: false },
      ...x,
      axisLabel: { hideOverlap: true },
    },
    yAxis: {
      type: "value",
      name: yLabel,
      nameLocation: "middle",
      nameGap: 46,
      position: "left",
      axisLine: { onZero: false },
      ...y,
    },
    series: points.flatMap((point, i) => [
      {
        type: "line",
        data: [
          [point.x, point.low],
          [point.x, point.high],
        ],
        symbol: "rect",
        symbolSize: [12, 1.5],
        lineStyle: { color: palette[i], width: 1.5 },
        itemStyle: { color: palette[i] },
      },
      {
        type: "scatter",
        data: [[point.x, point.y]],
        symbolSize: 14,
        itemStyle: { color: palette[i] },
        label: {
          show: true,
          formatter: point.name,
          position: isOnLeft(point.x, x, invertX) ? "right" : "left",
          distance: 10,
          fontSize: 14,
          color: "#1a1f24",
        },
        labelLayout: { moveOverlap: "shiftY" },
      },
    ]),
  };
  return toSvg(option, 560, 380, title);
}

/** Labels stand beside their point, towards the middle, clear of the error bar. */
function isOnLeft(value: number, { min, max }: { min: number; max: number }, isInverted: boolean): boolean {
  return value < (min + max) / 2 !== isInverted;
}

export function renderLines({ title, xLabel, yLabel, series, yMax }: LineFigure): string {
  const lastX = Math.max(1, ...series.flatMap(({ points }) => points.map(([x]) => x)));
  const option: EChartsCoreOption = {
    animation: false,
    color: palette,
    title: { text: title, left: "center", textStyle: { fontSize: 16 } },
    legend: series.length > 1 ? { top: 34, data: series.map(({ name }) => name) } : undefined,
    grid: { left: 64, right: 24, top: series.length > 1 ? 72 : 48, bottom: 52 },
    xAxis: {
      type: "value",
      name: xLabel,
      nameLocation: "middle",
      nameGap: 30,
      min: 0,
      max: Math.ceil(lastX),
      minInterval: 1,
    },
    yAxis: {
      type: "value",
      name: yLabel,
      nameLocation: "middle",
      nameGap: 46,
      min: 0,
      ...(yMax !== undefined && { max: yMax }),
    },
    series: series.map(({ name, points, step }) => ({
      type: "line",
      name,
      data: points.map((point) => [...point]),
      showSymbol: points.length < 50 && !step,
      symbolSize: 5,
      ...(step && { step: "end" }),
    })),
  };
  return toSvg(option, 560, 320, title);
}

function toSvg(option: EChartsCoreOption, width: number, height: number, label: string): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption(option);
  const svg = chart.renderToSVGString({ useViewBox: true });
  chart.dispose();
  return svg.replace("<svg ", `<svg role="img" aria-label="${escapeHtml(label)}" `);
}
