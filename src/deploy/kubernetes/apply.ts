/** Brings a deployment's objects to the cluster, and takes away those of its own that it no longer has. */
import type { Cluster, KubeObject } from "../../cluster/index.ts";
import { isOwn, labelsOf, ownLabels } from "../../cluster/index.ts";
import { FulcrumError } from "../../errors/index.ts";
import { type Difference, differenceOf } from "./difference.ts";

/** Kinds that a deployment may consist of; undeploy removes them in this order. */
export const ownKinds = [
  "HorizontalPodAutoscaler",
  "PodDisruptionBudget",
  "NetworkPolicy",
  "Service",
  "Deployment",
] as const;

export interface ApplyPlan {
  readonly cluster: Cluster;
  readonly name: string;
  readonly objects: readonly KubeObject[];
  /** Shows what would change and changes nothing. */
  readonly dryRun: boolean;
  /** Takes over fields that others manage. */
  readonly force: boolean;
}

export interface ApplyOutcome {
  readonly differences: readonly Difference[];
  readonly warnings: readonly string[];
}

/**
 * @throws DEPLOY_NAME_TAKEN where an object of that name is not ours: nothing has been changed then
 * @throws CLUSTER_CONFLICT, CLUSTER_REFUSED and what the cluster throws
 */
export async function applyObjects({ cluster, name, objects, dryRun, force }: ApplyPlan): Promise<ApplyOutcome> {
  const before = await Promise.all(objects.map((object) => readOwn(cluster, name, object)));
  const differences: Difference[] = [];
  const warnings: string[] = [];
  for (const [i, object] of objects.entries()) {
    const applied = await cluster.apply(object, { dryRun, force });
    differences.push(differenceOf(before[i], applied.object));
    warnings.push(...applied.warnings);
  }
  for (const { kind, metadata } of await leftOver(cluster, name, objects)) {
    differences.push({ kind, name: metadata.name, change: "remove", fields: [] });
    if (!dryRun) await cluster.remove({ kind, name: metadata.name });
  }
  return { differences, warnings: [...new Set(warnings)] };
}

/** @throws DEPLOY_NAME_TAKEN */
async function readOwn(cluster: Cluster, name: string, { kind, metadata }: KubeObject) {
  const found = await cluster.read({ kind, name: metadata.name });
  if (found === undefined || isOwn(found.metadata.labels, name)) return found;
  throw new FulcrumError("DEPLOY_NAME_TAKEN", { kind, name: metadata.name, namespace: cluster.namespace });
}

/** Ours, but no longer part of the deployment: the autoscaler of a shape that has none. */
async function leftOver(cluster: Cluster, name: string, objects: readonly KubeObject[]): Promise<KubeObject[]> {
  const kept = new Set(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  return (await ownObjects(cluster, name)).filter(({ kind, metadata }) => !kept.has(`${kind}/${metadata.name}`));
}

async function ownObjects(cluster: Cluster, name: string): Promise<KubeObject[]> {
  const lists = await Promise.all(ownKinds.map((kind) => cluster.list(kind as string, { labels: labelsOf(name) })));
  return lists.flat();
}

/**
 * Removes exactly the objects of the deployment.
 * @returns what was removed, as "Service web"
 * @throws DEPLOY_NOT_FOUND
 */
export async function removeDeployment(cluster: Cluster, name: string): Promise<string[]> {
  const objects = await ownObjects(cluster, name);
  if (objects.length === 0) throw await notFound(cluster, name);
  for (const { kind, metadata } of objects) await cluster.remove({ kind, name: metadata.name });
  return objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

export async function notFound(cluster: Cluster, name: string): Promise<FulcrumError> {
  const known = (await cluster.list("Deployment", { labels: ownLabels })).map(({ metadata }) => metadata.name);
  const { namespace } = cluster;
  return new FulcrumError("DEPLOY_NOT_FOUND", { name, namespace, known: known.join(", ") || "none" });
}
