/**
 * Records what a HorizontalPodAutoscaler of a real cluster saw and decided, in the form of test/fixtures/hpa-vectors:
 * the pods and their metrics twice a second, and the replicas that it asked for. Its decisions are made every
 * `syncSeconds`; their raster is found from the moments at which its status changed.
 */
import type { Cluster, Pod, PodMetrics } from "../../src/cluster/index.ts";
import { isEnding, labelsOf, parseQuantity, podAmounts } from "../../src/cluster/index.ts";

export type PodRow = readonly [
  name: string,
  phase: string,
  deleting: boolean,
  ready: boolean | null,
  readyChangedMs: number,
  startMs: number | null,
  requestMillis: number,
  cpuMillis: number | null,
  timestampMs: number,
  windowMs: number,
];

export interface Look {
  readonly nowMs: number;
  readonly replicas: number;
  readonly desiredReplicas: number;
  readonly utilizationPercent: number | null;
  /** Changes with every change of the autoscaler's status. */
  readonly statusVersion: string;
  readonly pods: readonly PodRow[];
}

export interface Step {
  readonly nowMs: number;
  readonly currentReplicas: number;
  readonly pods: readonly PodRow[];
  readonly desiredReplicas: number;
  readonly utilizationPercent: number | null;
}

const lookEveryMs = 500;
/**
 * The controller waits a whole period after a decision is made, so two of them lie a little more than the period apart.
 * That counts where the stabilisation window is a multiple of the period: the recommendation at its edge is out of it.
 */
const decidingMs = 10;

/** Looks until the signal; times count from the start. */
export async function recordLooks(cluster: Cluster, name: string, signal: AbortSignal): Promise<Look[]> {
  const looks: Look[] = [];
  const startMs = Date.now();
  while (!signal.aborted) {
    const labels = labelsOf(name);
    const [scaler, pods, metrics] = await Promise.all([
      cluster.read({ kind: "HorizontalPodAutoscaler", name }),
      cluster.list("Pod", { labels }),
      cluster.list("PodMetrics", { labels }),
    ]);
    if (scaler) {
      const byName = new Map(metrics.map((entry) => [entry.metadata.name, entry]));
      looks.push({
        nowMs: Date.now() - startMs,
        replicas: scaler.status.currentReplicas ?? 0,
        desiredReplicas: scaler.status.desiredReplicas,
        utilizationPercent: scaler.status.currentMetrics?.[0]?.resource?.current.averageUtilization ?? null,
        statusVersion: scaler.metadata.resourceVersion ?? "",
        pods: pods.map((pod) => rowOf(pod, byName.get(pod.metadata.name), startMs)),
      });
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  return looks;
}

function rowOf(pod: Pod, metrics: PodMetrics | undefined, startMs: number): PodRow {
  const ready = pod.status.conditions?.find(({ type }) => type === "Ready");
  const since = (time: string | undefined) => (time === undefined ? 0 : Date.parse(time) - startMs);
  const cpu = metrics?.containers.reduce(
    (sum, { usage }) => sum + Math.ceil(parseQuantity(usage.cpu ?? "0") * 1000),
    0,
  );
  return [
    pod.metadata.name,
    pod.status.phase,
    isEnding(pod),
    ready ? ready.status === "True" : null,
    since(ready?.lastTransitionTime),
    pod.status.startTime === undefined ? null : since(pod.status.startTime),
    podAmounts(pod).requests.cpuMillis,
    cpu ?? null,
    since(metrics?.timestamp),
    metrics ? Number.parseFloat(metrics.window) * 1000 : 0,
  ];
}

/**
 * The autoscaler's decisions: at each moment of its raster the look before it (what it saw) and the one after it (what it
 * wrote). The raster's phase is that which most changes of its status follow within a second.
 */
export function decisionsOf(looks: readonly Look[], syncMs: number): Step[] {
  const changes = looks.flatMap((look, i) =>
    i > 0 && looks[i - 1]!.statusVersion !== look.statusVersion ? [look.nowMs] : [],
  );
  const phases = Array.from({ length: syncMs / 250 }, (_, i) => i * 250);
  const support = (phase: number) => changes.filter((ms) => (((ms - phase) % syncMs) + syncMs) % syncMs < 1000).length;
  const phase = phases.toSorted((a, b) => support(b) - support(a))[0]!;
  const steps: Step[] = [];
  for (let atMs = phase; atMs < looks.at(-1)!.nowMs - 1500; atMs += syncMs + decidingMs) {
    const seen = looks.findLast(({ nowMs }) => nowMs <= atMs);
    const wrote = looks.find(({ nowMs }) => nowMs >= atMs + 1200);
    if (!seen || !wrote) continue;
    const { desiredReplicas, utilizationPercent } = wrote;
    steps.push({
      nowMs: atMs,
      currentReplicas: seen.desiredReplicas,
      pods: seen.pods,
      desiredReplicas,
      utilizationPercent,
    });
  }
  return steps;
}
