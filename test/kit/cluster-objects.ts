/** Objects of a cluster for unit tests, as the API server writes them. */
import type { Event, Node, Pod } from "../../src/cluster/index.ts";
import { labelsOf } from "../../src/cluster/index.ts";

interface PodOptions {
  readonly node?: string;
  readonly phase?: Pod["status"]["phase"];
  readonly ready?: boolean;
  readonly unschedulable?: string;
  readonly status?: Pod["status"]["containerStatuses"];
  readonly owner?: string;
  readonly deleted?: boolean;
  readonly requests?: Record<string, string>;
  readonly limits?: Record<string, string>;
  readonly deployment?: string;
}

export function podOf(name: string, options: PodOptions = {}): Pod & { kind: "Pod" } {
  const { node, ready = false, unschedulable, status, owner, deployment = "web" } = options;
  const conditions = [
    ...(unschedulable === undefined
      ? []
      : [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: unschedulable } as const]),
    { type: "Ready", status: ready ? "True" : "False" } as const,
  ];
  return {
    kind: "Pod",
    metadata: {
      name,
      namespace: "default",
      uid: `uid-${name}`,
      creationTimestamp: "2026-11-29T12:00:00Z",
      labels: labelsOf(deployment),
      ...(owner === undefined ? {} : { ownerReferences: [{ kind: "ReplicaSet", name: owner, uid: owner }] }),
      ...(options.deleted ? { deletionTimestamp: "2026-11-29T12:01:00Z" } : {}),
    },
    spec: {
      ...(node === undefined ? {} : { nodeName: node }),
      containers: [
        {
          name: "fulcrum",
          image: "registry.test/food:1",
          resources: {
            requests: options.requests ?? { cpu: "500m", memory: "512Mi" },
            limits: options.limits ?? { cpu: "1", memory: "1Gi" },
          },
        },
      ],
    },
    status: {
      phase: options.phase ?? (ready ? "Running" : "Pending"),
      conditions,
      ...(status === undefined ? {} : { containerStatuses: status }),
    },
  };
}

export function nodeOf(name: string, isReady = true): Node & { kind: "Node" } {
  return {
    kind: "Node",
    metadata: { name, uid: `uid-${name}`, creationTimestamp: "2026-11-29T12:00:00Z" },
    status: {
      capacity: { cpu: "4", memory: "8Gi" },
      allocatable: { cpu: "3900m", memory: "7936Mi" },
      addresses: [{ type: "InternalIP", address: "10.77.0.11" }],
      conditions: [{ type: "Ready", status: isReady ? "True" : "Unknown", reason: isReady ? "" : "NodeStatusUnknown" }],
    },
  };
}

export function eventOf(
  pod: string,
  reason: string,
  message: string,
  at = "2026-11-29T12:00:10Z",
): Event & { kind: "Event" } {
  return {
    kind: "Event",
    metadata: { name: `${pod}.${reason}`, namespace: "default", uid: `${pod}.${reason}`, creationTimestamp: at },
    type: "Warning",
    reason,
    message,
    lastTimestamp: at,
    involvedObject: { kind: "Pod", name: pod, uid: `uid-${pod}` },
  };
}
