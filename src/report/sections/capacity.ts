/** Parts 2 to 5: single pod, max-size, what max-size meant, and how scaling was set. */
import type { Measurement } from "../../records/measurement.ts";
import type { RecordOf } from "../../records/record.ts";
import { renderScatter, type ScatterPoint } from "../charts.ts";
import type { ReportInput } from "../gather.ts";
import { basis, figure, missing, section, table } from "../html.ts";
import { measurementBasis, mebibytes, ofNode, percent, runBasis } from "../words.ts";

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
    basis(`${measurementBasis(measured)}. Accuracy: ${runBasis(input)}.`),
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
  const row = (label: string, value: (body: Measurement) => string) => [
    label,
    ...measured.map(({ body }) => value(body)),
  ];
  const rows = [
    row("replicas asked for", ({ asked }) => String(asked)),
    row("replicas really Running", ({ running }) => String(running)),
    row("Pending, and why", ({ pending }) =>
      pending.length > 0 ? `${pending.length} (${countReasons(pending.map(({ reason }) => reason))})` : "none",
    ),
    row("pod requests", ({ pod }) => `${pod.requests.cpuMillis}m, ${mebibytes(pod.requests.memoryBytes)}`),
    row("pod limits", ({ pod }) => `${pod.limits.cpuMillis}m, ${mebibytes(pod.limits.memoryBytes)}`),
    ...nodeRows(measured.map(({ body }) => body)),
  ];
  const header = ["", ...measured.map(({ body }) => body.candidate)];
  const note =
    "Node totals include the declared system pods. The nodes are declared room for scheduling, not real cores.";
  return section("4", "What max-size meant", table(header, rows), basis(`${note} ${measurementBasis(measured)}`));
}

/** "10 x 0/3 nodes are available: 3 Insufficient cpu; 1 x ..." */
export function countReasons(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} x ${reason}`).join("; ");
}

type NodeTotals = Measurement["nodes"][number];

/** Totals of the node that holds the most replicas, a measurement a column. */
function nodeRows(measured: readonly Measurement[]): string[][] {
  const fullest = ({ nodes }: Measurement) => nodes.toSorted((a, b) => b.replicas - a.replicas)[0];
  const row = (label: string, what: "requests" | "limits", unit: "cpu" | "memory") => [
    `fullest node: ${label}`,
    ...measured.map((body) => nodeCell(fullest(body), what, unit)),
  ];
  return [
    row("CPU requests", "requests", "cpu"),
    row("CPU limits", "limits", "cpu"),
    row("memory requests", "requests", "memory"),
    row("memory limits", "limits", "memory"),
  ];
}

function nodeCell(node: NodeTotals | undefined, what: "requests" | "limits", unit: "cpu" | "memory"): string {
  if (!node) return "no node";
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
    ...nodeRows(measured.map(({ body }) => body)),
  ];
  const header = ["", ...measured.map(({ body }) => body.candidate)];
  const note = "Pods' own requests and limits, then node totals when the load began, declared system pods included.";
  return section(
    "5",
    "Horizontal scaling",
    table(header, rows, measured.length),
    basis(`Marked rows differ. ${note} ${measurementBasis(measured)}`),
  );
}
