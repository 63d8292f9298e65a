/** A recipe as standard Kubernetes objects, with the project's patches. Pure. */
import { type KubeObject, labelsOf } from "../../../cluster/index.ts";
import { FulcrumError } from "../../../errors/index.ts";
import type { Recipe } from "../recipe.ts";
import { autoscalerOf } from "./autoscaler.ts";
import { deploymentOf } from "./deployment.ts";
import { mergeRules } from "./merge-keys.ts";
import { disruptionBudgetOf, networkPolicyOf, serviceOf } from "./network.ts";
import { type JsonObject, mergeObject, PatchError } from "./strategic-merge.ts";

/**
 * Every object of the deployment, in the order of their making.
 * @throws DEPLOY_PATCH_INVALID
 */
export function buildManifests(recipe: Recipe): KubeObject[] {
  const objects = [
    networkPolicyOf(recipe),
    deploymentOf(recipe),
    serviceOf(recipe),
    disruptionBudgetOf(recipe),
    ...(recipe.shape === "autoscaled" ? [autoscalerOf(recipe)] : []),
  ];
  return objects.map((object) => patched(object, recipe));
}

function patched(object: KubeObject, recipe: Recipe): KubeObject {
  let result = object;
  for (const [i, { kind, shape, patch }] of (recipe.patches ?? []).entries()) {
    if (kind !== object.kind || (shape !== null && shape !== recipe.shape)) continue;
    const refuse = (problem: string) => new FulcrumError("DEPLOY_PATCH_INVALID", { number: i, kind, problem });
    try {
      result = mergeObject(
        result as unknown as JsonObject,
        patch as JsonObject,
        mergeRules[kind]!,
      ) as unknown as KubeObject;
    } catch (error) {
      throw error instanceof PatchError ? refuse(error.message) : error;
    }
    if (!isSameObject(result, object, recipe)) {
      throw refuse("kind, name, namespace and the labels that fulcrum knows its objects by stay as they are");
    }
  }
  return result;
}

/** Without these fulcrum would lose what it made. */
function isSameObject(result: KubeObject, { apiVersion, kind, metadata }: KubeObject, { name }: Recipe): boolean {
  const labels: Readonly<Record<string, string>> = result.metadata?.labels ?? {};
  return (
    result.apiVersion === apiVersion &&
    result.kind === kind &&
    result.metadata?.name === metadata.name &&
    result.metadata.namespace === metadata.namespace &&
    Object.entries(labelsOf(name)).every(([key, value]) => labels[key] === value)
  );
}
