/** Records to a report. */
import type { ReportInput } from "./gather.ts";

export { gatherReport, type ReportInput } from "./gather.ts";

/** One self-contained HTML page; ECharts is loaded here and not before. */
export async function renderReport(input: ReportInput): Promise<string> {
  const { renderPage } = await import("./page.ts");
  return renderPage(input);
}
