/** The URL of a service, for those outside of the cluster or inside it. */
import type { Cluster, Node, Service } from "../../cluster/index.ts";
import { FulcrumError, isFulcrumError } from "../../errors/index.ts";

/**
 * LoadBalancer: its address; NodePort: the first ready node that has one; ClusterIP: reached inside the cluster only.
 * @throws DEPLOY_NOT_FOUND
 */
export async function serviceUrl(cluster: Cluster, name: string): Promise<string> {
  const service = await cluster.read({ kind: "Service", name });
  if (!service) {
    throw new FulcrumError("DEPLOY_NOT_FOUND", {
      name,
      namespace: cluster.namespace,
      known: "no service of that name",
    });
  }
  return urlOf(service, await readableNodes(cluster));
}

/** Reading nodes takes a right of its own; without it the address of a NodePort stays open. */
export async function readableNodes(cluster: Cluster): Promise<Node[]> {
  try {
    return await cluster.list("Node");
  } catch (error) {
    if (isFulcrumError(error, "CLUSTER_FORBIDDEN")) return [];
    throw error;
  }
}

export function urlOf({ spec, status }: Service, nodes: readonly Node[]): string {
  const { port, nodePort } = spec.ports?.[0] ?? { port: 80 };
  const ingress = status?.loadBalancer?.ingress?.[0];
  if (ingress) return `http://${ingress.hostname ?? ingress.ip}${port === 80 ? "" : `:${port}`}`;
  if (nodePort !== undefined) return `http://${addressOf(nodes) ?? "ANY-NODE"}:${nodePort}`;
  return `http://${spec.clusterIP}${port === 80 ? "" : `:${port}`}`;
}

/** Public address of a ready node where one is told, else the internal one. */
function addressOf(nodes: readonly Node[]): string | undefined {
  const ready = nodes.filter(({ status }) => status.conditions?.some((c) => c.type === "Ready" && c.status === "True"));
  const addresses = ready.flatMap(({ status }) => status.addresses ?? []);
  return (addresses.find(({ type }) => type === "ExternalIP") ?? addresses.find(({ type }) => type === "InternalIP"))
    ?.address;
}
