/**
 * What happens to a deployment on a cluster, as events of the platform: pods scheduled, started, ready, unready, crashed,
 * stopped, Pending with the reason; scale decisions of the autoscaler; nodes lost and back. Times are those at which the
 * news came here, on this machine's clock: the API's own have whole seconds.
 */
import { type Clock, systemClock } from "../base/clock.ts";
import {
  type Autoscaler,
  type Change,
  type Cluster,
  isReady,
  type Node,
  type Pod,
  pendingReason,
  restartsOf,
} from "../cluster/index.ts";
import type { PlatformEvent } from "../records/measurement.ts";

export interface ClusterEventsOptions {
  readonly cluster: Cluster;
  readonly labels: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: PlatformEvent) => void;
  /** Told when the API server does not answer; the watch goes on. */
  readonly onTrouble?: (problem: string) => void;
  readonly clock?: Clock;
}

export interface ClusterEvents {
  /** Grows. */
  readonly events: readonly PlatformEvent[];
  /** Seconds from a pod's first sight to its readiness, of every pod that was made while we watched. Grows. */
  readonly readySeconds: readonly number[];
  /** Resolves when the signal has fired and nothing is under way. */
  readonly done: Promise<void>;
}

type Note = Omit<PlatformEvent, "epochMs">;

export function watchClusterEvents(options: ClusterEventsOptions): ClusterEvents {
  const { cluster, labels, signal, onTrouble, clock = systemClock } = options;
  const events: PlatformEvent[] = [];
  const readySeconds: number[] = [];
  const startMs = clock.epochMs();
  /** null once the pod has been ready. */
  const firstSeenMs = new Map<string, number | null>();
  const tell = (notes: readonly Note[]) => {
    for (const note of notes) {
      const event = { epochMs: clock.epochMs(), ...note };
      events.push(event);
      options.onEvent?.(event);
    }
  };
  const podHistory = new History<Pod>(podNotes);
  const scaleHistory = new History<Autoscaler>(scaleNotes);
  const nodeHistory = new History<Node>(nodeNotes);
  const onPod = (change: Change<Pod>) => {
    const notes = podHistory.notes(change);
    const { uid, creationTimestamp } = change.object.metadata;
    // A second of tolerance: the server's times are whole seconds.
    if (!firstSeenMs.has(uid) && Date.parse(creationTimestamp) >= startMs - 1000) firstSeenMs.set(uid, clock.epochMs());
    const seenMs = firstSeenMs.get(uid) ?? null;
    if (seenMs !== null && restartsOf(change.object) === 0 && notes.some(({ kind }) => kind === "ready")) {
      readySeconds.push((clock.epochMs() - seenMs) / 1000);
      firstSeenMs.set(uid, null);
    }
    tell(notes);
  };
  const troubled = onTrouble ? { onTrouble } : {};
  const done = Promise.all([
    cluster.watch("Pod", { labels, signal, ...troubled }, onPod),
    cluster.watch("HorizontalPodAutoscaler", { labels, signal }, (change) => tell(scaleHistory.notes(change))),
    cluster.watch("Node", { signal, namespace: null }, (change) => tell(nodeHistory.notes(change))),
  ]).then(() => {});
  return { events, readySeconds: readySeconds, done };
}

/** Keeps each object's last state, so that a change can be told as a difference. */
class History<Object extends Pod | Autoscaler | Node> {
  readonly #last = new Map<string, Object>();
  readonly #notes: (before: Object | undefined, after: Object | undefined) => Note[];

  constructor(notes: (before: Object | undefined, after: Object | undefined) => Note[]) {
    this.#notes = notes;
  }

  notes({ type, object }: Change<Object>): Note[] {
    const { uid } = object.metadata;
    const before = this.#last.get(uid);
    if (type === "DELETED") this.#last.delete(uid);
    else this.#last.set(uid, object);
    return this.#notes(type === "DELETED" ? object : before, type === "DELETED" ? undefined : object);
  }
}

/** Pure: what a change of a pod means. `after` is undefined when it is gone, `before` when it is new. */
export function podNotes(before: Pod | undefined, after: Pod | undefined): Note[] {
  const { name } = (after ?? before)!.metadata;
  const note = (kind: Note["kind"], detail: string): Note => ({ kind, replica: name, detail });
  if (!after) return [note("stopped", `its room on ${before?.spec.nodeName ?? "no node"} is free`)];
  const notes: Note[] = [];
  const pending = pendingReason(after);
  if (pending !== undefined && (before && pendingReason(before)) === undefined) notes.push(note("pending", pending));
  if (after.spec.nodeName !== undefined && before?.spec.nodeName === undefined)
    notes.push(note("scheduled", `on ${after.spec.nodeName}`));
  if (isRunning(after) && !(before && isRunning(before))) notes.push(note("started", "its container runs"));
  if (before && restartsOf(after) > restartsOf(before)) notes.push(note("crashed", endOf(after)));
  const [was, is] = [before !== undefined && isReady(before), isReady(after)];
  if (is && !was) notes.push(note("ready", "takes requests"));
  if (was && !is) notes.push(note("unready", after.metadata.deletionTimestamp ? "asked to end" : unreadyReason(after)));
  return notes;
}

function isRunning({ status }: Pod): boolean {
  return status.containerStatuses?.some(({ state }) => state?.running !== undefined) ?? false;
}

function endOf({ status }: Pod): string {
  const end = status.containerStatuses?.find(({ lastState }) => lastState?.terminated)?.lastState?.terminated;
  if (!end) return "its container was started again";
  return end.reason === "OOMKilled" ? "OOMKilled: over its memory limit" : `exit code ${end.exitCode} (${end.reason})`;
}

function unreadyReason({ status }: Pod): string {
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  return ready?.message ?? ready?.reason ?? "its probe fails";
}

/** Pure: a scale decision of the autoscaler. */
export function scaleNotes(before: Autoscaler | undefined, after: Autoscaler | undefined): Note[] {
  if (!before || !after || before.status.desiredReplicas === after.status.desiredReplicas) return [];
  const use = after.status.currentMetrics?.[0]?.resource?.current.averageUtilization;
  const why = after.status.conditions?.find(({ type }) => type === "AbleToScale")?.reason ?? "";
  const words = [use === undefined ? "" : `CPU at ${use} % of the requests`, why]
    .filter((part) => part !== "")
    .join(", ");
  const detail = `${before.status.desiredReplicas} to ${after.status.desiredReplicas} replicas (${words})`;
  return [{ kind: "scale", replica: null, detail }];
}

/** Pure: a node that is lost, or back. */
export function nodeNotes(before: Node | undefined, after: Node | undefined): Note[] {
  if (!before || !after) return [];
  const ready = (node: Node) => node.status.conditions?.find(({ type }) => type === "Ready");
  const [was, is] = [ready(before)?.status, ready(after)?.status];
  if (was === is) return [];
  const { name } = after.metadata;
  const detail =
    is === "True" ? `node ${name} is Ready again` : `node ${name} is not Ready: ${ready(after)?.reason ?? ""}`;
  return [{ kind: "node", replica: null, detail }];
}
