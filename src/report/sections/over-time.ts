/** Parts 6 and 7: an autoscaled model under the varying load, in six panels. */
import type { Measurement } from "../../records/measurement.ts";
import type { RecordOf } from "../../records/record.ts";
import { type LineFigure, renderLines } from "../charts.ts";
import type { ReportInput } from "../gather.ts";
import { basis, figure, missing, paragraph, section, table } from "../html.ts";
import { measurementBasis, mebibytes, percent } from "../words.ts";

export function overTimeSections(input: ReportInput): string {
  const measured = input.measurements.filter(({ body }) => body.shape === "autoscaled");
  if (measured.length === 0) return section("6-7", "Over time", missing("The varying load", "fulcrum measure"));
  return measured.map((record, i) => overTime(record, String(6 + Math.min(i, 1)))).join("\n");
}

function overTime(record: RecordOf<Measurement>, number: string): string {
  const { body } = record;
  const panels = panelsOf(body).map((panel) => figure(renderLines(panel), panel.title, dataTable(panel)));
  return section(
    number,
    `Over time: ${body.candidate}`,
    `<div class="grid">${panels.join("")}</div>`,
    paragraph(judgement(body)),
    basis(measurementBasis([record])),
  );
}

/** Time is in minutes of the scenario: real minutes times the time scale. */
export function panelsOf({ rows, samples, startedAt, load }: Measurement): LineFigure[] {
  const startMs = Date.parse(startedAt);
  const minuteOf = (epochMs: number) => ((epochMs - startMs) / 60_000) * load.timeScale;
  const xLabel = load.timeScale === 1 ? "minutes" : `minutes of the scenario (time scaled by ${load.timeScale})`;
  const byRun = (value: (row: Measurement["rows"][number]) => number | null) =>
    rows.map((row) => [(row.startSeconds / 60) * load.timeScale + 0.5, value(row)] as const);
  const bySample = (name: string, value: (sample: Measurement["samples"][number]) => number, step = false) => {
    return { name, points: samples.map((sample) => [minuteOf(sample.epochMs), value(sample)] as const), step };
  };
  const one = (name: string, points: LineFigure["series"][number]["points"]) => [{ name, points }];
  return [
    {
      title: load.timeScale === 1 ? "Requests per minute" : "Requests per scaled minute",
      xLabel,
      yLabel: "requests",
      series: one(
        "requests",
        byRun(({ summary }) => summary.okay + summary.failed),
      ),
    },
    {
      title: "Mean response time",
      xLabel,
      yLabel: "ms",
      series: one(
        "response time",
        byRun(({ summary }) => summary.responseMs?.mean ?? null),
      ),
    },
    {
      title: "Availability",
      xLabel,
      yLabel: "%",
      yMax: 100,
      series: one(
        "availability",
        byRun(({ summary }) => (summary.availability === null ? null : 100 * summary.availability)),
      ),
    },
    {
      title: "Replicas",
      xLabel,
      yLabel: "replicas",
      series: [bySample("running", (s) => s.replicas, true), bySample("ready", (s) => s.readyReplicas, true)],
    },
    {
      title: "CPU",
      xLabel,
      yLabel: "cores",
      series: [
        bySample("requested", (s) => s.cpuRequestCores, true),
        bySample("limit", (s) => s.cpuLimitCores, true),
        bySample("used", (s) => s.cpuUseCores),
      ],
    },
    {
      title: "Memory",
      xLabel,
      yLabel: "MiB",
      series: [
        bySample("requested", (s) => s.memoryRequestBytes / 1024 ** 2, true),
        bySample("limit", (s) => s.memoryLimitBytes / 1024 ** 2, true),
        bySample("used", (s) => s.memoryUseBytes / 1024 ** 2),
      ],
    },
  ];
}

/** At most 60 rows: enough to read, few enough for a page. */
function dataTable({ xLabel, series }: LineFigure): string {
  const length = series[0]!.points.length;
  const stride = Math.max(1, Math.ceil(length / 60));
  const at = (i: number) => [
    series[0]!.points[i]![0].toFixed(2),
    ...series.map(({ points }) => points[i]?.[1]?.toFixed(2) ?? "-"),
  ];
  const rows = Array.from({ length: Math.ceil(length / stride) }, (_, i) => at(i * stride));
  return table([xLabel, ...series.map(({ name }) => name)], rows);
}

/** The recipe in figures, as the original judged it. */
export function judgement({ samples, rows, summary }: Measurement): string {
  const mean = (value: (sample: Measurement["samples"][number]) => number) =>
    samples.reduce((sum, sample) => sum + value(sample), 0) / Math.max(1, samples.length);
  const okay = rows.reduce((sum, row) => sum + row.summary.okay, 0);
  const weighted =
    rows.reduce((sum, row) => sum + row.summary.okay * (row.summary.responseMs?.mean ?? 0), 0) / Math.max(1, okay);
  const replicas = samples.map((sample) => sample.readyReplicas);
  return (
    `Memory: ${mebibytes(mean((s) => s.memoryRequestBytes))} requested and ${mebibytes(mean((s) => s.memoryUseBytes))} used on average. ` +
    `CPU: ${mean((s) => s.cpuRequestCores).toFixed(2)} cores requested and ${mean((s) => s.cpuUseCores).toFixed(2)} used. ` +
    `${(okay / summary.elapsedSeconds).toFixed(1)} requests answered a second, in ${weighted.toFixed(0)} ms (weighted by answers); availability ${summary.availability === null ? "-" : percent(summary.availability, 2)}. ` +
    `Ready replicas: ${replicas[0] ?? 0} at the start, ${Math.max(0, ...replicas)} at most, ${replicas.at(-1) ?? 0} at the end.`
  );
}
