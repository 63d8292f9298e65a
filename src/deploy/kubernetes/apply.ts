/** Brings a deployment's objects to the cluster, and takes away those of its own that it no longer has. */
import type { Cluster, KubeObject } from "../../cluster/index.ts";
import { fieldManager, isOwn, labelsOf, ownLabels, runLabel } from "../../cluster/index.ts";
import { FulcrumError, isFulcrumError } from "../../errors/index.ts";
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
  /** Objects of another run are not ours then. */
  readonly run?: string | undefined;
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
export async function applyObjects(plan: ApplyPlan): Promise<ApplyOutcome> {
  const { cluster, name, objects, dryRun } = plan;
  const before = await Promise.all(objects.map((object) => readOwn(plan, object)));
  // First of all: an autoscaler that is to go would set the replicas back.
  const gone = await leftOver(cluster, name, objects);
  if (!dryRun) for (const { kind, metadata } of gone) await cluster.remove({ kind, name: metadata.name });
  const hadAutoscaler = gone.some(({ kind }) => kind === "HorizontalPodAutoscaler");
  const differences: Difference[] = [];
  const warnings: string[] = [];
  for (const [i, object] of objects.entries()) {
    const applied = await applyOne(plan, withOwnReplicas(object, before[i]), hadAutoscaler);
    differences.push(differenceOf(before[i], applied.object));
    warnings.push(...applied.warnings);
  }
  for (const { kind, metadata } of gone) differences.push({ kind, name: metadata.name, change: "remove", fields: [] });
  return { differences, warnings: [...new Set(warnings)] };
}

/** The replicas of an autoscaler that is gone are taken over, as nobody else sets them any more. */
async function applyOne({ cluster, dryRun, force }: ApplyPlan, object: KubeObject, hadAutoscaler: boolean) {
  try {
    return await cluster.apply(object, { dryRun, force });
  } catch (error) {
    const isReplicasAlone =
      isFulcrumError(error, "CLUSTER_CONFLICT") && /1 conflict: .*\.spec\.replicas/.test(error.message);
    if (!hadAutoscaler || !isReplicasAlone) throw error;
    return cluster.apply(object, { dryRun, force: true });
  }
}

/**
 * Server-side apply resets a field that we own and leave out: replicas to 1. So an autoscaled deployment keeps its live
 * value until the autoscaler has changed it, which makes the field the autoscaler's. Source: "Server-Side Apply",
 * Transferring ownership.
 */
export function withOwnReplicas(object: KubeObject, before: KubeObject | undefined): KubeObject {
  const spec = object.spec as { readonly replicas?: number };
  const live = (before?.spec as typeof spec | undefined)?.replicas;
  if (object.kind !== "Deployment" || spec.replicas !== undefined || live === undefined) return object;
  const isOurs = before?.metadata.managedFields?.some(({ manager, fieldsV1 }) => {
    const fields = fieldsV1 as { readonly "f:spec"?: object } | undefined;
    return manager === fieldManager && "f:replicas" in (fields?.["f:spec"] ?? {});
  });
  return isOurs ? { ...object, spec: { ...spec, replicas: live } } : object;
}

/** @throws DEPLOY_NAME_TAKEN */
async function readOwn({ cluster, name, run }: ApplyPlan, { kind, metadata }: KubeObject) {
  const found = await cluster.read({ kind, name: metadata.name });
  if (found === undefined) return undefined;
  const { labels } = found.metadata;
  const taken = (maker: string) =>
    new FulcrumError("DEPLOY_NAME_TAKEN", { kind, name: metadata.name, namespace: cluster.namespace, maker });
  if (!isOwn(labels, name)) throw taken("fulcrum");
  if (run !== undefined && labels?.[runLabel] !== run) throw taken("this run");
  return found;
}

/** Ours, but no longer part of the deployment: the autoscaler of a shape that has none. */
async function leftOver(cluster: Cluster, name: string, objects: readonly KubeObject[]): Promise<KubeObject[]> {
  const kept = new Set(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  return (await ownObjects(cluster, name)).filter(({ kind, metadata }) => !kept.has(`${kind}/${metadata.name}`));
}

async function ownObjects(cluster: Cluster, name: string, run?: string): Promise<KubeObject[]> {
  const labels = { ...labelsOf(name), ...(run === undefined ? {} : { [runLabel]: run }) };
  const lists = await Promise.all(ownKinds.map((kind) => cluster.list(kind as string, { labels })));
  return lists.flat();
}

/**
 * Removes exactly the objects of the deployment.
 * @param run only those of this run, where it is given
 * @returns what was removed, as "Service web"
 * @throws DEPLOY_NOT_FOUND
 */
export async function removeDeployment(cluster: Cluster, name: string, run?: string): Promise<string[]> {
  const objects = await ownObjects(cluster, name, run);
  if (objects.length === 0) throw await notFound(cluster, name);
  for (const { kind, metadata } of objects) await cluster.remove({ kind, name: metadata.name });
  return objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

export async function notFound(cluster: Cluster, name: string): Promise<FulcrumError> {
  const known = (await cluster.list("Deployment", { labels: ownLabels })).map(({ metadata }) => metadata.name);
  const { namespace } = cluster;
  return new FulcrumError("DEPLOY_NOT_FOUND", { name, namespace, known: known.join(", ") || "none" });
}
