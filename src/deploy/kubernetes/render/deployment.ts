/** The Deployment: how a pod of the service is run, probed, spread, and ended without losing a request. Pure. */
import { type KubeObject, selectorOf } from "../../../cluster/index.ts";
import type { Resources } from "../../../config/deployment.ts";
import { nonRootId, servicePort } from "../../service-container.ts";
import type { Recipe } from "../recipe.ts";
import { containerName, metadataOf, podLabels, portName } from "./common.ts";

/** Longer than it takes until no node sends requests to a pod that ends any more. */
const preStopSeconds = 5;
/** preStop, then requests under way are answered (30 s at most), and a little. */
const graceSeconds = 45;
/** A start may take so long: large models on little CPU. */
const startSeconds = 120;

export function deploymentOf(recipe: Recipe): KubeObject {
  const { name, shape, replicas } = recipe;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadataOf(recipe),
    spec: {
      // The autoscaler owns the replicas of its shape.
      ...(shape === "autoscaled" ? {} : { replicas: shape === "single" ? 1 : replicas }),
      selector: { matchLabels: selectorOf(name) },
      strategy: { type: "RollingUpdate", rollingUpdate: rollingUpdateOf(shape) },
      template: { metadata: { labels: podLabels(recipe) }, spec: podSpecOf(recipe) },
    },
  };
}

/** Where the nodes are full a new pod gets room only when an old one has gone. */
function rollingUpdateOf(shape: Recipe["shape"]) {
  return shape === "max" ? { maxSurge: 0, maxUnavailable: 1 } : { maxSurge: 1, maxUnavailable: 0 };
}

function podSpecOf(recipe: Recipe) {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: nonRootId,
      runAsGroup: nonRootId,
      seccompProfile: { type: "RuntimeDefault" },
    },
    terminationGracePeriodSeconds: graceSeconds,
    topologySpreadConstraints: ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
      topologyKey,
      maxSkew: 1,
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: selectorOf(recipe.name) },
      // Pods of the version before do not count while they are replaced.
      matchLabelKeys: ["pod-template-hash"],
    })),
    containers: [containerOf(recipe)],
  };
}

function containerOf({ image, requests, limits }: Recipe) {
  return {
    name: containerName,
    image,
    ports: [{ name: portName, containerPort: servicePort, protocol: "TCP" }],
    resources: { requests: quantitiesOf(requests), limits: quantitiesOf(limits) },
    startupProbe: { ...probe("/readyz", 1, 2), failureThreshold: startSeconds },
    readinessProbe: { ...probe("/readyz", 1, 2), failureThreshold: 3 },
    // Slow is no reason to end a pod: it has to be silent for a minute.
    livenessProbe: { ...probe("/healthz", 10, 5), failureThreshold: 6 },
    // What it wrote last says why it ended: deploy tells it.
    terminationMessagePolicy: "FallbackToLogsOnError",
    lifecycle: { preStop: { sleep: { seconds: preStopSeconds } } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
}

function probe(path: string, periodSeconds: number, timeoutSeconds: number) {
  return { httpGet: { path, port: portName }, periodSeconds, timeoutSeconds };
}

function quantitiesOf({ cpuMillis, memoryBytes }: Resources) {
  return { cpu: cpuText(cpuMillis), memory: memoryText(memoryBytes) };
}

/** As the API server writes it, so that a second apply changes nothing. */
function cpuText(millis: number): string {
  return millis % 1000 === 0 ? String(millis / 1000) : `${millis}m`;
}

/** The largest binary unit that gives a whole number. */
function memoryText(bytes: number): string {
  const unit = [["Gi", 2 ** 30] as const, ["Mi", 2 ** 20] as const, ["Ki", 2 ** 10] as const].find(
    ([, size]) => bytes % size === 0,
  );
  return unit ? `${bytes / unit[1]}${unit[0]}` : String(bytes);
}
