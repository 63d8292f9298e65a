/** Where the parts of a slide lie, in inches on a page of 13.333 x 7.5: the same for PPTX and PDF. Pure. */
import type { Table } from "../tables/table.ts";
import type { Block, Slide } from "./slide.ts";

export const page = { width: 40 / 3, height: 7.5, margin: 0.5 } as const;

/** Inches from the page's top left corner. */
export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface PlacedBlock {
  readonly block: Block;
  readonly frame: Frame;
}

const inner = page.width - 2 * page.margin;
const gap = 0.15;

export const frames = {
  title: { x: page.margin, y: 0.3, w: inner, h: 0.6 },
  lead: { x: page.margin, y: 0.9, w: inner, h: 0.55 },
  basis: { x: page.margin, y: 6.93, w: inner, h: 0.45 },
} as const satisfies Record<string, Frame>;

/** Blocks from top to bottom; figures share a row up to three, then fill a second one. */
export function placeBlocks({ blocks, lead }: Slide): PlacedBlock[] {
  const top = lead === null ? 1.0 : 1.5;
  const area = { x: page.margin, y: top, w: inner, h: frames.basis.y - 0.1 - top };
  const figures = blocks.filter(({ kind }) => kind === "figure");
  const others = blocks.filter(({ kind }) => kind !== "figure");
  const othersHeight = figures.length === 0 ? area.h : others.length === 0 ? 0 : heightBelowFigures(others);
  const grid = placeGrid(figures, { ...area, h: area.h - othersHeight });
  return [...grid, ...placeStack(others, { ...area, y: area.y + area.h - othersHeight, h: othersHeight })];
}

/** A table under plots takes what its rows need. */
function heightBelowFigures(blocks: readonly Block[]): number {
  const rows = blocks.reduce((sum, block) => sum + (block.kind === "table" ? block.table.rows.length + 1 : 3), 0);
  return Math.min(2.4, 0.3 * rows + gap);
}

function placeGrid(figures: readonly Block[], area: Frame): PlacedBlock[] {
  const columns = Math.min(3, figures.length);
  const rows = Math.ceil(figures.length / Math.max(1, columns));
  const w = (area.w - gap * (columns - 1)) / columns;
  const h = (area.h - gap * rows) / rows;
  return figures.map((block, i) => ({
    block,
    frame: { x: area.x + (i % columns) * (w + gap), y: area.y + Math.floor(i / columns) * (h + gap), w, h },
  }));
}

function placeStack(blocks: readonly Block[], area: Frame): PlacedBlock[] {
  const weightOf = (block: Block) => (block.kind === "table" ? block.table.rows.length + 1 : 2 + blocks.length * 6);
  const total = blocks.reduce((sum, block) => sum + weightOf(block), 0);
  let y = area.y;
  return blocks.map((block) => {
    const h = (area.h * weightOf(block)) / total;
    const frame = { x: area.x, y, w: area.w, h: h - (blocks.length > 1 ? gap : 0) };
    y += h;
    return { block, frame };
  });
}

export interface FittedTable {
  /** Points. */
  readonly fontSize: number;
  /** Inches. */
  readonly columnWidths: readonly number[];
  /** Inches, header first. */
  readonly rowHeights: readonly number[];
}

const largest = 14;
const smallest = 6.5;
/** Mean width of a character and height of a line, in parts of the font's size. */
const characterWidth = 0.53;
const lineHeight = 1.22;
export const cellMargin = { x: 0.08, y: 0.035 } as const;

/** The largest font at which the table keeps inside its frame; at the smallest one it may not. */
export function fitTable(table: Table, frame: Frame): FittedTable {
  for (let fontSize = largest; ; fontSize -= 0.5) {
    const fitted = measureTable(table, frame, fontSize);
    const height = fitted.rowHeights.reduce((sum, value) => sum + value, 0);
    if (height <= frame.h || fontSize <= smallest) return fitted;
  }
}

function measureTable({ header, rows }: Table, { w }: Frame, fontSize: number): FittedTable {
  const all = [header, ...rows];
  const needs = header.map((_, column) => Math.max(...all.map((row) => textInches(row[column] ?? "", fontSize)), 0.5));
  const columnWidths = shareWidth(needs, w);
  const rowHeights = all.map((row) => {
    const lines = row.map((text, column) => lineCount(text, columnWidths[column]! - 2 * cellMargin.x, fontSize));
    return (Math.max(1, ...lines) * fontSize * lineHeight) / 72 + 2 * cellMargin.y;
  });
  return { fontSize, columnWidths, rowHeights };
}

const textInches = (text: string, fontSize: number) => (text.length * fontSize * characterWidth) / 72;

/** Columns that need less than their share get what they need; the rest is shared by need. */
function shareWidth(needs: readonly number[], width: number): number[] {
  const padded = needs.map((need) => need + 2 * cellMargin.x + 0.05);
  const total = padded.reduce((sum, need) => sum + need, 0);
  if (total <= width) return padded.map((need) => need + (width - total) / padded.length);
  const fair = width / padded.length;
  const small = padded.map((need) => need <= fair);
  const taken = padded.reduce((sum, need, i) => sum + (small[i] ? need : 0), 0);
  const wanted = padded.reduce((sum, need, i) => sum + (small[i] ? 0 : Math.sqrt(need)), 0);
  return padded.map((need, i) => (small[i] ? need : ((width - taken) * Math.sqrt(need)) / wanted));
}

/** Lines that a text takes when words stay whole. */
function lineCount(text: string, width: number, fontSize: number): number {
  const perLine = Math.max(1, Math.floor((width * 72) / (fontSize * characterWidth)));
  let lines = 1;
  let used = 0;
  for (const word of text.split(" ")) {
    if (used > 0 && used + 1 + word.length > perLine) {
      lines++;
      used = 0;
    }
    lines += Math.floor(Math.max(0, word.length - 1) / perLine);
    used += word.length + (used > 0 ? 1 : 0);
  }
  return lines;
}

/** The largest font, in points, at which the lines of text fit the frame. */
export function fitText(items: readonly string[], { w, h }: Frame, from: number): number {
  for (let fontSize = from; fontSize > 7; fontSize -= 0.5) {
    const lines = items.reduce((sum, text) => sum + lineCount(text, w - 0.3, fontSize), 0);
    if ((lines * fontSize * lineHeight) / 72 + items.length * 0.06 <= h) return fontSize;
  }
  return 7;
}
