/** Single pods, max-size, and how scaling was set, in figures. Pure. */
import type { Measurement } from "../../records/measurement.ts";
import { type Facts, type Measured, measuredAs } from "../facts/facts.ts";
import { countReasons, mebibytes, ofNode, percent } from "../words.ts";
import { columnTable, type Table } from "./table.ts";

const nameOf = ({ name }: Measured) => name;

/** Rates and response times, a measurement a row. */
export function loadTable(facts: Facts, shape: Measurement["shape"]): Table | undefined {
  const measured = measuredAs(facts, shape);
  if (measured.length === 0) return undefined;
  return {
    header: ["model", "rate, 1/s", "mean ms", "p50", "p90", "p99", "max", "answered", "availability"],
    rows: measured.map(loadRow),
    comparedColumns: 0,
  };
}

function loadRow({ name, body }: Measured): string[] {
  const { responseMs, transactionRatePerSecond, availability, okay } = body.summary;
  const times = responseMs
    ? [responseMs.mean, responseMs.p50, responseMs.p90, responseMs.p99, responseMs.max].map((ms) => ms.toFixed(0))
    : ["-", "-", "-", "-", "-"];
  return [
    name,
    transactionRatePerSecond.toFixed(1),
    ...times,
    String(okay),
    availability === null ? "-" : percent(availability, 2),
  ];
}

/** What max-size meant: asked for, Running, Pending, and what pods and nodes request. */
export function maxSizeTable(facts: Facts): Table | undefined {
  const measured = measuredAs(facts, "max");
  if (measured.length === 0) return undefined;
  const rows: [string, (measured: Measured) => string][] = [
    ["replicas asked for", ({ body }) => String(body.asked)],
    ["replicas really Running", ({ body }) => String(body.running)],
    [
      "Pending, and why",
      ({ body: { pending } }) =>
        pending.length > 0 ? `${pending.length} (${countReasons(pending.map(({ reason }) => reason))})` : "none",
    ],
    ["pod requests", ({ body: { pod } }) => `${pod.requests.cpuMillis}m, ${mebibytes(pod.requests.memoryBytes)}`],
    ["pod limits", ({ body: { pod } }) => `${pod.limits.cpuMillis}m, ${mebibytes(pod.limits.memoryBytes)}`],
    ...nodeRows,
  ];
  return columnTable(measured, nameOf, rows, measured.length);
}

export function scalingTable(facts: Facts): Table | undefined {
  const measured = measuredAs(facts, "autoscaled").filter(({ body }) => body.autoscaling !== null);
  if (measured.length === 0) return undefined;
  const rows: [string, (measured: Measured) => string][] = [
    ["min / max replicas", ({ body: { autoscaling } }) => `${autoscaling!.minReplicas} / ${autoscaling!.maxReplicas}`],
    ["target CPU", ({ body: { autoscaling } }) => `${autoscaling!.targetCpuPercent} % of the request`],
    ["pod: CPU request / limit", ({ body: { pod } }) => `${pod.requests.cpuMillis}m / ${pod.limits.cpuMillis}m`],
    [
      "pod: memory request / limit",
      ({ body: { pod } }) => `${mebibytes(pod.requests.memoryBytes)} / ${mebibytes(pod.limits.memoryBytes)}`,
    ],
    ...nodeRows,
  ];
  return columnTable(measured, nameOf, rows, measured.length);
}

type NodeTotals = Measurement["nodes"][number];

/** Totals of the node that holds the most replicas. */
const fullest = ({ nodes }: Measurement) => nodes.toSorted((a, b) => b.replicas - a.replicas)[0];

function nodeRow(
  label: string,
  what: "requests" | "limits",
  unit: "cpu" | "memory",
): [string, (m: Measured) => string] {
  return [`fullest node: ${label}`, ({ body }) => nodeCell(fullest(body), what, unit)];
}

const nodeRows = [
  nodeRow("CPU requests", "requests", "cpu"),
  nodeRow("CPU limits", "limits", "cpu"),
  nodeRow("memory requests", "requests", "memory"),
  nodeRow("memory limits", "limits", "memory"),
];

function nodeCell(node: NodeTotals | undefined, what: "requests" | "limits", unit: "cpu" | "memory"): string {
  if (!node) return "no node";
  const key = unit === "cpu" ? "cpuMillis" : "memoryBytes";
  return ofNode(node[what][key], node.capacity[key], unit);
}
