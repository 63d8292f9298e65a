/** The state of a deployment on a cluster at one moment, with what holds its pods up. */
import {
  type Cluster,
  type Deployment,
  type Event,
  isEnding,
  isReady,
  labelsOf,
  type Pod,
  type ReplicaSet,
} from "../../cluster/index.ts";
import { creationObstacle, type Obstacle, obstacleOf } from "./obstacles.ts";

export interface Observation {
  readonly deployment: Deployment | undefined;
  /** Of the newest revision; none that end. */
  readonly pods: readonly Pod[];
  /** Of this and older revisions, those that end included. */
  readonly allPods: readonly Pod[];
  /** Pods that the deployment wants. */
  readonly wanted: number;
  readonly ready: number;
  readonly obstacles: readonly Obstacle[];
  /** The newest revision is what was applied last, and older ones have no pods. */
  readonly isRolledOut: boolean;
}

export async function observeDeployment(cluster: Cluster, name: string): Promise<Observation> {
  const labels = labelsOf(name);
  const [deployment, replicaSets, allPods] = await Promise.all([
    cluster.read({ kind: "Deployment", name }),
    cluster.list("ReplicaSet", { labels }),
    cluster.list("Pod", { labels }),
  ]);
  const newest = deployment && newestOf(replicaSets, deployment);
  const pods = allPods.filter(
    (pod) => !isEnding(pod) && pod.metadata.ownerReferences?.some(({ uid }) => uid === newest?.metadata.uid),
  );
  const unready = pods.filter((pod) => !isReady(pod));
  const events = unready.length > 0 ? await eventsOf(cluster, unready) : new Map<string, Event[]>();
  const creation = newest && creationObstacle(newest);
  const { generation } = deployment?.metadata ?? {};
  const status = deployment?.status;
  const wanted = deployment?.spec.replicas ?? 0;
  return {
    deployment,
    pods,
    allPods,
    wanted,
    ready: pods.filter(isReady).length,
    obstacles: [
      ...unready.flatMap((pod) => obstacleOf(pod, events.get(pod.metadata.uid) ?? []) ?? []),
      ...(creation && pods.length < wanted ? [creation] : []),
    ],
    isRolledOut: status?.observedGeneration === generation && status?.replicas === status?.updatedReplicas,
  };
}

/** The replica set of the deployment's present template: the one of its highest revision. */
export function newestOf(replicaSets: readonly ReplicaSet[], deployment: Deployment): ReplicaSet | undefined {
  return revisionsOf(replicaSets, deployment)[0];
}

/** Replica sets of the deployment, the newest revision first. */
export function revisionsOf(replicaSets: readonly ReplicaSet[], { metadata: { uid } }: Deployment): ReplicaSet[] {
  const revision = ({ metadata }: ReplicaSet) =>
    Number(metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0);
  return replicaSets
    .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid))
    .sort((a, b) => revision(b) - revision(a));
}

async function eventsOf(cluster: Cluster, pods: readonly Pod[]): Promise<Map<string, Event[]>> {
  const wanted = new Set(pods.map(({ metadata }) => metadata.uid));
  const byPod = new Map<string, Event[]>();
  for (const event of await cluster.list("Event")) {
    const { uid } = event.involvedObject;
    if (uid !== undefined && wanted.has(uid)) byPod.set(uid, [...(byPod.get(uid) ?? []), event]);
  }
  return byPod;
}
