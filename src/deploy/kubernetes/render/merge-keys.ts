/**
 * Which lists of Kubernetes objects are merged item by item, and by which field of the items; all others are replaced.
 * Source: the tags `patchStrategy` and `patchMergeKey` of k8s.io/api 0.37.2, for what a patch of ours can reach.
 */

/** Fields of an object that are no plain values, by name. */
export interface MergeRules {
  readonly [field: string]: FieldRule;
}

export interface FieldRule {
  /** Field by which the items of the list are matched; "" for a list of texts whose values are joined. */
  readonly mergeKey?: string;
  /** Rules inside of the field, or of each item of the list. */
  readonly inside?: MergeRules;
}

const metadata: MergeRules = { finalizers: { mergeKey: "" }, ownerReferences: { mergeKey: "uid" } };

const container: MergeRules = {
  env: { mergeKey: "name" },
  ports: { mergeKey: "containerPort" },
  volumeDevices: { mergeKey: "devicePath" },
  volumeMounts: { mergeKey: "mountPath" },
};

const podSpec: MergeRules = {
  containers: { mergeKey: "name", inside: container },
  ephemeralContainers: { mergeKey: "name", inside: container },
  hostAliases: { mergeKey: "ip" },
  imagePullSecrets: { mergeKey: "name" },
  initContainers: { mergeKey: "name", inside: container },
  resourceClaims: { mergeKey: "name" },
  schedulingGates: { mergeKey: "name" },
  topologySpreadConstraints: { mergeKey: "topologyKey" },
  volumes: { mergeKey: "name" },
};

/** By kind. */
export const mergeRules: Readonly<Record<string, MergeRules>> = {
  Deployment: {
    metadata: { inside: metadata },
    spec: { inside: { template: { inside: { metadata: { inside: metadata }, spec: { inside: podSpec } } } } },
  },
  Service: { metadata: { inside: metadata }, spec: { inside: { ports: { mergeKey: "port" } } } },
  HorizontalPodAutoscaler: { metadata: { inside: metadata } },
  PodDisruptionBudget: { metadata: { inside: metadata } },
  NetworkPolicy: { metadata: { inside: metadata } },
};
