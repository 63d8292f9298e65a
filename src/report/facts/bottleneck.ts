/** What held a deployment back: how much of its CPU limit and of the machine was in use. Pure. */
import type { Evaluation } from "../../records/evaluation.ts";
import type { Measured } from "./facts.ts";

export interface Usage {
  /** The highest sample under load. */
  readonly cpuCores: number;
  /** Limits of the running replicas together. */
  readonly limitCores: number;
  readonly machineCores: number;
  readonly memoryBytes: number;
  readonly requestedBytes: number;
}

/** undefined where nothing was sampled. */
export function usageOf({ record, body }: Measured): Usage | undefined {
  const { samples, pod, running } = body;
  if (samples.length === 0) return undefined;
  // The first sample is of the time before the load: of starting up.
  const during = samples.length > 1 ? samples.slice(1) : samples;
  const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), 0);
  return {
    cpuCores: most(during.map((sample) => sample.cpuUseCores)),
    limitCores: (pod.limits.cpuMillis / 1000) * running,
    machineCores: record.machine.cpuCount,
    memoryBytes: most(during.map((sample) => sample.memoryUseBytes)),
    requestedBytes: pod.requests.memoryBytes * running,
  };
}

/** In use at nine tenths or more. */
const isFull = (used: number, available: number) => used >= 0.9 * available;

/** The pods' limit, where it is not above what the machine has. */
export function isAtLimit({ cpuCores, limitCores, machineCores }: Usage): boolean {
  return limitCores < machineCores && isFull(cpuCores, limitCores);
}

/** The machine itself: limits leave more than it has. Its cores serve the load generator as well. */
export function isMachineFull({ cpuCores, limitCores, machineCores }: Usage): boolean {
  return limitCores >= machineCores && cpuCores >= 0.7 * machineCores;
}

/** Mean response time over the model's own time on one thread: about 1 without waiting. */
export function waitingFactor({ summary }: Measured["body"], evaluation: Evaluation | undefined): number | undefined {
  const [answer, model] = [summary.responseMs?.mean, evaluation?.inferenceMs?.estimate];
  return answer && model ? answer / model : undefined;
}
