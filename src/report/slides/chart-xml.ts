/**
 * A plot as a native chart of a slide: DrawingML of ECMA-376 part 1, 21.2, elements in the order of its schema. pptxgenjs
 * makes the chart's place, workbook and relations; its own scatter charts know one look for all series and one x for all
 * points, so the chart itself is written here. Pure.
 */
import type { Axis, PlotFigure, Point, Series } from "../figures/figure.ts";
import type { Side } from "../figures/labels.ts";
import { hasLegend, layoutPlot, type PlotLayout, type Size } from "../figures/plot-layout.ts";
import { escapeXml } from "./xml.ts";

/** The chart's workbook: column A holds x, column k + 1 the y of series k; each series has rows of its own. */
export interface Worksheet {
  readonly x: readonly number[];
  readonly columns: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

const ink = "1A1F24";
const grid = "E3E7EA";
const axisIds = { x: 111111111, y: 222222222 } as const;
const emusPerPoint = 12700;

/** Points as they are drawn: a step is two points. */
export function drawnPoints({ look, points }: Series): readonly Point[] {
  if (look !== "steps") return points;
  return points.flatMap((point, i) => {
    const before = points[i - 1];
    return before && before.y !== point.y ? [{ x: point.x, y: before.y }, point] : [point];
  });
}

export function worksheetOf({ series }: PlotFigure): Worksheet {
  const blocks = series.map(drawnPoints);
  return {
    x: blocks.flatMap((points) => points.map(({ x }) => x)),
    columns: series.map(({ name }, column) => ({
      name,
      values: blocks.flatMap((points, block) => points.map(({ y }) => (block === column ? y : null))),
    })),
  };
}

/** @param size of the chart in CSS pixels, by which names are placed */
export function renderChartXml(figure: PlotFigure, size: Size): string {
  const layout = layoutPlot(figure, size);
  let firstRow = 2;
  let label = 0;
  const series = figure.series.map((one, index) => {
    const points = drawnPoints(one);
    const placement = one.look === "points" ? layout.labels[label++] : undefined;
    const xml = seriesXml(one, points, { index, firstRow, placement, size });
    firstRow += points.length;
    return xml;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
    '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">',
    '<c:date1904 val="0"/><c:roundedCorners val="0"/><c:chart>',
    titleXml(figure.title, 12, true),
    '<c:autoTitleDeleted val="0"/><c:plotArea><c:layout/>',
    '<c:scatterChart><c:scatterStyle val="lineMarker"/><c:varyColors val="0"/>',
    ...series,
    `<c:axId val="${axisIds.x}"/><c:axId val="${axisIds.y}"/></c:scatterChart>`,
    axisXml("x", figure.x, "min"),
    axisXml("y", figure.y, figure.x.isInverted ? "max" : "min"),
    "</c:plotArea>",
    legendXml(figure),
    '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>',
    '<c:spPr><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill><a:ln><a:noFill/></a:ln></c:spPr>',
    '<c:externalData r:id="rId1"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>',
  ].join("");
}

interface SeriesPlace {
  readonly index: number;
  /** Row of the worksheet in which the series' points begin, from 1. */
  readonly firstRow: number;
  readonly placement: PlotLayout["labels"][number] | undefined;
  readonly size: Size;
}

function seriesXml(series: Series, points: readonly Point[], place: SeriesPlace): string {
  const { index, firstRow } = place;
  const column = columnName(index + 1);
  const rows = `${firstRow}:$COL$${firstRow + Math.max(1, points.length) - 1}`;
  const reference = (name: string) => `Sheet1!$${name}$${rows.replace("$COL", `$${name}`)}`;
  return [
    `<c:ser><c:idx val="${index}"/><c:order val="${index}"/>`,
    `<c:tx><c:strRef><c:f>Sheet1!$${column}$1</c:f><c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>${escapeXml(series.name)}</c:v></c:pt></c:strCache></c:strRef></c:tx>`,
    `<c:spPr>${lineXml(series)}</c:spPr>`,
    markerXml(series, points.length),
    place.placement ? labelXml(place.placement, place.size) : "",
    errorBarsXml(series),
    `<c:xVal>${numbersXml(
      reference("A"),
      points.map(({ x }) => x),
    )}</c:xVal>`,
    `<c:yVal>${numbersXml(
      reference(column),
      points.map(({ y }) => y),
    )}</c:yVal>`,
    '<c:smooth val="0"/></c:ser>',
  ].join("");
}

const fillXml = (color: string) =>
  `<a:solidFill><a:srgbClr val="${color.replace("#", "").toUpperCase()}"/></a:solidFill>`;

function lineXml({ look, dash, color }: Series): string {
  if (look === "points" || look === "events" || look === "rings") return "<a:ln><a:noFill/></a:ln>";
  const style = { solid: "solid", dashed: "dash", dotted: "sysDot" }[dash ?? (look === "target" ? "dashed" : "solid")];
  const width = Math.round((look === "target" ? 1.25 : 1.75) * emusPerPoint);
  return `<a:ln w="${width}" cap="rnd">${fillXml(color)}<a:prstDash val="${style}"/><a:round/></a:ln>`;
}

function markerXml({ look, marker, color }: Series, count: number): string {
  if (look === "rings") {
    return `<c:marker><c:symbol val="circle"/><c:size val="15"/><c:spPr><a:noFill/><a:ln w="15875">${fillXml(color)}</a:ln></c:spPr></c:marker>`;
  }
  const size = look === "points" ? 10 : look === "events" ? 7 : look === "line" && count < 60 ? 4 : 0;
  if (size === 0) return '<c:marker><c:symbol val="none"/></c:marker>';
  const paint = `<c:spPr>${fillXml(color)}<a:ln w="9525">${fillXml(color)}</a:ln></c:spPr>`;
  return `<c:marker><c:symbol val="${marker ?? "circle"}"/><c:size val="${size}"/>${paint}</c:marker>`;
}

const sides: Readonly<Record<Side, string>> = { right: "r", left: "l", top: "t", bottom: "b" };

/** The series' name beside its one point; a name that had to give way is moved by a share of the chart's height. */
function labelXml({ side, shift }: PlotLayout["labels"][number], { height }: Size): string {
  const paint = `<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>${textXml(11, false)}`;
  const shown = `<c:dLblPos val="${sides[side]}"/><c:showLegendKey val="0"/><c:showVal val="0"/><c:showCatName val="0"/><c:showSerName val="1"/><c:showPercent val="0"/><c:showBubbleSize val="0"/>`;
  const moved =
    shift === 0
      ? ""
      : `<c:dLbl><c:idx val="0"/><c:layout><c:manualLayout><c:x val="0"/><c:y val="${(shift / height).toFixed(4)}"/></c:manualLayout></c:layout>${paint}${shown}</c:dLbl>`;
  return `<c:dLbls>${moved}${paint}${shown}</c:dLbls>`;
}

function errorBarsXml({ points, color, look }: Series): string {
  const bounded = points.flatMap(({ y, low, high }) =>
    y === null || low === undefined || high === undefined ? [] : [{ plus: high - y, minus: y - low }],
  );
  if (bounded.length !== points.length || bounded.length === 0) return "";
  const literal = (values: readonly number[]) =>
    `<c:numLit><c:formatCode>General</c:formatCode>${cacheXml(values)}</c:numLit>`;
  const width = look === "points" ? 15875 : 9525;
  return [
    '<c:errBars><c:errDir val="y"/><c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="0"/>',
    `<c:plus>${literal(bounded.map(({ plus }) => plus))}</c:plus><c:minus>${literal(bounded.map(({ minus }) => minus))}</c:minus>`,
    `<c:spPr><a:ln w="${width}">${fillXml(color)}</a:ln></c:spPr></c:errBars>`,
  ].join("");
}

/** A point that is not there is a gap. */
function numbersXml(reference: string, values: readonly (number | null)[]): string {
  return `<c:numRef><c:f>${reference}</c:f><c:numCache><c:formatCode>General</c:formatCode>${cacheXml(values)}</c:numCache></c:numRef>`;
}

function cacheXml(values: readonly (number | null)[]): string {
  const points = values.map((value, i) => (value === null ? "" : `<c:pt idx="${i}"><c:v>${value}</c:v></c:pt>`));
  return `<c:ptCount val="${values.length}"/>${points.join("")}`;
}

/** @param crosses end of the other axis at which this one stands */
function axisXml(which: "x" | "y", axis: Axis, crosses: "min" | "max"): string {
  const other = which === "x" ? "y" : "x";
  const isX = which === "x";
  return [
    `<c:valAx><c:axId val="${axisIds[which]}"/><c:scaling>${axis.isLog ? '<c:logBase val="10"/>' : ""}`,
    `<c:orientation val="${axis.isInverted ? "maxMin" : "minMax"}"/><c:max val="${axis.max}"/><c:min val="${axis.min}"/></c:scaling>`,
    `<c:delete val="0"/><c:axPos val="${isX ? "b" : "l"}"/>`,
    `<c:majorGridlines><c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="${grid}"/></a:solidFill></a:ln></c:spPr></c:majorGridlines>`,
    titleXml(axis.label, 10, false, !isX),
    '<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="out"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>',
    '<c:spPr><a:ln w="9525"><a:solidFill><a:srgbClr val="8A949D"/></a:solidFill></a:ln></c:spPr>',
    textXml(10, false),
    `<c:crossAx val="${axisIds[other]}"/><c:crosses val="${crosses}"/><c:crossBetween val="midCat"/>`,
    axis.isLog ? "" : `<c:majorUnit val="${axis.step}"/>`,
    "</c:valAx>",
  ].join("");
}

/** Points have their names beside them; the rest is in the legend, where there is more than one. */
function legendXml(figure: PlotFigure): string {
  if (!hasLegend(figure)) return "";
  const hidden = figure.series.map(({ look }, i) =>
    look === "points" ? `<c:legendEntry><c:idx val="${i}"/><c:delete val="1"/></c:legendEntry>` : "",
  );
  return `<c:legend><c:legendPos val="t"/>${hidden.join("")}<c:overlay val="0"/>${textXml(9, false)}</c:legend>`;
}

const runProperties = (size: number, isBold: boolean) => `sz="${size * 100}" b="${isBold ? 1 : 0}"`;
const paintXml = `<a:solidFill><a:srgbClr val="${ink}"/></a:solidFill><a:latin typeface="Arial"/>`;

function textXml(size: number, isBold: boolean): string {
  return `<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr ${runProperties(size, isBold)}>${paintXml}</a:defRPr></a:pPr><a:endParaRPr lang="en-US"/></a:p></c:txPr>`;
}

function titleXml(text: string, size: number, isBold: boolean, isUpright = false): string {
  const body = isUpright ? '<a:bodyPr rot="-5400000" vert="horz"/>' : "<a:bodyPr/>";
  const properties = runProperties(size, isBold);
  return `<c:title><c:tx><c:rich>${body}<a:lstStyle/><a:p><a:pPr><a:defRPr ${properties}>${paintXml}</a:defRPr></a:pPr><a:r><a:rPr lang="en-US" ${properties}>${paintXml}</a:rPr><a:t>${escapeXml(text)}</a:t></a:r></a:p></c:rich></c:tx><c:overlay val="0"/></c:title>`;
}

/** 0 -> A, 25 -> Z, 26 -> AA. */
export function columnName(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : columnName(Math.floor(index / 26) - 1) + letter;
}
