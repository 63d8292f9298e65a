/** Slides as data: what stands on them and what is said to them. The PPTX and the PDF draw the same ones. */
import type { PlotFigure } from "../figures/figure.ts";
import type { Sentence } from "../rules/index.ts";
import type { Table } from "../tables/table.ts";

export type Block =
  | { readonly kind: "figure"; readonly figure: PlotFigure }
  | { readonly kind: "table"; readonly table: Table }
  | { readonly kind: "bullets"; readonly items: readonly string[] };

export interface Slide {
  /** As in "6 Over time". */
  readonly number: string;
  readonly title: string;
  /** The one sentence to remember; null where there is none. */
  readonly lead: string | null;
  /** Empty where its records are missing: the lead then says so. */
  readonly blocks: readonly Block[];
  /** What it was measured on. */
  readonly basis: string;
  readonly notes: readonly Sentence[];
}

export interface Deck {
  readonly title: string;
  readonly slides: readonly Slide[];
}
