/**
 * Enforcement of requests and limits by the kernel: a cgroup a replica, where this machine lets us write them.
 * CPU limit: bandwidth (what is over waits); memory limit: the kernel ends the process (OOMKilled); CPU request:
 * share of the CPU when it is short. As the kubelet sets them (documentation: "Resource Management for Pods and
 * Containers", "How Kubernetes applies resource requests and limits").
 *
 * A group's folder is named OWNER-REPLICA, OWNER being the process id and start time of the process that made it: what a
 * killed owner left behind is found and removed at the next start.
 */
import { existsSync } from "node:fs";
import { problemOf } from "../../base/files.ts";
import type { Resources } from "../../config/deployment.ts";
import { openV1 } from "./limits-v1.ts";
import { openV2 } from "./limits-v2.ts";
import type { ReplicaUsage } from "./usage.ts";

export interface Enforcement {
  /** "cgroup-v1", "cgroup-v2" or "none". */
  readonly cpu: string;
  readonly memory: string;
  /** Why nothing is enforced; null where it is. */
  readonly reason: string | null;
}

/** The group of one replica. Everything is synchronous: a process has to be in it before it does anything. */
export interface ReplicaGroup {
  /** Moves a process into the group; its later children are in it, too. */
  add(pid: number): void;
  /**
   * CPU time since the group was made and memory in use, by the kernel's own count of the group, which is also where a
   * kubelet has them from; null where there is no group.
   */
  usage(): ReplicaUsage | null;
  /** How many processes of the group the kernel has ended for their memory so far. */
  outOfMemoryKills(): number;
  /** Ends what is left in it and removes it. */
  remove(): Promise<void>;
}

export interface Limiter {
  readonly enforcement: Enforcement;
  create(replica: string, requests: Resources, limits: Resources): ReplicaGroup;
}

/** Finds what this machine can enforce, and clears away what an earlier owner left. Never fails: see `reason`. */
export async function openLimiter(): Promise<Limiter> {
  if (process.platform !== "linux") return noLimiter(`${process.platform} has no cgroups`);
  try {
    return existsSync("/sys/fs/cgroup/cgroup.controllers") ? await openV2() : await openV1();
  } catch (error) {
    return noLimiter(`cgroups cannot be written: ${problemOf(error)}`);
  }
}

/** Lets every replica use what it likes. */
export function noLimiter(reason: string): Limiter {
  const free: ReplicaGroup = { add() {}, usage: () => null, outOfMemoryKills: () => 0, remove: async () => {} };
  return { enforcement: { cpu: "none", memory: "none", reason }, create: () => free };
}
