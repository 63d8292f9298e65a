/** The parts of Kubernetes objects that fulcrum reads, as the API server sends them (times are RFC 3339 text). */

/** Any object: what is applied and what comes back. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: KubeMetadata;
  readonly [field: string]: unknown;
}

export interface KubeMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly generation?: number;
  readonly resourceVersion?: string;
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[];
  readonly managedFields?: readonly { readonly manager?: string; readonly fieldsV1?: object }[];
}

/** An object as the API server gives it: it has been stored, so these are there. */
export interface Stored {
  readonly metadata: KubeMetadata & { readonly creationTimestamp: string; readonly uid: string };
}

export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export interface ContainerSpec {
  readonly name: string;
  readonly image?: string;
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  };
}

export interface Terminated {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
  readonly finishedAt?: string;
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: Terminated;
  };
  readonly lastState?: { readonly terminated?: Terminated };
}

export interface PodSpec {
  readonly nodeName?: string;
  readonly containers: readonly ContainerSpec[];
}

export interface Pod extends Stored {
  readonly spec: PodSpec;
  readonly status: {
    readonly phase: "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";
    readonly startTime?: string;
    readonly podIP?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export interface Node extends Stored {
  readonly status: {
    readonly capacity: Readonly<Record<string, string>>;
    readonly allocatable: Readonly<Record<string, string>>;
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly conditions?: readonly Condition[];
  };
}

export interface Deployment extends Stored {
  readonly spec: { readonly replicas?: number; readonly template: Template };
  readonly status: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly unavailableReplicas?: number;
    readonly conditions?: readonly Condition[];
  };
}

export interface Template {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: PodSpec;
}

export interface ReplicaSet extends Stored {
  readonly spec: { readonly replicas?: number; readonly template: Template };
  readonly status: { readonly replicas?: number; readonly conditions?: readonly Condition[] };
}

export interface Service extends Stored {
  readonly spec: {
    readonly type?: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
    readonly clusterIP?: string;
    readonly ports?: readonly { readonly port: number; readonly nodePort?: number }[];
  };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
  };
}

export interface Autoscaler extends Stored {
  readonly spec: { readonly minReplicas?: number; readonly maxReplicas: number };
  readonly status: {
    readonly currentReplicas?: number;
    readonly desiredReplicas: number;
    readonly lastScaleTime?: string;
    readonly currentMetrics?: readonly {
      readonly resource?: {
        readonly current: { readonly averageUtilization?: number; readonly averageValue?: string };
      };
    }[];
    readonly conditions?: readonly Condition[];
  };
}

export interface Job extends Stored {
  readonly status: {
    readonly conditions?: readonly Condition[];
    readonly succeeded?: number;
    readonly failed?: number;
  };
}

/** An Event of v1: kinds of other objects name it in `involvedObject`. */
export interface Event extends Stored {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly involvedObject: { readonly kind: string; readonly name: string; readonly uid?: string };
}

export interface PodMetrics extends Stored {
  readonly timestamp: string;
  readonly window: string;
  readonly containers: readonly { readonly name: string; readonly usage: Readonly<Record<string, string>> }[];
}

/** What is read, by kind. */
export interface KindMap {
  Pod: Pod;
  Node: Node;
  Deployment: Deployment;
  ReplicaSet: ReplicaSet;
  Service: Service;
  HorizontalPodAutoscaler: Autoscaler;
  Job: Job;
  Event: Event;
  PodMetrics: PodMetrics;
}

export type Kind = keyof KindMap;
