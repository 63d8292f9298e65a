/** Tells the live page of a measurement under way: a look at the platform and the answers of each second. */
import type { LiveEvent, LiveReplica, Tell } from "../live/index.ts";
import { type Hit, verdictOf } from "../load/index.ts";
import type { ResourceSample } from "../records/measurement.ts";
import type { PlatformSnapshot } from "./measured-platform.ts";

export interface MeasurementTeller {
  readonly onHit: (hit: Hit) => void;
  readonly onSample: (sample: ResourceSample) => void;
  stop(): void;
}

const tellEveryMs = 1000;

export function tellMeasurement(options: {
  /** DEPLOYMENT/CANDIDATE */
  readonly id: string;
  /** The load in words. */
  readonly load: string;
  /** A look at the platform; the next one waits for it. */
  readonly look: () => Promise<PlatformSnapshot>;
  /** False where hits stay elsewhere: then nothing is known of the load, and nothing is told. */
  readonly isLoadHere: boolean;
  readonly tell: Tell;
}): MeasurementTeller {
  const { id, load, look, isLoadHere, tell } = options;
  const onceReady = new Set<string>();
  tell({ type: "measurement", epochMs: Date.now(), id, load });
  let answers = new Answers();
  let isLooking = false;
  const tellAll = async () => {
    if (isLoadHere) tell({ type: "load", epochMs: Date.now(), ...answers.close() });
    answers = new Answers();
    if (isLooking) return;
    isLooking = true;
    // A platform that does not answer now is looked at again; the monitor tells of gaps.
    const seen = await look().catch(() => undefined);
    isLooking = false;
    if (seen !== undefined) tell(platformEvent(seen, onceReady));
  };
  const timer = setInterval(() => void tellAll(), tellEveryMs).unref();
  return {
    onHit: (hit) => answers.add(hit),
    onSample(sample) {
      tell({ type: "resources", ...sample });
    },
    stop: () => clearInterval(timer),
  };
}

/** The answers since the last look. */
class Answers {
  readonly #startedMs = performance.now();
  #okay = 0;
  #failed = 0;
  #responseMs = 0;

  add(hit: Hit): void {
    const verdict = verdictOf(hit);
    if (verdict === "failed") this.#failed++;
    if (verdict !== "okay") return;
    this.#okay++;
    this.#responseMs += hit.finishedMs - (hit.sentMs ?? hit.finishedMs);
  }

  close(): { seconds: number; okay: number; failed: number; meanResponseMs: number | null } {
    return {
      seconds: (performance.now() - this.#startedMs) / 1000,
      okay: this.#okay,
      failed: this.#failed,
      meanResponseMs: this.#okay > 0 ? this.#responseMs / this.#okay : null,
    };
  }
}

/** @param onceReady names of replicas that have been ready; grows */
function platformEvent({ replicas, nodes }: PlatformSnapshot, onceReady: Set<string>): LiveEvent {
  for (const { name, ready } of replicas) if (ready) onceReady.add(name);
  return {
    type: "platform",
    epochMs: Date.now(),
    replicas: replicas.map((replica) => liveReplica(replica, onceReady.has(replica.name))),
    nodes: nodes.map(({ node, capacity, requests }) => ({ node, capacity, requests })),
  };
}

/** Pure. `Pending` with a node: its image comes, its container is made. */
export function liveReplica(
  { name, node, phase, ready }: PlatformSnapshot["replicas"][number],
  wasReady: boolean,
): LiveReplica {
  if (phase === "Terminating") return { name, node, state: "ending" };
  if (node === null) return { name, node, state: "pending" };
  if (ready) return { name, node, state: "ready" };
  const isStarting = phase === "Pending" || (phase === "Running" && !wasReady);
  return { name, node, state: isStarting ? "starting" : "unready" };
}
