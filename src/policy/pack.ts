/**
 * Which declared node takes a replica, by its requests; what fits nowhere stays Pending, in Kubernetes' words.
 * A small model of kube-scheduler (documentation: "Kubernetes Scheduler", "Resource Bin Packing", "Pod Topology
 * Spread Constraints"; Kubernetes 1.37 defaults): filter by NodeResourcesFit, score by LeastAllocated of CPU and memory
 * and by spread over nodes (weight 2, as PodTopologySpread has). Equal scores go to the node declared first, where
 * Kubernetes draws one, so that the same input gives the same places. No preemption: all replicas rank alike.
 */

/** CPU in millicores and memory in bytes. */
export interface Amounts {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
}

/** A node and what is taken of it. */
export interface NodeRoom {
  readonly name: string;
  readonly capacity: Amounts;
  /** Requests of the system pods and of the replicas on the node. */
  readonly requested: Amounts;
  /** Replicas of this deployment on the node, those that are ending included. */
  readonly replicas: number;
}

export type Placement = { readonly node: string } | { readonly reason: string };

const spreadWeight = 2;

/** Finds a node for one replica, or says why there is none. */
export function placeReplica(nodes: readonly NodeRoom[], requests: Amounts): Placement {
  const lacks = nodes.map((node) => lackingResources(node, requests));
  const fitting = nodes.filter((_, i) => lacks[i]!.length === 0);
  if (fitting.length === 0) return { reason: pendingReason(nodes.length, lacks.flat()) };
  const mostReplicas = Math.max(...fitting.map(({ replicas }) => replicas));
  const scores = fitting.map(
    (node) => leastAllocatedScore(node, requests) + spreadWeight * spreadScore(node, mostReplicas),
  );
  return { node: fitting[scores.indexOf(Math.max(...scores))]!.name };
}

function lackingResources({ capacity, requested }: NodeRoom, requests: Amounts): string[] {
  return [
    ...(requests.cpuMillis > capacity.cpuMillis - requested.cpuMillis ? ["Insufficient cpu"] : []),
    ...(requests.memoryBytes > capacity.memoryBytes - requested.memoryBytes ? ["Insufficient memory"] : []),
  ];
}

/** "0/3 nodes are available: 1 Insufficient cpu, 3 Insufficient memory." A node may lack both. */
function pendingReason(nodeCount: number, lacks: readonly string[]): string {
  const counted = [...new Set(lacks)].map((lack) => `${lacks.filter((other) => other === lack).length} ${lack}`);
  return `0/${nodeCount} nodes are available: ${counted.sort().join(", ")}.`;
}

/** 0 (full) to 100 (empty), with the replica on it: mean over CPU and memory of the free share. */
function leastAllocatedScore({ capacity, requested }: NodeRoom, requests: Amounts): number {
  const free = (total: number, taken: number) => (100 * (total - taken)) / total;
  return (
    (free(capacity.cpuMillis, requested.cpuMillis + requests.cpuMillis) +
      free(capacity.memoryBytes, requested.memoryBytes + requests.memoryBytes)) /
    2
  );
}

/** 100 for nodes without replicas, 0 for those with most. */
const spreadScore = ({ replicas }: NodeRoom, mostReplicas: number) =>
  mostReplicas === 0 ? 100 : (100 * (mostReplicas - replicas)) / mostReplicas;
