/** Records to a report: page, slides, figures. Drawing libraries are loaded when they are needed and not before. */
import type { Deck } from "./slides/slide.ts";
import type { Story } from "./story.ts";

export { type GatherOptions, gatherReport } from "./gather.ts";
export type { ReportInput } from "./input.ts";
export type { Sentence } from "./rules/index.ts";
export { type Story, tellStory } from "./story.ts";

/** One self-contained HTML page. */
export async function renderReport(story: Story): Promise<string> {
  const { renderPage } = await import("./page/page.ts");
  return renderPage(story);
}

/** The slides, with charts and tables that stay editable, and speaker notes. */
export async function renderSlides(deck: Deck, format: "pptx" | "pdf"): Promise<Uint8Array> {
  if (format === "pptx") return (await import("./slides/pptx.ts")).renderPptx(deck);
  return (await import("./slides/pdf.ts")).renderPdf(deck);
}
