/** What holds a pod up, in words: from its status and its events. Pure. */
import {
  type ContainerStatus,
  type Event,
  isReady,
  type Pod,
  pendingReason,
  type ReplicaSet,
  type Terminated,
} from "../../cluster/index.ts";

export interface Obstacle {
  /** Pod, or the replica set where no pod could be made. */
  readonly of: string;
  readonly kind: "unschedulable" | "image" | "crash" | "memory" | "probe" | "node" | "quota" | "starting";
  /** A clause: "0/3 nodes are available: 3 Insufficient cpu". */
  readonly words: string;
}

/** Kinds that do not pass by waiting. Room on nodes may appear, so unschedulable is not one of them. */
const hopeless: readonly Obstacle["kind"][] = ["image", "crash", "memory", "quota"];

export const isHopeless = ({ kind }: Obstacle) => hopeless.includes(kind);

const imageReasons = [
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "RegistryUnavailable",
];

/**
 * Why this pod is not ready; undefined where it is.
 * @param events of this pod, any order
 */
export function obstacleOf(pod: Pod, events: readonly Event[]): Obstacle | undefined {
  if (isReady(pod)) return undefined;
  const say = (kind: Obstacle["kind"], words: string): Obstacle => ({
    of: pod.metadata.name,
    kind,
    words: trim(words),
  });
  const unscheduled = pendingReason(pod);
  if (unscheduled !== undefined) return say("unschedulable", unscheduled);
  if (isNodeLost(pod)) return say("node", `its node ${pod.spec.nodeName} does not answer`);
  const container = pod.status.containerStatuses?.[0];
  const waiting = container?.state?.waiting;
  if (waiting?.reason && imageReasons.includes(waiting.reason)) {
    const image = pod.spec.containers[0]?.image ?? "its image";
    return say(
      "image",
      `image ${image} cannot be pulled (${pullProblem(events) ?? waiting.message ?? waiting.reason})`,
    );
  }
  if (container && endOf(container)) return crashOf(pod, container, say);
  if (waiting?.reason === "CreateContainerConfigError" || waiting?.reason === "CreateContainerError") {
    return say("crash", `its container cannot be made (${waiting.message ?? waiting.reason})`);
  }
  const probe = newest(events.filter(isProbeFailure));
  if (container?.state?.running && probe) return say("probe", probe.message.replace(/"http:\/\/[^/]*/, '"'));
  const latest = newest(events);
  return say("starting", latest ? `${latest.reason}: ${latest.message}` : "it starts");
}

/** How its process ended; undefined where it runs, again or still: an end before is no obstacle any more. */
function endOf({ state, lastState }: ContainerStatus): Terminated | undefined {
  return state?.terminated ?? (state?.running ? undefined : lastState?.terminated);
}

/** Why a replica set makes no pods; undefined where it does. */
export function creationObstacle({ metadata, status }: ReplicaSet): Obstacle | undefined {
  const failure = status.conditions?.find(({ type, status: state }) => type === "ReplicaFailure" && state === "True");
  if (!failure) return undefined;
  return { of: metadata.name, kind: "quota", words: trim(failure.message ?? failure.reason ?? "pods cannot be made") };
}

/** Obstacles as one sentence, equal ones counted: "3 pods: 0/3 nodes are available: 3 Insufficient cpu." */
export function renderObstacles(obstacles: readonly Obstacle[]): string {
  const counts = new Map<string, number>();
  for (const { words } of obstacles) counts.set(words, (counts.get(words) ?? 0) + 1);
  return [...counts].map(([words, count]) => `${count === 1 ? "1 pod" : `${count} pods`}: ${words}.`).join(" ");
}

function crashOf(
  pod: Pod,
  container: ContainerStatus,
  say: (kind: Obstacle["kind"], words: string) => Obstacle,
): Obstacle {
  const end = endOf(container)!;
  const times = container.restartCount > 0 ? `, restarted ${container.restartCount} times` : "";
  if (end.reason === "OOMKilled") {
    const limit = pod.spec.containers.find(({ name }) => name === container.name)?.resources?.limits?.memory;
    return say(
      "memory",
      `killed for using more memory than its limit${limit ? ` of ${limit}` : ""} (OOMKilled)${times}`,
    );
  }
  const message = end.message ? `: ${lastLine(end.message)}` : "";
  return say("crash", `its process ended with exit code ${end.exitCode}${times}${message}`);
}

/** A start-up probe that fails says only that the service is not up yet. */
function isProbeFailure({ reason, message }: Event): boolean {
  return reason === "Unhealthy" && !message.startsWith("Startup probe");
}

const lastLine = (text: string) => text.trim().split("\n").at(-1)!.slice(0, 300);

function isNodeLost({ status, spec }: Pod): boolean {
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  return spec.nodeName !== undefined && ready?.reason === "NodeNotReady";
}

/** The kubelet's event tells more than the status, which soon says only "back-off". */
function pullProblem(events: readonly Event[]): string | undefined {
  const failed = events.filter(({ reason, message }) => reason === "Failed" && /pull/i.test(message));
  const told = newest(failed.filter(({ message }) => !/^Error: /.test(message)));
  return told && trim(told.message.replace(/^Failed to pull image "[^"]*": /, ""));
}

export function eventMs({ lastTimestamp, eventTime, firstTimestamp, metadata }: Event): number {
  return Date.parse(lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata.creationTimestamp);
}

function newest(events: readonly Event[]): Event | undefined {
  return [...events].sort((a, b) => eventMs(b) - eventMs(a))[0];
}

const trim = (text: string) => text.trim().replace(/\s+/g, " ").replace(/\.$/, "");
