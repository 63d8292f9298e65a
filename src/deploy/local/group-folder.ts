/** Folders of cgroups: whose they are, what their files say, and how they are removed. */
import { readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** PID and start time of this process: a process id alone may belong to somebody else later. */
export function ownerToken(): string {
  return `${process.pid}.${startTimeOf(process.pid)}`;
}

/** Value of a `name value` line; 0 where there is none. */
export function counter(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1] ?? 0);
}

/** What Kubernetes shows as memory used: all that is charged but file pages that the kernel could drop at once. */
export function workingSetBytes(usageBytes: number, inactiveFileBytes: number): number {
  return Math.max(0, usageBytes - inactiveFileBytes);
}

/** Removes the groups in these folders whose owner is gone, and ends what still runs in them. */
export async function removeStale(parents: readonly string[]): Promise<void> {
  for (const parent of parents) {
    const names = readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const stale = names.filter(({ name }) => !isOwned(name));
    await removeGroups(stale.map(({ name }) => join(parent, name)));
  }
}

function isOwned(name: string): boolean {
  const [pid, startTime] = name.split("-")[0]!.split(".");
  return startTimeOf(Number(pid)) === startTime;
}

/** Field 22 of proc_pid_stat(5), clock ticks after boot; empty for a process that is gone. */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

const longestRemovalMs = 2000;
const retryMs = 20;

/** A group can be removed once its last process is gone, which takes the kernel a moment after the SIGKILL. */
export async function removeGroups(groups: readonly string[]): Promise<void> {
  for (const group of groups) {
    for (let waitedMs = 0; waitedMs < longestRemovalMs; waitedMs += retryMs) {
      endProcesses(group);
      try {
        rmdirSync(group);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") break;
      }
      await delay(retryMs);
    }
  }
}

function endProcesses(group: string): void {
  try {
    const pids = readFileSync(join(group, "cgroup.procs"), "utf8").split("\n").filter(Boolean);
    for (const pid of pids) process.kill(Number(pid), "SIGKILL");
  } catch {
    // The group or the process is gone already.
  }
}
