/** The HorizontalPodAutoscaler: the cluster's own timing counts, a patch may give it a `behavior`. Pure. */
import type { KubeObject } from "../../../cluster/index.ts";
import type { Recipe } from "../recipe.ts";
import { metadataOf } from "./common.ts";

export function autoscalerOf(recipe: Recipe): KubeObject {
  const { minReplicas, maxReplicas, targetCpuPercent } = recipe.autoscaling;
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: metadataOf(recipe),
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: recipe.name },
      minReplicas,
      maxReplicas,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: targetCpuPercent } },
        },
      ],
    },
  };
}
