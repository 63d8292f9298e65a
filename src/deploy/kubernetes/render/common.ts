/** What several manifests share. Pure. */
import { type KubeMetadata, labelsOf, runLabel } from "../../../cluster/index.ts";
import type { Recipe } from "../recipe.ts";

/** Name of the container and of its image's part in the labels. */
export const containerName = "fulcrum";
/** Name of the service's port, by which services and probes find it. */
export const portName = "http";

/** Labels that Kubernetes recommends; those of `selectorOf` alone choose pods. A pod is the same in every shape. */
export function podLabels({ name }: Recipe): Record<string, string> {
  return { ...labelsOf(name), "app.kubernetes.io/component": "serving" };
}

export function metadataOf(recipe: Recipe): KubeMetadata {
  const { name, namespace, shape, run } = recipe;
  const labels = { ...podLabels(recipe), "fulcrum/shape": shape, ...(run === undefined ? {} : { [runLabel]: run }) };
  return { name, namespace, labels };
}
