/** What a run writes at its end: forms of the report, consent to show photos, prices. */
import { z } from "zod";

export const reportFormats = ["html", "pptx", "pdf"] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** Names of the files, in the run's folder. */
export const reportFiles: Readonly<Record<ReportFormat, string>> = {
  html: "report.html",
  pptx: "slides.pptx",
  pdf: "slides.pdf",
};

export const prices = z.strictObject({
  currency: z.string().min(1).max(12).describe("Currency, as EUR"),
  cpuCoreHour: z.number().min(0).describe("Price of one requested CPU core for an hour"),
  memoryGibHour: z.number().min(0).describe("Price of one requested GiB of memory for an hour"),
  source: z.string().min(1).describe("Where the prices come from and of which day; shown beside every cost"),
});

export const report = z.strictObject({
  formats: z
    .array(z.enum(reportFormats))
    .min(1)
    .default([...reportFormats])
    .describe("html: report.html; pptx: slides.pptx with native charts and notes; pdf: slides.pdf"),
  photos: z
    .boolean()
    .default(false)
    .describe("Consent to put small copies of misclassified real photos into report.html; drawn ones always are"),
  prices: prices
    .nullable()
    .default(null)
    .describe("Price sheet for what pods request; null: costs are shown in core-hours and GiB-hours"),
});

export type Prices = z.output<typeof prices>;
