/** Parts 2 to 5: single pod, max-size, what max-size meant, and how scaling was set. */
import type { Measurement } from "../../records/measurement.ts";
import type { RecordOf } from "../../records/record.ts";
import { renderScatter, type ScatterPoint } from "../charts.ts";
import type { ReportInput } from "../gather.ts";
import { basis, figure, missing, section, table } from "../html.ts";
import { measurementBasis, mebibytes, ofNode, percent } from "../words.ts";

const parts = { single: ["2", "Single pod"], max: ["3", "Max-size deployment"] } as const;

/** Response time and transaction rate against accuracy, for one shape. */
export function scatterSection(input: ReportInput, shape: "single" | "max"): string {
  const [number, title] = parts[shape];
  const measured = input.measurements.filter(({ body }) => body.shape === shape && body.summary.responseMs !== null);
  const first = measured[0];
  if (!first) return section(number, title, missing(title, "fulcrum measure"));
  const points = (value: (m: Measurement) => number) =>
    measured.flatMap(({ body }) => pointOf(input, body, value(body)));
  const yLabel = "test accuracy, %";
  const draw = (name: string, xLabel: string, invertX: boolean, value: (m: Measurement) => number) => {
    const data = points(value);
    if (data.length === 0) return missing("Accuracy", "fulcrum run");
    const rows = data.map(({ name: model, x, y, low, high }) => [
      model,
      x.toFixed(1),
      `${y.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`,
    ]);
    const svg = renderScatter({ title: name, xLabel, yLabel, invertX, points: data });
    return figure(svg, `${title}: ${name}`, table(["model", xLabel, yLabel], rows));
  };
  return section(
    number,
    title,
    '<div class="grid">',
    draw("Response time", "mean response time, ms (fast on the right)", true, (m) => m.summary.responseMs!.mean),
    draw("Transaction rate", "requests a second", false, (m) => m.summary.transactionRatePerSecond),
    "</div>",
    table(
      ["model", "rate, 1/s", "mean ms", "p50", "p90", "p99", "max", "availability"],
      measured.map(({ body }) => summaryRow(body)),
    ),
    basis(measurementBasis(first)),
  );
}

function pointOf({ evaluations }: ReportInput, { candidate }: Measurement, x: number): ScatterPoint[] {
  const accuracy = evaluations.find(({ body }) => body.candidate === candidate)?.body.accuracy;
  if (!accuracy) return [];
  return [{ name: candidate, x, y: 100 * accuracy.estimate, low: 100 * accuracy.low, high: 100 * accuracy.high }];
}

function summaryRow({ candidate, summary }: Measurement): string[] {
  const { responseMs, transactionRatePerSecond, availability } = summary;
  const times = responseMs ? [responseMs.mean, responseMs.p50, responseMs.p90, responseMs.p99, responseMs.max] : [];
  return [
    candidate,
    transactionRatePerSecond.toFixed(1),
    ...times.map((ms) => ms.toFixed(0)),
    availability === null ? "-" : percent(availability, 2),
  ];
}

export function maxSizeSection({ measurements }: ReportInput): string {
  const measured = measurements.filter(({ body }) => body.shape === "max");
  const first = measured[0];
  if (!first) return section("4", "What max-size meant", missing("Max-size", "fulcrum measure"));
  const fullest = (body: Measurement) => [...body.nodes].sort((a, b) => b.replicas - a.replicas)[0]!;
  const row = (label: string, value: (body: Measurement) => string) => [
    label,
    ...measured.map(({ body }) => value(body)),
  ];
  const rows = [
    row("replicas asked for", ({ asked }) => String(asked)),
    row("replicas really Running", ({ running }) => String(running)),
    row("Pending, and why", ({ pending }) =>
      pending.length > 0 ? `${pending.length}: ${pending[0]!.reason}` : "none",
    ),
    row("pod requests", ({ pod }) => `${pod.requests.cpuMillis}m, ${mebibytes(pod.requests.memoryBytes)}`),
    row("pod limits", ({ pod }) => `${pod.limits.cpuMillis}m, ${mebibytes(pod.limits.memoryBytes)}`),
    row("fullest node: CPU requests", (body) => nodeCell(body, fullest, "requests", "cpu")),
    row("fullest node: memory requests", (body) => nodeCell(body, fullest, "requests", "memory")),
    row("fullest node: CPU limits", (body) => nodeCell(body, fullest, "limits", "cpu")),
    row("fullest node: memory limits", (body) => nodeCell(body, fullest, "limits", "memory")),
  ];
  const header = ["", ...measured.map(({ body }) => body.candidate)];
  const note =
    "Node totals include the declared system pods. The nodes are declared room for scheduling, not real cores.";
  return section("4", "What max-size meant", table(header, rows), basis(`${note} ${measurementBasis(first)}`));
}

type NodeTotals = Measurement["nodes"][number];

function nodeCell(
  body: Measurement,
  pick: (body: Measurement) => NodeTotals,
  what: "requests" | "limits",
  unit: "cpu" | "memory",
): string {
  const node = pick(body);
  const key = unit === "cpu" ? "cpuMillis" : "memoryBytes";
  return ofNode(node[what][key], node.capacity[key], unit);
}

export function scalingSection({ measurements }: ReportInput): string {
  const measured = measurements.filter(({ body }) => body.autoscaling !== null);
  if (measured.length === 0) return section("5", "Horizontal scaling", missing("Autoscaling", "fulcrum measure"));
  const row = (label: string, value: (record: RecordOf<Measurement>) => string) => [label, ...measured.map(value)];
  const rows = [
    row("min / max replicas", ({ body }) => `${body.autoscaling!.minReplicas} / ${body.autoscaling!.maxReplicas}`),
    row("target CPU", ({ body }) => `${body.autoscaling!.targetCpuPercent} % of the request`),
    row("CPU request / limit", ({ body }) => `${body.pod.requests.cpuMillis}m / ${body.pod.limits.cpuMillis}m`),
    row(
      "memory request / limit",
      ({ body }) => `${mebibytes(body.pod.requests.memoryBytes)} / ${mebibytes(body.pod.limits.memoryBytes)}`,
    ),
  ];
  return section("5", "Horizontal scaling", table(["", ...measured.map(({ body }) => body.candidate)], rows, true));
}
