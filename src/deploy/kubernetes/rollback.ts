/** Back to the revision before: the pod template of the deployment's second newest replica set. */
import type { Cluster, Deployment, KubeObject, ReplicaSet, Template } from "../../cluster/index.ts";
import { isOwn } from "../../cluster/index.ts";
import { FulcrumError } from "../../errors/index.ts";
import { notFound } from "./apply.ts";
import { revisionsOf } from "./observe.ts";

const hashLabel = "pod-template-hash";

/**
 * @returns image that runs again
 * @throws DEPLOY_NOT_FOUND, DEPLOY_NO_REVISION
 */
export async function rollBack(cluster: Cluster, name: string): Promise<string> {
  const deployment = await cluster.read({ kind: "Deployment", name });
  if (!deployment || !isOwn(deployment.metadata.labels, name)) throw await notFound(cluster, name);
  const [, previous] = revisionsOf(await cluster.list("ReplicaSet"), deployment);
  if (!previous) throw new FulcrumError("DEPLOY_NO_REVISION", { name });
  await cluster.apply(withTemplate(deployment, previous), { force: true });
  return previous.spec.template.spec.containers[0]?.image ?? "";
}

/** The deployment as it is, with the older template; the autoscaler keeps the replicas that it has set. */
function withTemplate({ metadata, spec }: Deployment, { spec: { template } }: ReplicaSet): KubeObject {
  const { name, namespace, labels } = metadata;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(labels === undefined ? {} : { labels }) },
    spec: { ...spec, template: withoutHash(template) },
  };
}

function withoutHash(template: Template): Template {
  const { [hashLabel]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}
