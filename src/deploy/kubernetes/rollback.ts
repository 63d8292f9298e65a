/** Back to the revision before: the pod template of the deployment's second newest replica set. */
import type { Cluster, Deployment, KubeObject, ReplicaSet, Template } from "../../cluster/index.ts";
import { isOwn } from "../../cluster/index.ts";
import { FulcrumError } from "../../errors/index.ts";
import { notFound, withOwnReplicas } from "./apply.ts";
import { differenceOf } from "./difference.ts";
import { revisionsOf } from "./observe.ts";

const hashLabel = "pod-template-hash";

export interface RollBackOutcome {
  /** Image that runs again. */
  readonly image: string;
  /** What of the pods is not as it was, because somebody else manages it, as "spec.template...: 1 -> 2". */
  readonly kept: readonly string[];
}

/**
 * @param force takes over fields of the pods that somebody else has changed since
 * @throws DEPLOY_NOT_FOUND, DEPLOY_NO_REVISION
 * @throws CLUSTER_CONFLICT where somebody else has changed such fields
 */
export async function rollBack(
  cluster: Cluster,
  name: string,
  { force = false }: { force?: boolean } = {},
): Promise<RollBackOutcome> {
  const deployment = await cluster.read({ kind: "Deployment", name });
  if (!deployment || !isOwn(deployment.metadata.labels, name)) throw await notFound(cluster, name);
  const [, previous] = revisionsOf(await cluster.list("ReplicaSet"), deployment);
  if (!previous) throw new FulcrumError("DEPLOY_NO_REVISION", { name });
  const wanted = withTemplate(deployment, previous);
  const { object } = await cluster.apply(wanted, { force });
  const { template } = object.spec as Deployment["spec"];
  const pods = (of: Template) => ({ ...wanted, spec: { template: of } });
  return {
    image: template.spec.containers[0]?.image ?? "",
    kept: differenceOf(pods(withoutHash(previous.spec.template)), pods(template)).fields,
  };
}

/** The deployment as it is, with the older template; the replicas stay with whoever has set them last. */
function withTemplate(deployment: Deployment, { spec: { template } }: ReplicaSet): KubeObject {
  const { name, namespace, labels } = deployment.metadata;
  const { replicas: _replicas, ...spec } = deployment.spec;
  const object = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(labels === undefined ? {} : { labels }) },
    spec: { ...spec, template: withoutHash(template) },
  };
  return withOwnReplicas(object, { ...object, ...deployment });
}

function withoutHash(template: Template): Template {
  const { [hashLabel]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}
