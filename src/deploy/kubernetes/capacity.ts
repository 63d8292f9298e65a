/**
 * Nodes with what is requested of them and may be used at most, as `kubectl describe nodes` adds it up: over every pod on
 * the node that has not ended, system pods included. Pure.
 */
import {
  type Amounts,
  amountsOf,
  holdsRoom,
  type Node,
  type Pod,
  podAmounts,
  sumAmounts,
} from "../../cluster/index.ts";
import type { Measurement } from "../../records/measurement.ts";

/**
 * A row a node. Capacity is the allocatable one: what the scheduler gives out.
 * @param pods of all namespaces
 * @param isOurs whether a pod is a replica of the deployment
 */
export function nodeTotals(
  nodes: readonly Node[],
  pods: readonly Pod[],
  isOurs: (pod: Pod) => boolean,
): Measurement["nodes"] {
  return nodes.map(({ metadata, status }) => {
    const here = pods.filter((pod) => holdsRoom(pod) && pod.spec.nodeName === metadata.name);
    const amounts = here.map(podAmounts);
    return {
      node: metadata.name,
      capacity: { ...amountsOf(status.allocatable) },
      requests: { ...sumAmounts(amounts.map(({ requests }) => requests)) },
      limits: { ...sumAmounts(amounts.map(({ limits }) => limits)) },
      replicas: here.filter(isOurs).length,
    };
  });
}

/** What pods that are not ours take, as the mean of a node: the record has one figure for all nodes. */
export function systemPodsOf(nodes: readonly Node[], pods: readonly Pod[], isOurs: (pod: Pod) => boolean) {
  const others = pods.filter((pod) => holdsRoom(pod) && !isOurs(pod)).map(podAmounts);
  const mean = (all: readonly Amounts[]): Amounts => {
    const { cpuMillis, memoryBytes } = sumAmounts(all);
    const count = Math.max(1, nodes.length);
    return { cpuMillis: Math.round(cpuMillis / count), memoryBytes: Math.round(memoryBytes / count) };
  };
  return { requests: mean(others.map((x) => x.requests)), limits: mean(others.map((x) => x.limits)) };
}
