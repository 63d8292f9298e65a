/** Writes a report's files into a folder. */
import { join } from "node:path";
import { writeFileAtomic } from "../base/files.ts";
import { type ReportFormat, reportFiles } from "../config/report.ts";
import { renderReport, renderSlides, type Story } from "./index.ts";

/** @returns the paths, by format */
export async function writeReport(
  story: Story,
  dir: string,
  formats: readonly ReportFormat[],
): Promise<Partial<Record<ReportFormat, string>>> {
  const written: Partial<Record<ReportFormat, string>> = {};
  for (const format of formats) {
    const path = join(dir, reportFiles[format]);
    await writeFileAtomic(path, format === "html" ? await renderReport(story) : await renderSlides(story.deck, format));
    written[format] = path;
  }
  return written;
}
