/** Flags of every verb that talks to a Kubernetes cluster. */
import { z } from "zod";
import type { Cluster } from "../../cluster/index.ts";

export const clusterOptions = z.object({
  kubeconfig: z.string().optional().describe("Kubernetes: kubeconfig; where not given, found as kubectl does"),
  context: z.string().optional().describe("Kubernetes: context of the kubeconfig; its current one where not given"),
  namespace: z.string().optional().describe("Kubernetes: namespace; the context's own where not given"),
});

/** Connects, does something, and ends the connection, whatever happens. */
export async function withCluster<Result>(
  { kubeconfig, context, namespace }: z.output<typeof clusterOptions>,
  use: (cluster: Cluster) => Promise<Result>,
): Promise<Result> {
  const { connectCluster } = await import("../../cluster/index.ts");
  const cluster = await connectCluster({ kubeconfig, context, namespace });
  try {
    return await use(cluster);
  } finally {
    await cluster.close();
  }
}
