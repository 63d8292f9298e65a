/** cgroup v1: a folder in each of the cpu, cpuacct and memory hierarchies. Kernel documentation: admin-guide/cgroup-v1. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { counter, ownerToken, removeGroups, removeStale, workingSetBytes } from "./group-folder.ts";
import type { Limiter } from "./limits.ts";
import { cpuQuotaMicros, cpuShares, periodMicros } from "./quota.ts";

/** cpu and cpuacct may be one hierarchy under two names. */
const hierarchies = {
  cpu: "/sys/fs/cgroup/cpu/fulcrum",
  cpuacct: "/sys/fs/cgroup/cpuacct/fulcrum",
  memory: "/sys/fs/cgroup/memory/fulcrum",
} as const;

/** @throws where a hierarchy is missing or cannot be written */
export async function openV1(): Promise<Limiter> {
  for (const folder of Object.values(hierarchies)) mkdirSync(folder, { recursive: true });
  // The folder of all replicas weighs as much as all cores, else it would share the CPU like a single process.
  writeFileSync(join(hierarchies.cpu, "cpu.shares"), String(cpuShares(availableParallelism() * 1000)));
  await removeStale(Object.values(hierarchies));
  const owner = ownerToken();
  return {
    enforcement: { cpu: "cgroup-v1", memory: "cgroup-v1", reason: null },
    create(replica, requests, limits) {
      const name = `${owner}-${replica}`;
      const cpu = join(hierarchies.cpu, name);
      const cpuacct = join(hierarchies.cpuacct, name);
      const memory = join(hierarchies.memory, name);
      const folders = [cpu, cpuacct, memory];
      for (const folder of folders) mkdirSync(folder, { recursive: true });
      writeFileSync(join(cpu, "cpu.cfs_period_us"), String(periodMicros));
      writeFileSync(join(cpu, "cpu.cfs_quota_us"), String(cpuQuotaMicros(limits.cpuMillis)));
      writeFileSync(join(cpu, "cpu.shares"), String(cpuShares(requests.cpuMillis)));
      writeFileSync(join(memory, "memory.limit_in_bytes"), String(limits.memoryBytes));
      return {
        add(pid) {
          for (const folder of folders) writeFileSync(join(folder, "cgroup.procs"), String(pid));
        },
        outOfMemoryKills: () => counter(readFileSync(join(memory, "memory.oom_control"), "utf8"), "oom_kill"),
        usage() {
          const inUse = Number(readFileSync(join(memory, "memory.usage_in_bytes"), "utf8"));
          const stat = readFileSync(join(memory, "memory.stat"), "utf8");
          return {
            cpuNanoseconds: Number(readFileSync(join(cpuacct, "cpuacct.usage"), "utf8")),
            memoryBytes: workingSetBytes(inUse, counter(stat, "total_inactive_file")),
          };
        },
        remove: () => removeGroups(folders),
      };
    },
  };
}
