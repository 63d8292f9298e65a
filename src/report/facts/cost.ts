/** What a recipe costs: what is requested is paid for, used or not. Pure. */
import type { Measurement } from "../../records/measurement.ts";
import { courseRowOf, totalsOf } from "./course.ts";

/** Money for an hour of what is requested, in one currency. */
export interface PriceSheet {
  readonly currency: string;
  readonly cpuCoreHour: number;
  readonly memoryGibHour: number;
  /** Where the prices come from. */
  readonly source: string;
}

export interface Cost {
  /** Requested, for a million answered requests. */
  readonly coreHours: number;
  readonly gibHours: number;
  /** null without a price sheet. */
  readonly money: number | null;
  /** Share of the requested CPU that was used, 0..1; null where use was not sampled. */
  readonly usedCpuShare: number | null;
}

const million = 1_000_000;

/** undefined where nothing was answered. */
export function costOf(measurement: Measurement, prices: PriceSheet | null): Cost | undefined {
  const { okay, elapsedSeconds } = measurement.summary;
  if (okay === 0 || elapsedSeconds === 0) return undefined;
  const { cores, gib, usedCpuShare } = requested(measurement);
  const hoursAMillion = (elapsedSeconds / 3600 / okay) * million;
  const [coreHours, gibHours] = [cores * hoursAMillion, gib * hoursAMillion];
  const money = prices && coreHours * prices.cpuCoreHour + gibHours * prices.memoryGibHour;
  return { coreHours, gibHours, money, usedCpuShare };
}

/** Cores and GiB requested on average over the measurement. */
function requested({ shape, pod, running, rows, samples }: Measurement) {
  const resources = totalsOf({ rows: rows.map(courseRowOf), samples }).resources;
  const isSampled = resources !== null && resources.cpuRequestCores > 0;
  const fixed = { cores: (pod.requests.cpuMillis / 1000) * running, bytes: pod.requests.memoryBytes * running };
  const isFixed = shape !== "autoscaled" || !isSampled;
  const cores = isFixed ? fixed.cores : resources.cpuRequestCores;
  const bytes = isFixed ? fixed.bytes : resources.memoryRequestBytes;
  const usedCpuShare =
    isSampled && resources.cpuUseCores !== null ? resources.cpuUseCores / resources.cpuRequestCores : null;
  return { cores, gib: bytes / 1024 ** 3, usedCpuShare };
}
