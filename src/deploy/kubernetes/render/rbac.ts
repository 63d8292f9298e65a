/** The least rights that fulcrum needs in a cluster, as objects to apply by somebody who may give them. Pure. */
import type { KubeObject } from "../../../cluster/index.ts";
import { ownLabels } from "../../../cluster/index.ts";

export interface RbacOptions {
  /** Of the service account and of both roles. */
  readonly name: string;
  readonly namespace: string;
}

const read = ["get", "list", "watch"];
/** Server-side apply is a patch; of an object that is not there yet it is a create as well. */
const own = [...read, "create", "patch", "delete"];

/** Verbs by resource, inside the namespace: deploy, monitor, load from inside, undeploy, rollback. */
const namespaceRules = [
  rule("apps", ["deployments"], own),
  rule("", ["services"], own),
  rule("autoscaling", ["horizontalpodautoscalers"], own),
  rule("policy", ["poddisruptionbudgets"], own),
  rule("networking.k8s.io", ["networkpolicies"], own),
  rule("batch", ["jobs"], own),
  rule("", ["configmaps"], own),
  rule("apps", ["replicasets"], read),
  rule("", ["pods", "events", "resourcequotas"], read),
  rule("", ["pods/log"], ["get"]),
  rule("metrics.k8s.io", ["pods"], ["get", "list"]),
];

/** Without them the totals of nodes and the addresses of a NodePort are left out, and fulcrum says so. */
const clusterRules = [rule("", ["nodes"], read), rule("", ["pods"], ["get", "list"])];

function rule(apiGroup: string, resources: readonly string[], verbs: readonly string[]) {
  return { apiGroups: [apiGroup], resources, verbs };
}

export function rbacManifests({ name, namespace }: RbacOptions): KubeObject[] {
  const metadata = { name, namespace, labels: ownLabels };
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const apiGroup = "rbac.authorization.k8s.io";
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  const clusterWide = { name: `${name}-nodes`, labels: ownLabels };
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    { apiVersion, kind: "Role", metadata, rules: namespaceRules },
    { apiVersion, kind: "RoleBinding", metadata, roleRef: { apiGroup, kind: "Role", name }, subjects },
    { apiVersion, kind: "ClusterRole", metadata: clusterWide, rules: clusterRules },
    {
      apiVersion,
      kind: "ClusterRoleBinding",
      // One for each namespace: the subjects of another one stay as they are.
      metadata: { ...clusterWide, name: `${clusterWide.name}-${namespace}` },
      roleRef: { apiGroup, kind: "ClusterRole", name: clusterWide.name },
      subjects,
    },
  ];
}
