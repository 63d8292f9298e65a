/** A slide as a section of the page, with the sentences that belong to it. Pure. */
import type { Figure } from "../figures/figure.ts";
import type { Sentence } from "../rules/index.ts";
import type { Block, Slide } from "../slides/slide.ts";
import { figureHtml } from "./figure.ts";
import { basis, escapeHtml, grid, list, paragraph, section, table } from "./html.ts";

/** @param more pieces that only the page has, after the slide's own */
export function slideSection(slide: Slide, ...more: readonly string[]): string {
  const figures = slide.blocks.flatMap((block): Figure[] => (block.kind === "figure" ? [block.figure] : []));
  const others = slide.blocks.filter(({ kind }) => kind !== "figure");
  const lead = slide.lead === null ? "" : paragraph(slide.lead, slide.blocks.length === 0 ? "missing" : "lead");
  return section(
    slide.number,
    slide.title,
    lead,
    grid(figures.map((figure) => figureHtml(figure))),
    ...others.map(blockHtml),
    basis(slide.basis),
    ...more,
    sentences(slide.notes),
  );
}

function blockHtml(block: Block): string {
  if (block.kind === "figure") return figureHtml(block.figure);
  return block.kind === "table" ? table(block.table) : list(block.items);
}

/** What can be said to it, each sentence with its rule and where its values lie. */
export function sentences(notes: readonly Sentence[]): string {
  if (notes.length === 0) return "";
  const items = notes.map(
    ({ text, rule, when, evidence }) =>
      `<li>${escapeHtml(text)}<small>${escapeHtml(`${rule}: ${when}. From ${evidence.join(", ")}`)}</small></li>`,
  );
  return `<details class="say"><summary>What the records say (${notes.length} ${notes.length === 1 ? "sentence" : "sentences"}, each with its evidence)</summary><ul>${items.join("")}</ul></details>`;
}
