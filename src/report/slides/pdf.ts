/** Slides -> PDF: the same pages as the PPTX, plots as vectors, text that can be searched. */
import { createRequire } from "node:module";
import pdfmake from "pdfmake";
import type { PlotFigure } from "../figures/figure.ts";
import { renderSvg } from "../figures/svg.ts";
import { isDifferent, type Table } from "../tables/table.ts";
import { cellMargin, type Frame, fitTable, fitText, frames, type PlacedBlock, page, placeBlocks } from "./layout.ts";
import type { Deck, Slide } from "./slide.ts";

const pointsPerInch = 72;
const pixelsPerPoint = 96 / 72;
const ink = "#1a1f24";
const quiet = "#59636d";

/** pdfmake brings Roboto (SIL Open Font License) and embeds what is used of it. */
const fontFile = (name: string) => createRequire(import.meta.url).resolve(`pdfmake/fonts/Roboto/Roboto-${name}.ttf`);

export async function renderPdf(deck: Deck): Promise<Uint8Array> {
  pdfmake.setFonts({
    Roboto: {
      normal: fontFile("Regular"),
      bold: fontFile("Medium"),
      italics: fontFile("Italic"),
      bolditalics: fontFile("MediumItalic"),
    },
  });
  // Nothing is fetched, and nothing is read but the fonts.
  pdfmake.setUrlAccessPolicy(() => false);
  pdfmake.setLocalAccessPolicy((path) => /Roboto-\w+\.ttf$/.test(path));
  const document = pdfmake.createPdf({
    pageSize: { width: page.width * pointsPerInch, height: page.height * pointsPerInch },
    pageMargins: 0,
    info: { title: deck.title, creator: "fulcrum", producer: "fulcrum" },
    defaultStyle: { font: "Roboto", color: ink, lineHeight: 1.05 },
    content: deck.slides.map((slide, i) => ({
      stack: slideContent(slide),
      ...(i > 0 && { pageBreak: "before" as const }),
    })),
  });
  return new Uint8Array(await document.getBuffer());
}

type Content = Readonly<Record<string, unknown>>;

function slideContent(slide: Slide): Content[] {
  const title = at(frames.title, { text: `${slide.number}  ${slide.title}`, fontSize: 26, bold: true });
  const lead =
    slide.lead === null
      ? []
      : [at(frames.lead, { text: slide.lead, fontSize: fitText([slide.lead], frames.lead, 16), color: "#0072b2" })];
  const basis =
    slide.basis === ""
      ? []
      : [at(frames.basis, { text: slide.basis, fontSize: fitText([slide.basis], frames.basis, 9), color: quiet })];
  // Something in the flow: a page of only placed parts would not be one.
  return [{ text: " ", fontSize: 1 }, title, ...lead, ...placeBlocks(slide).map(blockContent), ...basis];
}

/** A part at its place; columns bound its width. */
function at({ x, y, w }: Frame, content: Content): Content {
  return {
    columns: [{ width: w * pointsPerInch, ...content }],
    absolutePosition: { x: x * pointsPerInch, y: y * pointsPerInch },
  };
}

function blockContent({ block, frame }: PlacedBlock): Content {
  if (block.kind === "figure") return figureContent(block.figure, frame);
  if (block.kind === "table") return tableContent(block.table, frame);
  const fontSize = fitText(block.items, frame, 18);
  return at(frame, { ul: block.items.map((text) => ({ text, margin: [0, 0, 0, 4] })), fontSize });
}

function figureContent(figure: PlotFigure, { x, y, w, h }: Frame): Content {
  const [width, height] = [w * pointsPerInch, h * pointsPerInch];
  const size = { width: Math.round(width * pixelsPerPoint), height: Math.round(height * pixelsPerPoint) };
  return {
    svg: renderSvg(figure, size),
    width,
    absolutePosition: { x: x * pointsPerInch, y: y * pointsPerInch },
  };
}

function tableContent(table: Table, frame: Frame): Content {
  const { fontSize, columnWidths } = fitTable(table, frame);
  const [padX, padY] = [cellMargin.x * pointsPerInch, cellMargin.y * pointsPerInch];
  const cell = (text: string, isBold: boolean, isMarked: boolean) => {
    return { text, bold: isBold, ...(isMarked && { fillColor: "#fff3cf" }) };
  };
  return {
    table: {
      widths: columnWidths.map((width) => width * pointsPerInch - 2 * padX),
      headerRows: 1,
      body: [
        table.header.map((text) => cell(text, true, false)),
        ...table.rows.map((row) => row.map((text, i) => cell(text, i === 0, isDifferent(row, table)))),
      ],
    },
    fontSize,
    absolutePosition: { x: frame.x * pointsPerInch, y: frame.y * pointsPerInch },
    layout: {
      hLineWidth: (i: number) => (i === 0 ? 0 : i === 1 ? 1.5 : 0.5),
      vLineWidth: () => 0,
      hLineColor: () => "#d5dbe0",
      paddingLeft: () => padX,
      paddingRight: () => padX,
      paddingTop: () => padY,
      paddingBottom: () => padY,
    },
  };
}
