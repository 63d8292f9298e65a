/** How requests get to the pods, what else may, and how many pods may be taken away at a time. Pure. */
import { type KubeObject, selectorOf } from "../../../cluster/index.ts";
import type { Recipe } from "../recipe.ts";
import { metadataOf, portName } from "./common.ts";

const servicePort = 80;

export function serviceOf(recipe: Recipe): KubeObject {
  const hasNodePort = recipe.service === "NodePort" && recipe.nodePort != null;
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadataOf(recipe),
    spec: {
      type: recipe.service,
      selector: selectorOf(recipe.name),
      ports: [
        {
          name: portName,
          port: servicePort,
          protocol: "TCP",
          targetPort: portName,
          ...(hasNodePort ? { nodePort: recipe.nodePort } : {}),
        },
      ],
    },
  };
}

/** Requests come in by the service's port alone; a pod has nothing to ask for outside of itself. */
export function networkPolicyOf(recipe: Recipe): KubeObject {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadataOf(recipe),
    spec: {
      podSelector: { matchLabels: selectorOf(recipe.name) },
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ ports: [{ port: portName, protocol: "TCP" }] }],
    },
  };
}

/** A node may be drained, one pod after the other; pods that are not ready anyway hold nobody up. */
export function disruptionBudgetOf(recipe: Recipe): KubeObject {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: metadataOf(recipe),
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: selectorOf(recipe.name) },
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    },
  };
}
