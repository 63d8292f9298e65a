/** CPU time and memory of a process and its descendants from /proc, where no cgroup counts them. */
import { readdir, readFile } from "node:fs/promises";

/** Clock ticks a second (sysconf(_SC_CLK_TCK)); 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

export interface ProcessUsage {
  readonly cpuSeconds: number;
  /** Sum of PSS where it can be read, else of RSS. */
  readonly memoryBytes: number;
}

/** Zero for a process that is gone. */
export async function usageOfTree(pid: number): Promise<ProcessUsage> {
  const pids = await descendants(pid);
  const usages = await Promise.all(pids.map(usageOf));
  return {
    cpuSeconds: usages.reduce((sum, usage) => sum + usage.cpuSeconds, 0),
    memoryBytes: usages.reduce((sum, usage) => sum + usage.memoryBytes, 0),
  };
}

async function descendants(pid: number): Promise<number[]> {
  const all = [pid];
  for (const parent of all) {
    const tasks = await readdir(`/proc/${parent}/task`).catch(() => []);
    for (const task of tasks) {
      const text = await readFile(`/proc/${parent}/task/${task}/children`, "utf8").catch(() => "");
      all.push(...text.trim().split(/\s+/).filter(Boolean).map(Number));
    }
  }
  return all;
}

async function usageOf(pid: number): Promise<ProcessUsage> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // Fields after the command's closing bracket: utime and stime are the 14th and 15th of proc(5).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  const kilobytes = Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? Number(fields[21] ?? 0) * 4);
  return { cpuSeconds: ticks / ticksPerSecond, memoryBytes: kilobytes * 1024 };
}
