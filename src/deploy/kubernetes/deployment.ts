/** A deployment on a cluster: applied, waited for, looked at, removed. The counterpart of local/deployment.ts. */
import type { Progress } from "../../base/progress.ts";
import { type Cluster, isEnding, isOwn, isReady, pendingReason } from "../../cluster/index.ts";
import { isFulcrumError } from "../../errors/index.ts";
import type { Measurement } from "../../records/measurement.ts";
import { presentUrl, readableNodes } from "./address.ts";
import { type ApplyOutcome, applyObjects } from "./apply.ts";
import { nodeTotals, systemPodsOf } from "./capacity.ts";
import { type Observation, observeDeployment } from "./observe.ts";
import { renderObstacles } from "./obstacles.ts";
import { askedAtStart, type Recipe } from "./recipe.ts";
import { buildManifests } from "./render/manifests.ts";
import { waitForRollout } from "./rollout.ts";

export interface ClusterDeployOptions {
  readonly cluster: Cluster;
  readonly recipe: Recipe;
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

/** Applies the recipe's objects; with dryRun it only says what would change. */
export function applyRecipe({
  cluster,
  recipe,
  dryRun = false,
  force = false,
}: ClusterDeployOptions): Promise<ApplyOutcome> {
  const { name, run } = recipe;
  return applyObjects({ cluster, name, run, objects: buildManifests(recipe), dryRun, force });
}

/**
 * Waits until every pod that is asked for is ready; for shape max those that no node has room for are a result.
 * @throws DEPLOY_ROLLOUT_FAILED
 */
export function waitForRecipe(
  cluster: Cluster,
  recipe: Recipe,
  { timeoutSeconds, progress, signal }: { timeoutSeconds: number; progress?: Progress; signal?: AbortSignal },
): Promise<Observation> {
  return waitForRollout({
    cluster,
    name: recipe.name,
    asked: askedAtStart(recipe),
    pendingIsFine: recipe.shape === "max",
    timeoutSeconds,
    ...(progress ? { progress } : {}),
    ...(signal ? { signal } : {}),
  });
}

/** What a measurement keeps of the cluster: the fields of its record that the local platform's snapshot has, too. */
export type ClusterSnapshot = Pick<
  Measurement,
  "shape" | "asked" | "pod" | "enforcement" | "systemPods" | "nodes" | "pending"
> & {
  /** null where none is known. */
  readonly url: string | null;
  /** Pods that are Running, ready or not. */
  readonly running: number;
  readonly ready: number;
  readonly replicas: readonly {
    readonly name: string;
    readonly node: string | null;
    /** The pod's phase, or Terminating as `kubectl get pods` calls it. */
    readonly phase: string;
    readonly ready: boolean;
  }[];
};

export async function snapshotCluster(cluster: Cluster, recipe: Recipe): Promise<ClusterSnapshot> {
  const { name, shape, requests, limits } = recipe;
  const [observation, url, nodes, everyPod] = await Promise.all([
    observeDeployment(cluster, name),
    presentUrl(cluster, name),
    readableNodes(cluster),
    podsOfAllNamespaces(cluster),
  ]);
  const { pods, wanted, ready, obstacles } = observation;
  const isOurs = ({ metadata }: (typeof pods)[number]) =>
    metadata.namespace === cluster.namespace && isOwn(metadata.labels, name);
  const waiting = pods.flatMap((pod) => {
    const reason = pendingReason(pod);
    return reason === undefined ? [] : [{ replica: pod.metadata.name, reason }];
  });
  const unmade = obstacles.filter(({ kind }) => kind === "quota");
  const notMade = unmade.flatMap((obstacle) =>
    Array.from({ length: Math.max(0, wanted - pods.length) }, (_, i) => ({
      replica: `${obstacle.of} (not made ${i + 1})`,
      reason: renderObstacles([obstacle]),
    })),
  );
  return {
    url,
    shape,
    asked: wanted,
    running: pods.filter(({ status }) => status.phase === "Running").length,
    ready,
    replicas: pods.map((pod) => ({
      name: pod.metadata.name,
      node: pod.spec.nodeName ?? null,
      phase: isEnding(pod) ? "Terminating" : (pod.status.phase ?? "Unknown"),
      ready: isReady(pod),
    })),
    pod: { requests, limits },
    enforcement: { cpu: "the cluster's kubelets", memory: "the cluster's kubelets", reason: null },
    systemPods: systemPodsOf(nodes, everyPod, isOurs),
    nodes: nodeTotals(nodes, everyPod, isOurs),
    pending: [...waiting, ...notMade],
  };
}

/** Other namespaces' pods take room on the nodes; without the right to see them only our own are counted. */
async function podsOfAllNamespaces(cluster: Cluster) {
  try {
    return await cluster.list("Pod", { namespace: null });
  } catch (error) {
    if (isFulcrumError(error, "CLUSTER_FORBIDDEN")) return cluster.list("Pod");
    throw error;
  }
}
