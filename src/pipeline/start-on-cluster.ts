/** A measurement's deployment on a Kubernetes cluster: applied, watched, and removed at the end. */
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { systemClock } from "../base/clock.ts";
import { writeFileAtomic } from "../base/files.ts";
import { sha256 } from "../base/hash.ts";
import { type Cluster, connectCluster, labelsOf } from "../cluster/index.ts";
import {
  applyRecipe,
  type Recipe,
  recipeOf,
  removeDeployment,
  serviceUrl,
  snapshotCluster,
  waitForRecipe,
  waitUntilAnswering,
} from "../deploy/index.ts";
import { isFulcrumError } from "../errors/index.ts";
import { loadFromCluster } from "../load/in-cluster.ts";
import { type PodUsage, renderPodUsageCsv, sampleCluster, watchClusterEvents } from "../monitor/index.ts";
import type { MeasuredPlatform, MeasureOptions } from "./measured-platform.ts";

const readyTimeoutSeconds = 300;
/** Longer than a pod's own time to end. */
const endTimeoutMs = 60_000;
const podUsageFile = "pod_usage.csv";

/** Resolves when the pods that have a node are ready. The time scale is the load's alone: a cluster's periods are real. */
export async function startOnCluster(options: MeasureOptions): Promise<MeasuredPlatform> {
  const { kubeconfig, context, namespace } = options.kubernetes;
  const cluster = await connectCluster({
    ...(kubeconfig === null ? {} : { kubeconfig }),
    ...(context === null ? {} : { context }),
    ...(namespace === null ? {} : { namespace }),
  });
  try {
    const { deployment, candidate, kubernetes, modelSha256 } = options;
    // The same again when the run is resumed, so that it takes over what a killed one has left.
    const run = sha256(`${hostname()}:${resolve(options.dir)}`).slice(0, 16);
    const recipe = recipeOf(deployment, candidate, kubernetes, { namespace: cluster.namespace, modelSha256, run });
    return await startRecipe(cluster, recipe, options);
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

async function startRecipe(cluster: Cluster, recipe: Recipe, options: MeasureOptions): Promise<MeasuredPlatform> {
  const { progress, signal } = options;
  const labels = labelsOf(recipe.name);
  const watching = new AbortController();
  const onTrouble = (problem: string) => progress.note(problem);
  const news = watchClusterEvents({ cluster, labels, signal: watching.signal, onTrouble });
  const podRows: PodUsage[] = [];
  const missing = new Set<string>();
  const stop = async () => {
    watching.abort();
    await news.done;
    await removeIfThere(cluster, recipe);
    await podsGone(cluster, labels);
    await cluster.close();
  };
  try {
    const version = await cluster.version();
    await applyRecipe({ cluster, recipe });
    await waitForRecipe(cluster, recipe, { timeoutSeconds: readyTimeoutSeconds, progress, signal });
    const { server, context, namespace } = cluster;
    const url = await serviceUrl(cluster, recipe.name, { signal });
    const isLoadedFromHere = options.kubernetes.loadFrom !== "cluster";
    if (isLoadedFromHere) await waitUntilAnswering({ name: recipe.name, url, signal });
    return {
      url,
      events: news.events,
      readySeconds: news.readySeconds,
      about: { cluster: { server, context, namespace, version, image: recipe.image } },
      snapshot: () => snapshotCluster(cluster, recipe),
      async sample(waiting) {
        const taken = await sampleCluster(cluster, labels, () => systemClock.epochMs(), waiting);
        podRows.push(...taken.pods);
        if (taken.missing !== "" && !missing.has(taken.missing)) progress.note(`missing: ${taken.missing}`);
        missing.add(taken.missing);
        return taken.sample;
      },
      ...(isLoadedFromHere ? {} : { drive: driver(cluster, recipe, options) }),
      async writeFiles(dir) {
        await writeFileAtomic(join(dir, podUsageFile), renderPodUsageCsv(podRows));
        return { podUsage: podUsageFile };
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const driver =
  (cluster: Cluster, { name, image }: Recipe, { load, seed, progress, signal }: MeasureOptions) =>
  (url: string) =>
    loadFromCluster({ cluster, name, image, url, scenario: load, seed, progress, signal });

async function removeIfThere(cluster: Cluster, { name, run }: Recipe): Promise<void> {
  try {
    await removeDeployment(cluster, name, run);
  } catch (error) {
    if (!isFulcrumError(error, "DEPLOY_NOT_FOUND")) throw error;
  }
}

/** Pods that end still hold room and use CPU, and the next measurement would share them. Not for ever: a lost node's stay. */
async function podsGone(cluster: Cluster, labels: Readonly<Record<string, string>>): Promise<void> {
  const endMs = systemClock.nowMs() + endTimeoutMs;
  while ((await cluster.list("Pod", { labels })).length > 0 && systemClock.nowMs() < endMs)
    await systemClock.sleep(500);
}
