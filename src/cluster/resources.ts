/** Where the API server keeps which kind. Pure. */
import { FulcrumError } from "../errors/index.ts";

interface Resource {
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const namespaced = (apiVersion: string, plural: string): Resource => ({ apiVersion, plural, namespaced: true });
const clusterWide = (apiVersion: string, plural: string): Resource => ({ apiVersion, plural, namespaced: false });

/** Every kind that fulcrum makes or reads: standard ones only. */
export const resources: Readonly<Record<string, Resource>> = {
  Pod: namespaced("v1", "pods"),
  Service: namespaced("v1", "services"),
  ServiceAccount: namespaced("v1", "serviceaccounts"),
  ConfigMap: namespaced("v1", "configmaps"),
  Event: namespaced("v1", "events"),
  ResourceQuota: namespaced("v1", "resourcequotas"),
  Node: clusterWide("v1", "nodes"),
  Namespace: clusterWide("v1", "namespaces"),
  Deployment: namespaced("apps/v1", "deployments"),
  ReplicaSet: namespaced("apps/v1", "replicasets"),
  Job: namespaced("batch/v1", "jobs"),
  HorizontalPodAutoscaler: namespaced("autoscaling/v2", "horizontalpodautoscalers"),
  PodDisruptionBudget: namespaced("policy/v1", "poddisruptionbudgets"),
  NetworkPolicy: namespaced("networking.k8s.io/v1", "networkpolicies"),
  Role: namespaced("rbac.authorization.k8s.io/v1", "roles"),
  RoleBinding: namespaced("rbac.authorization.k8s.io/v1", "rolebindings"),
  ClusterRole: clusterWide("rbac.authorization.k8s.io/v1", "clusterroles"),
  ClusterRoleBinding: clusterWide("rbac.authorization.k8s.io/v1", "clusterrolebindings"),
  PodMetrics: namespaced("metrics.k8s.io/v1beta1", "pods"),
};

/**
 * Path of a kind's collection, or of one object.
 * @param namespace null for all namespaces; without meaning for kinds that have none
 * @throws CLUSTER_KIND_UNKNOWN
 */
export function pathOf(kind: string, namespace: string | null, name?: string): string {
  const resource = resources[kind];
  if (!resource) throw new FulcrumError("CLUSTER_KIND_UNKNOWN", { kind, allowed: Object.keys(resources).join(", ") });
  const { apiVersion, plural } = resource;
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const place = resource.namespaced && namespace !== null ? `/namespaces/${namespace}` : "";
  return `${root}${place}/${plural}${name === undefined ? "" : `/${name}`}`;
}

/** "app=fulcrum,tier=web" */
export function renderSelector(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
