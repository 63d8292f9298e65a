/** The door to cgroups: a group a replica, with its CPU and memory limits, where the machine lets us write them. */
import { existsSync } from "node:fs";
import { access, constants, mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { problemOf } from "../../base/files.ts";
import type { Resources } from "../../config/deployment.ts";

export interface Enforcement {
  /** "cgroup-v1", "cgroup-v2" or "none". */
  readonly cpu: string;
  readonly memory: string;
  /** Why nothing is enforced; null where it is. */
  readonly reason: string | null;
}

export interface ReplicaGroup {
  /** Moves a process into the group; its later children are in it too. */
  add(pid: number): Promise<void>;
  /** CPU time used by all of the group's processes so far, seconds; null where it is not counted here. */
  cpuSeconds(): Promise<number | null>;
  /** Memory in use without page cache, bytes; null where it is not counted here. */
  memoryBytes(): Promise<number | null>;
  /** True if the kernel ended a process of the group for its memory. */
  wasKilledForMemory(): Promise<boolean>;
  remove(): Promise<void>;
}

export interface GroupRequest {
  readonly name: string;
  readonly requests: Resources;
  readonly limits: Resources;
}

export interface Limiter {
  readonly enforcement: Enforcement;
  create(request: GroupRequest): Promise<ReplicaGroup>;
}

const periodMicros = 100_000;
const root = "/sys/fs/cgroup";
const ourFolder = "fulcrum";

/** Finds what this machine can enforce, and removes groups that an ended process left behind. */
export async function openLimiter(): Promise<Limiter> {
  if (process.platform !== "linux") return noLimiter(`${process.platform} has no cgroups`);
  try {
    if (existsSync(join(root, "cgroup.controllers"))) return await v2Limiter();
    for (const controller of ["cpu", "cpuacct", "memory"]) await access(join(root, controller), constants.W_OK);
    return await v1Limiter();
  } catch (error) {
    return noLimiter(`cgroups cannot be written: ${problemOf(error)}`);
  }
}

function noLimiter(reason: string): Limiter {
  const nothing: ReplicaGroup = {
    add: async () => {},
    cpuSeconds: async () => null,
    memoryBytes: async () => null,
    wasKilledForMemory: async () => false,
    remove: async () => {},
  };
  return { enforcement: { cpu: "none", memory: "none", reason }, create: async () => nothing };
}

async function v1Limiter(): Promise<Limiter> {
  const folders = ["cpu", "cpuacct", "memory"].map((controller) => join(root, controller, ourFolder));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  await removeStale(folders);
  return {
    enforcement: { cpu: "cgroup-v1", memory: "cgroup-v1", reason: null },
    async create({ name, requests, limits }) {
      const [cpu, cpuacct, memory] = folders.map((folder) => join(folder, groupName(name))) as [string, string, string];
      for (const folder of [cpu, cpuacct, memory]) await mkdir(folder, { recursive: true });
      await writeFile(join(cpu, "cpu.cfs_period_us"), String(periodMicros));
      await writeFile(join(cpu, "cpu.cfs_quota_us"), String(Math.round((limits.cpuMillis * periodMicros) / 1000)));
      await writeFile(join(cpu, "cpu.shares"), String(Math.max(2, Math.round((requests.cpuMillis * 1024) / 1000))));
      await writeFile(join(memory, "memory.limit_in_bytes"), String(limits.memoryBytes));
      return {
        add: async (pid) => {
          for (const folder of [cpu, cpuacct, memory]) await writeFile(join(folder, "cgroup.procs"), String(pid));
        },
        cpuSeconds: async () => Number(await readFile(join(cpuacct, "cpuacct.usage"), "utf8")) / 1e9,
        memoryBytes: async () => field(await readFile(join(memory, "memory.stat"), "utf8"), "total_rss"),
        wasKilledForMemory: async () =>
          field(await readFile(join(memory, "memory.oom_control"), "utf8"), "oom_kill") > 0,
        remove: () => removeGroups([cpu, cpuacct, memory]),
      };
    },
  };
}

async function v2Limiter(): Promise<Limiter> {
  const folder = join(root, ourFolder);
  await mkdir(folder, { recursive: true });
  await writeFile(join(root, "cgroup.subtree_control"), "+cpu +memory");
  await writeFile(join(folder, "cgroup.subtree_control"), "+cpu +memory");
  await removeStale([folder]);
  return {
    enforcement: { cpu: "cgroup-v2", memory: "cgroup-v2", reason: null },
    async create({ name, requests, limits }) {
      const group = join(folder, groupName(name));
      await mkdir(group, { recursive: true });
      await writeFile(
        join(group, "cpu.max"),
        `${Math.round((limits.cpuMillis * periodMicros) / 1000)} ${periodMicros}`,
      );
      await writeFile(join(group, "cpu.weight"), String(weightOf(requests.cpuMillis)));
      await writeFile(join(group, "memory.max"), String(limits.memoryBytes));
      return {
        add: (pid) => writeFile(join(group, "cgroup.procs"), String(pid)),
        cpuSeconds: async () => field(await readFile(join(group, "cpu.stat"), "utf8"), "usage_usec") / 1e6,
        memoryBytes: async () => field(await readFile(join(group, "memory.stat"), "utf8"), "anon"),
        wasKilledForMemory: async () => field(await readFile(join(group, "memory.events"), "utf8"), "oom_kill") > 0,
        remove: () => removeGroups([group]),
      };
    },
  };
}

/** Kubernetes' mapping of CPU shares 2..262144 to weights 1..10000. */
function weightOf(cpuMillis: number): number {
  const shares = Math.max(2, (cpuMillis * 1024) / 1000);
  return Math.round(1 + ((shares - 2) * 9999) / 262142);
}

/** The owner's process id is in the name, so that what an ended process left can be told from what is in use. */
function groupName(name: string): string {
  return `${process.pid}-${name}`;
}

/** Value of a `name value` line; 0 where there is none. */
function field(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1] ?? 0);
}

async function removeStale(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    const stale = names.filter(({ name }) => !existsSync(`/proc/${name.split("-")[0]}`));
    await removeGroups(stale.map(({ name }) => join(folder, name)));
  }
}

/** A group can be removed once its last process is reaped, so a busy one is tried again for a second. */
async function removeGroups(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    for (let attempt = 0; attempt < 20; attempt++) {
      const error = await rmdir(folder).then(
        () => undefined,
        (cause: NodeJS.ErrnoException) => cause,
      );
      if (!error || error.code === "ENOENT") break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
