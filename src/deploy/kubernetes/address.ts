/** The URL of a service, for those outside of the cluster or inside it. */
import { type Clock, systemClock } from "../../base/clock.ts";
import type { Cluster, Node, Service } from "../../cluster/index.ts";
import { FulcrumError, isFulcrumError } from "../../errors/index.ts";

export interface AddressOptions {
  /** Longest wait for the address of a load balancer: clouds take a minute or two. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

const pollMs = 1000;

/**
 * LoadBalancer: its address, which is waited for; NodePort: the first ready node that has one; ClusterIP: reached inside
 * the cluster only.
 * @throws DEPLOY_NOT_FOUND, DEPLOY_NO_ADDRESS
 */
export async function serviceUrl(
  cluster: Cluster,
  name: string,
  { timeoutSeconds = 180, signal, clock = systemClock }: AddressOptions = {},
): Promise<string> {
  const endMs = clock.nowMs() + timeoutSeconds * 1000;
  for (;;) {
    const service = await readService(cluster, name);
    const url = urlOf(service, await readableNodes(cluster));
    if (url !== undefined) return url;
    const waits = service.spec.type === "LoadBalancer";
    if (!waits || clock.nowMs() >= endMs) {
      const problem = waits
        ? "the cluster gave its load balancer none"
        : "no node's address may be read, or none is ready";
      throw new FulcrumError("DEPLOY_NO_ADDRESS", { name, problem });
    }
    await clock.sleep(pollMs, signal);
  }
}

/** As it is now; null where there is no address. @throws DEPLOY_NOT_FOUND */
export async function presentUrl(cluster: Cluster, name: string): Promise<string | null> {
  return urlOf(await readService(cluster, name), await readableNodes(cluster)) ?? null;
}

async function readService(cluster: Cluster, name: string): Promise<Service> {
  const service = await cluster.read({ kind: "Service", name });
  if (!service) {
    throw new FulcrumError("DEPLOY_NOT_FOUND", {
      name,
      namespace: cluster.namespace,
      known: "no service of that name",
    });
  }
  return service;
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

/** undefined where it has no address yet, or none that is known. Pure. */
export function urlOf({ spec, status }: Service, nodes: readonly Node[]): string | undefined {
  const { port, nodePort } = spec.ports?.[0] ?? { port: 80 };
  const ingress = status?.loadBalancer?.ingress?.[0];
  if (spec.type === "LoadBalancer") return httpUrl(ingress?.hostname ?? ingress?.ip, port);
  if (spec.type === "NodePort") return nodePort === undefined ? undefined : httpUrl(addressOf(nodes), nodePort);
  return httpUrl(spec.clusterIP, port);
}

function httpUrl(host: string | undefined, port: number): string | undefined {
  if (host === undefined) return undefined;
  const isIpv6 = host.includes(":");
  return `http://${isIpv6 ? `[${host}]` : host}${port === 80 ? "" : `:${port}`}`;
}

/** Public address of a ready node where one is told, else the internal one. */
function addressOf(nodes: readonly Node[]): string | undefined {
  const ready = nodes.filter(({ status }) => status.conditions?.some((c) => c.type === "Ready" && c.status === "True"));
  const addresses = ready.flatMap(({ status }) => status.addresses ?? []);
  return (addresses.find(({ type }) => type === "ExternalIP") ?? addresses.find(({ type }) => type === "InternalIP"))
    ?.address;
}
