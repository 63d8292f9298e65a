/**
 * Records what a HorizontalPodAutoscaler of a real cluster saw and decided, in the form of test/fixtures/hpa-vectors: the
 * pods and their metrics four times a second, and its decisions as its controller's log tells them. What it saw is not told:
 * where pods or metrics changed in the moment of a decision, each state that they had is kept.
 */
import { isDeepStrictEqual } from "node:util";
import type { Cluster, Pod, PodMetrics } from "../../src/cluster/index.ts";
import { isEnding, labelsOf, parseQuantity, podAmounts } from "../../src/cluster/index.ts";
import { parseDuration } from "../../src/config/quantities.ts";

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

/** The pods at a moment between `askedMs` and `answeredMs` (of the recording). */
export interface Look {
  readonly askedMs: number;
  readonly answeredMs: number;
  readonly pods: readonly PodRow[];
}

/** A decision as the log tells it. */
export interface Decision {
  readonly atEpochMs: number;
  readonly currentReplicas: number;
  /** By the metrics alone. */
  readonly proposedReplicas: number;
  readonly desiredReplicas: number;
}

export interface Step {
  readonly nowMs: number;
  readonly currentReplicas: number;
  readonly pods: readonly PodRow[];
  /** Where pods or metrics changed about that time: what else it may have seen. */
  readonly otherPods?: readonly (readonly PodRow[])[];
  readonly proposedReplicas: number;
  readonly desiredReplicas: number;
}

const lookEveryMs = 250;
/** At most from the controller's reading of pods and metrics to its line in the log, on a busy machine. */
const decidingMs = 1500;

/** Looks until the signal; times of the looks and of what they show count from `startEpochMs`. */
export async function recordLooks(
  cluster: Cluster,
  name: string,
  { startEpochMs, signal }: { startEpochMs: number; signal: AbortSignal },
): Promise<Look[]> {
  const looks: Look[] = [];
  const labels = labelsOf(name);
  while (!signal.aborted) {
    const askedMs = Date.now() - startEpochMs;
    const seen = await Promise.all([cluster.list("Pod", { labels }), cluster.list("PodMetrics", { labels })]).catch(
      () => null,
    ); // the next look may succeed
    if (seen) {
      const [pods, metrics] = seen;
      const byName = new Map(metrics.map((entry) => [entry.metadata.name, entry]));
      const rows = pods.map((pod) => rowOf(pod, byName.get(pod.metadata.name), startEpochMs));
      looks.push({ askedMs, answeredMs: Date.now() - startEpochMs, pods: rows });
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  return looks;
}

function rowOf(pod: Pod, metrics: PodMetrics | undefined, startEpochMs: number): PodRow {
  const ready = pod.status.conditions?.find(({ type }) => type === "Ready");
  const since = (time: string | undefined) => (time === undefined ? 0 : Date.parse(time) - startEpochMs);
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
    metrics ? durationMs(metrics.window) : 0,
  ];
}

/** A window as metrics.k8s.io writes it, by Go's time.Duration: "414ms", "16.3s", "1m0.5s". */
export function durationMs(window: string): number {
  const parts = window.match(/[\d.]+[a-z]+/g) ?? [];
  return Math.round(1000 * parts.reduce((sum, part) => sum + parseDuration(part)!, 0));
}

/**
 * Decisions on the deployment, from the log of kube-controller-manager at --vmodule=horizontal=4: a proposal, then whether
 * it came to a change.
 *
 * @param year of the decisions: the log's times have none
 */
export function decisionsOf(
  log: string,
  { namespace, name, year }: Record<"namespace" | "name", string> & { year: number },
): Decision[] {
  const decisions: Decision[] = [];
  let proposal: { atEpochMs: number; proposedReplicas: number } | undefined;
  for (const line of log.split("\n")) {
    if (!line.includes(`${namespace}/${name}"`)) continue;
    const desired = Number(/desiredReplicas=(\d+)/.exec(line)?.[1]);
    if (line.includes('"Proposing desired replicas"')) {
      proposal = { atEpochMs: timeOf(line, year), proposedReplicas: desired };
    } else if (proposal && /"(Successfully rescaled|Decided not to scale)"/.test(line)) {
      const current = Number(/currentReplicas=(\d+)/.exec(line)?.[1] ?? desired);
      decisions.push({ ...proposal, currentReplicas: current, desiredReplicas: desired });
      proposal = undefined;
    }
  }
  return decisions;
}

/** Of a line as "I1130 08:20:33.123456 ...", in the machine's own time. */
function timeOf(line: string, year: number): number {
  const [, month, day, time] = /^.(\d\d)(\d\d) ([\d:.]+)/.exec(line)!;
  return Date.parse(`${year}-${month}-${day}T${time}`);
}

/**
 * The decisions that were made while it was looked, each with what there was to be seen. Looks after a decision show what it
 * has brought about, so only the metrics of pods that were there before are taken from them.
 */
export function stepsOf(looks: readonly Look[], decisions: readonly Decision[], startEpochMs: number): Step[] {
  return decisions.flatMap(({ atEpochMs, ...decision }) => {
    const nowMs = atEpochMs - startEpochMs;
    const last = looks.findLastIndex(({ answeredMs }) => answeredMs <= nowMs);
    const after = looks.findIndex(({ askedMs }) => askedMs >= nowMs);
    if (last < 0 || after < 0) return [];
    const { pods } = looks[last]!;
    const earlier = looks.slice(0, last).filter(({ answeredMs }) => answeredMs >= nowMs - decidingMs);
    const later = looks.slice(last + 1, after + 1).map((look) => withMetricsOf(pods, look.pods));
    const states = [pods, ...earlier.map((look) => look.pods), ...later];
    const [, ...otherPods] = states.filter(
      (state, i) => states.findIndex((other) => isDeepStrictEqual(other, state)) === i,
    );
    return [{ nowMs, pods, ...(otherPods.length > 0 ? { otherPods } : {}), ...decision }];
  });
}

function withMetricsOf(pods: readonly PodRow[], measured: readonly PodRow[]): PodRow[] {
  const byName = new Map(measured.map((row) => [row[0], row]));
  return pods.map((row) => {
    const [name, phase, deleting, ready, changedMs, startMs, requestMillis] = row;
    const [, , , , , , , cpuMillis, timestampMs, windowMs] = byName.get(name) ?? row;
    return [name, phase, deleting, ready, changedMs, startMs, requestMillis, cpuMillis, timestampMs, windowMs];
  });
}
