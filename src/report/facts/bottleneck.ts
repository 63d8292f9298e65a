/** What held a deployment back: how much of its CPU limit and of what it runs on was in use. Pure. */
import type { Evaluation } from "../../records/evaluation.ts";
import type { Measured } from "./facts.ts";

export interface Usage {
  /** The highest sample under load. */
  readonly cpuCores: number;
  /** Limits of the running replicas together. */
  readonly limitCores: number;
  /** Of this machine, or of the cluster's nodes together; Infinity where the nodes are not known. */
  readonly hostCores: number;
  readonly memoryBytes: number;
  readonly requestedBytes: number;
}

/** undefined where no use was sampled. */
export function usageOf(measured: Measured): Usage | undefined {
  const { samples, pod, running } = measured.body;
  if (samples.length === 0) return undefined;
  // The first sample is of the time before the load: of starting up.
  const during = samples.length > 1 ? samples.slice(1) : samples;
  if (during.every((sample) => sample.cpuUseCores === null)) return undefined;
  const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), 0);
  return {
    cpuCores: most(during.flatMap((sample) => sample.cpuUseCores ?? [])),
    limitCores: (pod.limits.cpuMillis / 1000) * running,
    hostCores: hostCoresOf(measured),
    memoryBytes: most(during.flatMap((sample) => sample.memoryUseBytes ?? [])),
    requestedBytes: pod.requests.memoryBytes * running,
  };
}

/** The record's machine is the client's: what a cluster has, its nodes say. */
function hostCoresOf({ record, body: { target, nodes } }: Measured): number {
  if (target === "local") return record.machine.cpuCount;
  const cpuMillis = nodes.reduce((sum, { capacity }) => sum + capacity.cpuMillis, 0);
  return nodes.length > 0 ? cpuMillis / 1000 : Number.POSITIVE_INFINITY;
}

/** In use at nine tenths or more. */
const isFull = (used: number, available: number) => used >= 0.9 * available;

/** The pods' limit, where it is below what they run on has. */
export function isAtLimit({ cpuCores, limitCores, hostCores }: Usage): boolean {
  return limitCores < hostCores && isFull(cpuCores, limitCores);
}

/** The machine or cluster itself: limits leave more than it has. A machine's cores serve the load generator as well. */
export function isHostFull({ cpuCores, limitCores, hostCores }: Usage): boolean {
  return limitCores >= hostCores && cpuCores >= 0.7 * hostCores;
}

/** Mean response time over the model's own time on one thread: about 1 without waiting. */
export function waitingFactor({ summary }: Measured["body"], evaluation: Evaluation | undefined): number | undefined {
  const [answer, model] = [summary.responseMs?.mean, evaluation?.inferenceMs?.estimate];
  return answer && model ? answer / model : undefined;
}
