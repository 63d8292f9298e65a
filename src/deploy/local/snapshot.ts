/** The deployment's state as plain values, for the record, the report and the admin address. Pure. */
import type { Deployment, Platform, Resources } from "../../config/deployment.ts";
import type { NodeRoom } from "../../policy/pack.ts";
import type { Measurement, ResourceSample } from "../../records/measurement.ts";
import type { Decision } from "./autoscaler.ts";
import type { Enforcement } from "./limits.ts";
import { addTimes } from "./platform.ts";
import type { Pod, PodPhase } from "./pod.ts";

export interface ReplicaState {
  readonly name: string;
  readonly phase: PodPhase;
  readonly node: string | null;
  readonly ready: boolean;
  readonly restarts: number;
  readonly pid: number | null;
}

export interface DeploymentSnapshot {
  readonly shape: Deployment["shape"];
  /** Replicas that are asked for: by the shape, or by the autoscaler at present. */
  readonly asked: number;
  /** Those with a running process, ready or not. */
  readonly running: number;
  readonly ready: number;
  readonly pending: Measurement["pending"];
  readonly replicas: readonly ReplicaState[];
  readonly pod: { readonly requests: Resources; readonly limits: Resources };
  /** On each node. */
  readonly systemPods: { readonly requests: Resources; readonly limits: Resources };
  readonly nodes: Measurement["nodes"];
  readonly enforcement: Enforcement;
  /** Bounds and the autoscaler's last decision (null before the first); null for other shapes. */
  readonly autoscaling: (Deployment["autoscaling"] & { readonly decision: Decision | null }) | null;
}

export interface Observed {
  readonly deployment: Pick<Deployment, "shape" | "requests" | "limits" | "autoscaling">;
  readonly platform: Platform;
  readonly pods: readonly Pod[];
  readonly endingPods: readonly Pod[];
  readonly nodes: readonly NodeRoom[];
  readonly enforcement: Enforcement;
  readonly decision: Decision | null;
}

export function snapshotOf(observed: Observed): DeploymentSnapshot {
  const { deployment, pods } = observed;
  const { shape, requests, limits, autoscaling } = deployment;
  const { systemPods } = observed.platform;
  return {
    shape,
    asked: pods.length,
    running: pods.filter(({ phase }) => phase === "Running").length,
    ready: pods.filter(({ isReady }) => isReady).length,
    pending: pods.flatMap(({ name, pendingReason: reason }) => (reason === null ? [] : [{ replica: name, reason }])),
    replicas: [...pods, ...observed.endingPods].map(stateOf),
    pod: { requests, limits },
    systemPods,
    nodes: observed.nodes.map(({ name, capacity, requested, replicas }) => ({
      node: name,
      capacity: { ...capacity },
      requests: { ...requested },
      limits: addTimes(systemPods.limits, limits, replicas),
      replicas,
    })),
    enforcement: observed.enforcement,
    autoscaling: shape === "autoscaled" ? { ...autoscaling, decision: observed.decision } : null,
  };
}

function stateOf({ name, phase, node, isReady, restarts, pid }: Pod): ReplicaState {
  return { name, phase, node, ready: isReady, restarts, pid };
}

/**
 * A row of resource_usage.csv. Requests and limits are those of every replica with a place on a node: it is paid for
 * while it starts, waits for a restart, or ends. Replicas that end are not counted as running.
 */
export function sampleOf(
  { deployment, pods, endingPods }: Observed,
  epochMs: number,
  use: { readonly cpuCores: number; readonly memoryBytes: number },
): ResourceSample {
  const { requests, limits } = deployment;
  const placed = [...pods, ...endingPods].filter(({ node }) => node !== null).length;
  return {
    epochMs,
    replicas: pods.filter(({ phase }) => phase === "Running").length,
    readyReplicas: pods.filter(({ isReady }) => isReady).length,
    cpuRequestCores: (placed * requests.cpuMillis) / 1000,
    memoryRequestBytes: placed * requests.memoryBytes,
    cpuLimitCores: (placed * limits.cpuMillis) / 1000,
    memoryLimitBytes: placed * limits.memoryBytes,
    cpuUseCores: use.cpuCores,
    memoryUseBytes: use.memoryBytes,
  };
}
