/** What came of a max-size deployment, as text. Pure. */
import type { ClusterSnapshot } from "../deploy/index.ts";

/** Running and Pending with their reasons, and the nodes' totals, as `kubectl describe nodes` shows them. */
export function renderCapacity({ asked, running, pending, nodes, pod }: ClusterSnapshot): string {
  const share = (part: number, whole: number) => `${Math.floor((100 * part) / whole)} %`;
  const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)}Mi`;
  const counts = new Map<string, number>();
  for (const { reason } of pending) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const { requests, limits } = pod;
  return [
    `asked ${asked}, Running ${running}, Pending ${pending.length}`,
    ...[...counts].map(([reason, count]) => `  ${count} Pending: ${reason}`),
    `each pod: requests ${requests.cpuMillis}m and ${mebibytes(requests.memoryBytes)}, limits ${limits.cpuMillis}m and ${mebibytes(limits.memoryBytes)}`,
    ...nodes.map(
      (node) =>
        `${node.node}: ${node.replicas} pods; requests ${node.requests.cpuMillis}m (${share(node.requests.cpuMillis, node.capacity.cpuMillis)}) ` +
        `and ${mebibytes(node.requests.memoryBytes)} (${share(node.requests.memoryBytes, node.capacity.memoryBytes)}), ` +
        `limits ${node.limits.cpuMillis}m (${share(node.limits.cpuMillis, node.capacity.cpuMillis)}) ` +
        `and ${mebibytes(node.limits.memoryBytes)} (${share(node.limits.memoryBytes, node.capacity.memoryBytes)})`,
    ),
  ].join("\n");
}
