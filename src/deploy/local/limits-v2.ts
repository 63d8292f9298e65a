/** cgroup v2: one folder with both controllers. Kernel documentation: admin-guide/cgroup-v2. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { counter, ownerToken, removeGroups, removeStale, workingSetBytes } from "./group-folder.ts";
import type { Limiter } from "./limits.ts";
import { cpuQuotaMicros, cpuWeight, periodMicros } from "./quota.ts";

const root = "/sys/fs/cgroup";

/** @throws where the hierarchy cannot be written or does not hand us the controllers */
export async function openV2(): Promise<Limiter> {
  const parent = join(root, "fulcrum");
  mkdirSync(parent, { recursive: true });
  for (const folder of [root, parent]) writeFileSync(join(folder, "cgroup.subtree_control"), "+cpu +memory");
  // The folder of all replicas weighs as much as all cores, else it would share the CPU like a single process.
  writeFileSync(join(parent, "cpu.weight"), String(cpuWeight(availableParallelism() * 1000)));
  await removeStale([parent]);
  const owner = ownerToken();
  return {
    enforcement: { cpu: "cgroup-v2", memory: "cgroup-v2", reason: null },
    create(replica, requests, limits) {
      const group = join(parent, `${owner}-${replica}`);
      mkdirSync(group, { recursive: true });
      writeFileSync(join(group, "cpu.max"), `${cpuQuotaMicros(limits.cpuMillis)} ${periodMicros}`);
      writeFileSync(join(group, "cpu.weight"), String(cpuWeight(requests.cpuMillis)));
      writeFileSync(join(group, "memory.max"), String(limits.memoryBytes));
      writeFileSync(join(group, "memory.oom.group"), "1"); // a replica without its workers is of no use
      return {
        add: (pid) => writeFileSync(join(group, "cgroup.procs"), String(pid)),
        outOfMemoryKills: () => counter(readFileSync(join(group, "memory.events"), "utf8"), "oom_kill"),
        usage() {
          const inUse = Number(readFileSync(join(group, "memory.current"), "utf8"));
          const stat = readFileSync(join(group, "memory.stat"), "utf8");
          return {
            cpuNanoseconds: 1000 * counter(readFileSync(join(group, "cpu.stat"), "utf8"), "usage_usec"),
            memoryBytes: workingSetBytes(inUse, counter(stat, "inactive_file")),
          };
        },
        remove: () => removeGroups([group]),
      };
    },
  };
}
