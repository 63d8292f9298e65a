/**
 * resource_usage.csv: a row a sample. `time` is local time with milliseconds, as "2026-11-24 02:09:45.123", which
 * pandas.read_csv(parse_dates=["time"]) reads; KB are 1024 bytes, as Kubernetes' Ki. A tick without a sample is a row
 * with its time and nothing else, and use that is not known is an empty field; pandas reads both as NaN. Pure.
 */
import { formatLocalTime, parseLocalTime } from "../base/local-time.ts";
import { FulcrumError } from "../errors/index.ts";
import type { ResourceSample } from "../records/measurement.ts";

export const resourceUsageHeader =
  "time,n_replica,cpu_req_core,mem_req_KB,cpu_lim_core,mem_lim_KB,cpu_use_core,mem_use_KB";

const bytesPerKilobyte = 1024;

export function renderResourceUsageLine(sample: ResourceSample): string {
  const cores = (value: number) => String(Number(value.toFixed(6)));
  const kilobytes = (bytes: number) => String(Number((bytes / bytesPerKilobyte).toFixed(3)));
  return [
    formatLocalTime(sample.epochMs, "milliseconds"),
    String(sample.replicas),
    cores(sample.cpuRequestCores),
    kilobytes(sample.memoryRequestBytes),
    cores(sample.cpuLimitCores),
    kilobytes(sample.memoryLimitBytes),
    sample.cpuUseCores === null ? "" : cores(sample.cpuUseCores),
    sample.memoryUseBytes === null ? "" : kilobytes(sample.memoryUseBytes),
  ].join(",");
}

export function renderGapLine(epochMs: number): string {
  return `${formatLocalTime(epochMs, "milliseconds")},,,,,,,`;
}

/** The whole file: samples and gaps in the order of time. */
export function renderResourceUsageCsv(
  samples: readonly ResourceSample[],
  gaps: readonly { readonly epochMs: number }[] = [],
): string {
  const rows = [
    ...samples.map((sample) => ({ epochMs: sample.epochMs, line: renderResourceUsageLine(sample) })),
    ...gaps.map(({ epochMs }) => ({ epochMs, line: renderGapLine(epochMs) })),
  ].sort((a, b) => a.epochMs - b.epochMs);
  return `${[resourceUsageHeader, ...rows.map((row) => row.line)].join("\n")}\n`;
}

/**
 * Reads a resource_usage.csv. Replicas of the file count as ready ones too: it has no column for these.
 * @param path used in messages only
 * @throws LOAD_FILE_INVALID
 */
export function parseResourceUsageCsv(text: string, path: string): { samples: ResourceSample[]; gaps: number[] } {
  const [header, ...lines] = text.trimEnd().split(/\r?\n/);
  const fail = (line: number, problem: string) =>
    new FulcrumError("LOAD_FILE_INVALID", { path, line, expected: "line of resource_usage.csv", problem });
  if (header !== resourceUsageHeader) throw fail(1, `the header is ${header}; allowed: ${resourceUsageHeader}`);
  const samples: ResourceSample[] = [];
  const gaps: number[] = [];
  for (const [index, line] of lines.entries()) {
    const [time, ...fields] = line.split(",");
    const epochMs = parseLocalTime(time!);
    if (epochMs === undefined) throw fail(index + 2, `${time} is no time; allowed: YYYY-MM-DD HH:MM:SS.mmm`);
    if (fields.length !== 7) throw fail(index + 2, `it has ${fields.length + 1} fields; allowed: 8`);
    if (fields.every((field) => field === "")) {
      gaps.push(epochMs);
      continue;
    }
    const isUse = (column: number) => column >= 5;
    const wrong = fields.find((field, i) => !/^\d+(\.\d+)?$/.test(field) && !(isUse(i) && field === ""));
    if (wrong !== undefined) throw fail(index + 2, `${JSON.stringify(wrong)} is no number`);
    samples.push(
      sampleOf(
        epochMs,
        fields.map((field) => (field === "" ? null : Number(field))),
      ),
    );
  }
  return { samples, gaps };
}

/** @param values null only where use is not known */
function sampleOf(epochMs: number, values: readonly (number | null)[]): ResourceSample {
  const [replicas, cpuRequest, memoryRequest, cpuLimit, memoryLimit, cpuUse, memoryUse] = values;
  return {
    epochMs,
    replicas: replicas!,
    readyReplicas: replicas!,
    cpuRequestCores: cpuRequest!,
    memoryRequestBytes: memoryRequest! * bytesPerKilobyte,
    cpuLimitCores: cpuLimit!,
    memoryLimitBytes: memoryLimit! * bytesPerKilobyte,
    cpuUseCores: cpuUse ?? null,
    memoryUseBytes: memoryUse == null ? null : memoryUse * bytesPerKilobyte,
  };
}
