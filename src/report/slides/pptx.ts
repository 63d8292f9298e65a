/** Slides -> PPTX: native charts and tables that stay editable, and what is said as speaker notes. */
import PptxGenJs from "pptxgenjs";
import type { PlotFigure } from "../figures/figure.ts";
import { isDifferent, type Table } from "../tables/table.ts";
import { renderChartXml, worksheetOf } from "./chart-xml.ts";
import { cellMargin, type Frame, fitTable, fitText, frames, type PlacedBlock, page, placeBlocks } from "./layout.ts";
import { finishPackage } from "./pptx-package.ts";
import type { Deck, Slide } from "./slide.ts";

/** Its ES module exports the class itself; its types describe the CommonJS form. */
const PresentationClass = PptxGenJs as unknown as typeof PptxGenJs.default;
type Presentation = InstanceType<typeof PresentationClass>;
type PptxSlide = ReturnType<Presentation["addSlide"]>;

const ink = "1A1F24";
const quiet = "59636D";
const mark = "FFF3CF";
const line = "D5DBE0";
const font = "Arial";
const pixelsPerInch = 96;

export async function renderPptx(deck: Deck): Promise<Uint8Array> {
  const presentation = new PresentationClass();
  presentation.defineLayout({ name: "page", width: page.width, height: page.height });
  presentation.layout = "page";
  presentation.title = deck.title;
  presentation.author = "fulcrum";
  presentation.company = "";
  presentation.subject = "Slides of a run, made by fulcrum from its records";
  const charts: PlacedChart[] = [];
  for (const slide of deck.slides) addSlide(presentation, slide, charts);
  const bytes = (await presentation.write({ outputType: "uint8array" })) as Uint8Array;
  const notes = deck.slides.map((slide) => slide.notes.map(({ text }) => text));
  const parts = charts.map(({ figure, frame }) => ({
    xml: renderChartXml(figure, { width: frame.w * pixelsPerInch, height: frame.h * pixelsPerInch }),
    columns: ["x", ...worksheetOf(figure).columns.map(({ name }) => name)],
  }));
  return finishPackage(bytes, parts, notes);
}

interface PlacedChart {
  readonly figure: PlotFigure;
  readonly frame: Frame;
}

function addSlide(presentation: Presentation, slide: Slide, charts: PlacedChart[]): void {
  const target = presentation.addSlide();
  const text = { fontFace: font, color: ink, margin: 0 };
  target.addText(`${slide.number}  ${slide.title}`, { ...frames.title, ...text, fontSize: 26, bold: true });
  if (slide.lead !== null) {
    const fontSize = fitText([slide.lead], frames.lead, 16);
    target.addText(slide.lead, { ...frames.lead, ...text, fontSize, color: "0072B2", valign: "top" });
  }
  if (slide.basis !== "") {
    const fontSize = fitText([slide.basis], frames.basis, 9);
    target.addText(slide.basis, { ...frames.basis, ...text, fontSize, color: quiet, valign: "bottom" });
  }
  for (const placed of placeBlocks(slide)) addBlock(target, placed, charts);
  target.addNotes(slide.notes.length > 0 ? slide.notes.map(({ text: sentence }) => sentence).join("\n") : " ");
}

function addBlock(target: PptxSlide, { block, frame }: PlacedBlock, charts: PlacedChart[]): void {
  if (block.kind === "figure") {
    charts.push({ figure: block.figure, frame });
    addChart(target, block.figure, frame);
  } else if (block.kind === "table") addTable(target, block.table, frame);
  else {
    const fontSize = fitText(block.items, frame, 18);
    const items = block.items.map((text) => ({ text, options: { bullet: true, breakLine: true, paraSpaceAfter: 4 } }));
    target.addText(items, { ...frame, fontFace: font, color: ink, fontSize, valign: "top", margin: 0 });
  }
}

/** Its place, workbook and relations; the chart's own XML is put in by finishPackage. */
function addChart(target: PptxSlide, figure: PlotFigure, frame: Frame): void {
  const { x, columns } = worksheetOf(figure);
  const values = (numbers: readonly (number | null)[]) => numbers as number[];
  const data = [
    { name: "x", values: values(x) },
    ...columns.map(({ name, values: column }) => ({ name, values: values(column) })),
  ];
  target.addChart("scatter", data, {
    ...frame,
    altText: `${figure.title}: ${figure.y.label} over ${figure.x.label}`,
    chartColors: columns.map(() => ink),
  });
}

function addTable(target: PptxSlide, table: Table, frame: Frame): void {
  const { fontSize, columnWidths, rowHeights } = fitTable(table, frame);
  const margin: [number, number, number, number] = [cellMargin.y, cellMargin.x, cellMargin.y, cellMargin.x];
  const common = { fontFace: font, fontSize, color: ink, margin, valign: "top" as const };
  const none = { type: "none" as const };
  const bottom = (pt: number) => [none, none, { type: "solid" as const, pt, color: line }, none];
  const head = table.header.map((text) => ({ text, options: { ...common, bold: true, border: border(bottom(1.5)) } }));
  const body = table.rows.map((row) => {
    const fill = isDifferent(row, table) ? { fill: { color: mark } } : {};
    return row.map((text, column) => ({
      text,
      options: { ...common, ...fill, bold: column === 0, border: border(bottom(0.5)) },
    }));
  });
  const { x, y, w } = frame;
  target.addTable([head, ...body], { x, y, w, colW: [...columnWidths], rowH: [...rowHeights], autoPage: false });
}

type Border = { type: "none" } | { type: "solid"; pt: number; color: string };
const border = (sides: readonly Border[]) => sides as [Border, Border, Border, Border];
