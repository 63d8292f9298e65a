/**
 * CPU time and memory of a replica: its process and all below it (inference workers). Where the replica has a cgroup the
 * kernel's count of the group is used (limits.ts); this file is the count from /proc for where it has none.
 *
 * CPU: nanoseconds on a CPU of every thread (`task/TID/schedstat`), or where that is more the 10 ms ticks of the
 * process (`stat`), which know its ended threads and waited-for children as well.
 * Memory: what is each process's own (RssAnon, RssShmem), plus the file-backed pages (RssFile: Node, libraries) of the
 * process that has most of them, for the processes of a replica share these. PSS would count more exactly, but
 * reading it takes the kernel 9 ms for a process of 350 MB, the status file 15 µs.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface ReplicaUsage {
  readonly cpuNanoseconds: number;
  readonly memoryBytes: number;
}

/** Nanoseconds of a clock tick: sysconf(_SC_CLK_TCK) is 100 on every Linux that Node runs on. */
const tickNanoseconds = 1e7;

/** null for a process that is gone, and where there is no /proc. @param procDir another folder than /proc in tests */
export function readTreeUsage(pid: number, procDir = "/proc"): ReplicaUsage | null {
  if (textOf(join(procDir, `${pid}/stat`)) === "") return null;
  const pids = [pid];
  let cpuNanoseconds = 0;
  let ownBytes = 0;
  let sharedBytes = 0;
  for (const each of pids) {
    const tasks = namesIn(join(procDir, `${each}/task`));
    const readTask = (task: string, file: string) => textOf(join(procDir, `${each}/task/${task}/${file}`));
    for (const task of tasks) pids.push(...numbersOf(readTask(task, "children")));
    const threads = tasks.reduce((sum, task) => sum + (numbersOf(readTask(task, "schedstat"))[0] ?? 0), 0);
    cpuNanoseconds += Math.max(threads, cpuOfStat(textOf(join(procDir, `${each}/stat`))));
    const memory = memoryOfStatus(textOf(join(procDir, `${each}/status`)));
    ownBytes += memory.ownBytes;
    sharedBytes = Math.max(sharedBytes, memory.sharedBytes);
  }
  return { cpuNanoseconds, memoryBytes: ownBytes + sharedBytes };
}

/** utime, stime, cutime and cstime of proc_pid_stat(5), nanoseconds; 0 for an empty text. */
export function cpuOfStat(stat: string): number {
  // The second field is the command in brackets, which may hold spaces and brackets; utime is the 14th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks * tickNanoseconds;
}

/** Fields of proc_pid_status(5), which are in kB of 1024 bytes. */
export function memoryOfStatus(status: string): { readonly ownBytes: number; readonly sharedBytes: number } {
  const field = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
  return { ownBytes: field("RssAnon") + field("RssShmem"), sharedBytes: field("RssFile") };
}

function numbersOf(text: string): number[] {
  return text.split(/\s+/).filter(Boolean).map(Number);
}

/** Processes come and go between two reads; what is gone is nothing. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
