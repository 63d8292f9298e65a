/** Figures as text, and what they were measured on. Pure. */
import type { Interval } from "../records/evaluation.ts";
import type { Measurement } from "../records/measurement.ts";
import type { RecordHeader, RecordOf } from "../records/record.ts";
import type { Course } from "./facts/course.ts";
import type { Facts } from "./facts/facts.ts";
import type { ReportInput } from "./input.ts";

export const percent = (share: number, digits = 1) => `${(100 * share).toFixed(digits)} %`;

/** "84.3 % (81.2 to 86.9)" */
export function withInterval({ estimate, low, high }: Interval): string {
  return `${percent(estimate)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
}

/** "1.3": a difference of shares in percentage points. */
export const points = (share: number) => (100 * share).toFixed(1);

export const pValue = (p: number) => (p < 0.001 ? "< 0.001" : p.toFixed(3));

/** "rotationDegrees 10, horizontalFlip": settings that do something, as the project file names them. */
export function inWords(settings: Readonly<Record<string, unknown>>): string {
  const active = Object.entries(settings).filter(([, value]) => value !== 0 && value !== false && value !== null);
  return active.map(([name, value]) => (value === true ? name : `${name} ${String(value)}`)).join(", ");
}

export const mebibytes = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MiB`;

/** "2405m (60%)", as kubectl describe node shows it. */
export function ofNode(amount: number, capacity: number, unit: "cpu" | "memory"): string {
  const share = `${Math.trunc((100 * amount) / capacity)}%`;
  return `${unit === "cpu" ? `${amount}m` : mebibytes(amount)} (${share})`;
}

/** Hardware, versions, seed and data, in a line. */
export function runBasis({ dataset, trainings, measurements }: ReportInput): string {
  const record = measurements[0] ?? trainings[0] ?? dataset;
  if (!record) return "";
  const data = dataset
    ? `${dataset.body.synthetic ? "synthetic photos (drawn by fulcrum)" : "photos"} of ${dataset.body.dir.split("/").at(-1)}`
    : "photos unknown";
  const runtime = trainings[0] ? `, ONNX Runtime ${trainings[0].body.runtime.onnxruntime}` : "";
  return `${data}; ${madeOn(record)}${runtime}; ${record.createdAt.slice(0, 10)}`;
}

/** Hardware, versions and seed of one record. */
function madeOn({ machine, fulcrum, seed }: RecordHeader): string {
  const cpu = `${machine.cpuCount} x ${machine.cpuModel} (${machine.cpuFeatures.join(", ")})`;
  return `seed ${seed}; ${cpu}, ${machine.platform}, kernel ${machine.kernel}; fulcrum ${fulcrum}, Node ${machine.node}`;
}

/** What measurements under the same load were made on: the load, requests of each, limits, time scale, hardware. */
export function measurementBasis(records: readonly RecordOf<Measurement>[]): string {
  const [first] = records;
  if (!first) return "";
  const { enforcement, load } = first.body;
  const requests = records.map(({ body }) => `${body.candidate} ${body.summary.transactions}`).join(", ");
  const limits =
    enforcement.reason === null
      ? `limits enforced by ${enforcement.cpu}`
      : `limits NOT enforced (${enforcement.reason})`;
  const { target, cluster, nodes } = first.body;
  const shorter = target === "local" ? "minutes and autoscaler periods are" : "minutes are";
  const kept = target === "local" ? "" : "the cluster's periods, ";
  const scale =
    load.timeScale === 1
      ? ""
      : `; time scaled by ${load.timeScale}: ${shorter} shorter, ${kept}delays, users and start-up are not`;
  const where = cluster ? `; Kubernetes ${cluster.version}, ${nodes.length} nodes; loaded from` : ";";
  const date = first.body.startedAt.slice(0, 16);
  return `Measured with ${load.description}, one run each (requests: ${requests}); ${limits}${scale}${where} ${madeOn(first)}; ${date}Z`;
}

/** "10 x 0/3 nodes are available: 3 Insufficient cpu; 1 x ..." */
export function countReasons(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} x ${reason}`).join("; ");
}

/** What one course was measured on: its record's basis, or the files that it was read from. */
export function courseBasis({ measured }: Facts, { sources, rows, samples, startedMs }: Course): string {
  const own = measured.find(({ path }) => sources.rows.startsWith(`${path}#`));
  if (own) return measurementBasis([own.record]);
  const from = [...new Set([sources.rows, sources.samples])].join(", ");
  return `Read from ${from}: ${rows.length} runs of the load, ${samples.length} samples, from ${new Date(startedMs).toISOString().slice(0, 16)}Z; not measured by fulcrum`;
}
