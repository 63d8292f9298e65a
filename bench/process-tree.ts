/** A process and its children as Linux shows them: who they are, and the memory that they hold. */
import { readFileSync } from "node:fs";

/** The process itself first; those that are gone in between are left out. */
export function processTree(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
    return [pid, ...children.flatMap((child) => processTree(Number(child)))];
  } catch {
    return [];
  }
}

/** Proportional set size: a page that several processes share counts in parts. 0 for a process that is gone. */
export function pssBytes(pid: number): number {
  try {
    return 1024 * Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
