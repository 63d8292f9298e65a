/** What this process runs on: goes into every record, so that no figure is without its hardware and versions. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";

export interface Machine {
  readonly platform: string;
  readonly kernel: string;
  readonly cpuModel: string;
  readonly cpuCount: number;
  /** Instruction sets that change speed or int8 results (avx2, avx512f, avx512_vnni ...). */
  readonly cpuFeatures: string[];
  readonly memoryBytes: number;
  readonly node: string;
}

const notedFeatures = [
  "avx2",
  "fma",
  "f16c",
  "avx512f",
  "avx512_vnni",
  "avx_vnni",
  "amx_int8",
  "asimd",
  "asimddp",
  "i8mm",
];

export function describeMachine(): Machine {
  return {
    platform: `${process.platform} ${process.arch}`,
    kernel: release(),
    cpuModel: cpus()[0]?.model ?? "unknown",
    cpuCount: availableParallelism(),
    cpuFeatures: cpuFeatures(),
    memoryBytes: totalmem(),
    node: process.version,
  };
}

function cpuFeatures(): string[] {
  if (process.platform !== "linux") return [];
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "";
  const present = new Set(line.trim().split(/\s+/));
  return notedFeatures.filter((feature) => present.has(feature));
}
