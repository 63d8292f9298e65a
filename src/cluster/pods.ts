/** What is asked of a pod again and again: its requests, whether it holds room on a node, whether it takes requests. Pure. */
import type { Pod } from "./objects.ts";
import { type Amounts, amountsOf, sumAmounts } from "./quantity.ts";

/** Requests and limits of a pod; a container that has only limits requests these, as Kubernetes fills in. */
export function podAmounts({ spec }: Pod): { requests: Amounts; limits: Amounts } {
  return {
    requests: sumAmounts(spec.containers.map(({ resources }) => amountsOf(resources?.requests ?? resources?.limits))),
    limits: sumAmounts(spec.containers.map(({ resources }) => amountsOf(resources?.limits))),
  };
}

/** Pods that hold their requests on a node: those that were given one and have not ended. */
export function holdsRoom({ spec, status }: Pod): boolean {
  return spec.nodeName !== undefined && status.phase !== "Succeeded" && status.phase !== "Failed";
}

export function isEnding({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** True if the pod takes requests. */
export function isReady(pod: Pod): boolean {
  return (
    !isEnding(pod) &&
    (pod.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false)
  );
}

export function restartsOf({ status }: Pod): number {
  return status.containerStatuses?.reduce((sum, { restartCount }) => sum + restartCount, 0) ?? 0;
}

/** The scheduler's reason why the pod has no node; undefined where it has one, or none was looked for yet. */
export function pendingReason({ status }: Pod): string | undefined {
  const scheduled = status.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status !== "False") return undefined;
  const words = scheduled.message ?? scheduled.reason ?? "no node takes it";
  return words.replace(/\s*preemption:.*$/s, "").trim();
}
