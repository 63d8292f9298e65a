/** Figures as text, and what they were measured on. Pure. */
import type { Interval } from "../records/evaluation.ts";
import type { Measurement } from "../records/measurement.ts";
import type { RecordOf } from "../records/record.ts";
import type { ReportInput } from "./gather.ts";

export const percent = (share: number, digits = 1) => `${(100 * share).toFixed(digits)} %`;

/** "84.3 % (81.2 to 86.9)" */
export function withInterval({ estimate, low, high }: Interval): string {
  return `${percent(estimate)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
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
  const { machine, fulcrum, seed } = record;
  const data = dataset
    ? `${dataset.body.synthetic ? "synthetic photos (drawn by fulcrum)" : "photos"} of ${dataset.body.dir.split("/").at(-1)}`
    : "photos unknown";
  return `${data}; seed ${seed}; ${machine.cpuCount} x ${machine.cpuModel} (${machine.cpuFeatures.join(", ")}), ${machine.platform}, Linux ${machine.kernel}; fulcrum ${fulcrum}, Node ${machine.node}`;
}

export function measurementBasis({ body, createdAt }: RecordOf<Measurement>): string {
  const { enforcement, load, summary } = body;
  const limits =
    enforcement.reason === null
      ? `limits enforced by ${enforcement.cpu}`
      : `limits NOT enforced (${enforcement.reason})`;
  const scale =
    load.timeScale === 1
      ? ""
      : `; time scaled by ${load.timeScale}: minutes and autoscaler periods are shorter, delays, users and start-up are not`;
  return `${load.description} from the same machine, ${summary.transactions} requests; ${limits}${scale}; ${createdAt.slice(0, 16)}Z`;
}
