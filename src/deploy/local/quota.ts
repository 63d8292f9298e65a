/** Kubernetes' quantities as the kernel wants them. Pure. */

/** Length of a CPU bandwidth period, as the kubelet has it. */
export const periodMicros = 100_000;

/** CPU time that a limit gives a period; the kernel takes no less than 1 ms. */
export function cpuQuotaMicros(limitMillis: number): number {
  return Math.max(1000, Math.round((limitMillis * periodMicros) / 1000));
}

/** cgroup v1: 1024 shares a core, in the kernel's bounds (kubelet: MilliCPUToShares). */
export function cpuShares(requestMillis: number): number {
  return Math.min(262_144, Math.max(2, Math.floor((requestMillis * 1024) / 1000)));
}

/** cgroup v2: shares 2..262144 to weights 1..10000 (KEP-2254). */
export function cpuWeight(requestMillis: number): number {
  return 1 + Math.floor(((cpuShares(requestMillis) - 2) * 9999) / 262_142);
}
