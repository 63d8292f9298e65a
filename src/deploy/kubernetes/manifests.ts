/** A recipe as standard Kubernetes objects. Pure. */
import type { KubeObject } from "../../cluster/index.ts";
import { labelsOf, selectorOf } from "../../cluster/index.ts";
import type { Resources } from "../../config/deployment.ts";
import type { Recipe } from "./recipe.ts";

const port = 8080;
/** Longer than kube-proxy takes to stop sending requests to a pod that ends. */
const preStopSeconds = 5;
const graceSeconds = 30;

/** Every object of the deployment, in the order of their making. */
export function buildManifests(recipe: Recipe): KubeObject[] {
  return [deploymentOf(recipe), serviceOf(recipe), ...(recipe.shape === "autoscaled" ? [autoscalerOf(recipe)] : [])];
}

function metadataOf({ name, namespace }: Recipe) {
  return { name, namespace, labels: labelsOf(name) };
}

function deploymentOf(recipe: Recipe): KubeObject {
  const { name, image, requests, limits, shape, replicas } = recipe;
  const selector = selectorOf(name);
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadataOf(recipe),
    spec: {
      // The autoscaler owns the replicas of its shape.
      ...(shape === "autoscaled" ? {} : { replicas: shape === "single" ? 1 : replicas }),
      selector: { matchLabels: selector },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels: labelsOf(name) },
        spec: {
          terminationGracePeriodSeconds: graceSeconds,
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "kubernetes.io/hostname",
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector: { matchLabels: selector },
            },
          ],
          containers: [
            {
              name: "fulcrum",
              image,
              ports: [{ name: "http", containerPort: port }],
              resources: { requests: quantitiesOf(requests), limits: quantitiesOf(limits) },
              readinessProbe: { httpGet: { path: "/readyz", port: "http" }, periodSeconds: 1, failureThreshold: 3 },
              livenessProbe: { httpGet: { path: "/healthz", port: "http" }, periodSeconds: 10, timeoutSeconds: 5 },
              startupProbe: { httpGet: { path: "/readyz", port: "http" }, periodSeconds: 1, failureThreshold: 120 },
              lifecycle: { preStop: { sleep: { seconds: preStopSeconds } } },
            },
          ],
        },
      },
    },
  };
}

function serviceOf(recipe: Recipe): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadataOf(recipe),
    spec: {
      type: recipe.service,
      selector: selectorOf(recipe.name),
      ports: [{ name: "http", port: 80, targetPort: "http" }],
    },
  };
}

function autoscalerOf(recipe: Recipe): KubeObject {
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

const quantitiesOf = ({ cpuMillis, memoryBytes }: Resources) => ({
  cpu: `${cpuMillis}m`,
  memory: String(memoryBytes),
});
