/** Waits until a deployment is ready, tells what holds it up, and gives up early where waiting is of no use. */
import { type Clock, systemClock } from "../../base/clock.ts";
import { noProgress, type Progress } from "../../base/progress.ts";
import type { Cluster } from "../../cluster/index.ts";
import { FulcrumError, isFulcrumError } from "../../errors/index.ts";
import { notFound } from "./apply.ts";
import { type Observation, observeDeployment } from "./observe.ts";
import { isHopeless, renderObstacles } from "./obstacles.ts";

export interface WaitOptions {
  readonly cluster: Cluster;
  readonly name: string;
  /** Ready pods that are waited for. */
  readonly asked: number;
  /** Pods that no node has room for are a result (shape max), not an obstacle. */
  readonly pendingIsFine: boolean;
  readonly timeoutSeconds: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

const pollMs = 500;
/** An obstacle that does not pass by waiting is believed after it has stood so long: images are tried again. */
const beliefMs = 8_000;
/** Where no node has room, pods of the revision before may still end, or room may come. */
const settledMs = 3_000;

/**
 * Resolves when the newest revision is ready and older ones are gone.
 * @throws DEPLOY_ROLLOUT_FAILED with the reasons
 * @throws DEPLOY_NOT_FOUND
 * @throws CLUSTER_UNREACHABLE where the API server did not answer when the time was over
 */
export async function waitForRollout(options: WaitOptions): Promise<Observation> {
  const { name, asked, clock = systemClock, progress = noProgress, signal } = options;
  const startMs = clock.nowMs();
  const task = progress.task(`${name}: pods ready`, asked, "pods");
  let told = "";
  let shown = 0;
  let hopelessSinceMs: number | undefined;
  let settledSinceMs: number | undefined;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const now = await observeThroughRestarts(options);
      const nowMs = clock.nowMs();
      const isLate = nowMs - startMs >= options.timeoutSeconds * 1000;
      if (now instanceof FulcrumError) {
        if (isLate) throw now;
      } else {
        task.advance(Math.max(0, now.ready - shown));
        shown = Math.max(shown, now.ready);
        const words = renderObstacles(now.obstacles.filter(({ kind }) => kind !== "starting"));
        if (words !== "" && words !== told) progress.note(`${name}: ${words}`);
        told = words;
        if (isDone(now, options)) return now;
        settledSinceMs = isSettled(now, options) ? (settledSinceMs ?? nowMs) : undefined;
        if (settledSinceMs !== undefined && nowMs - settledSinceMs >= settledMs) return now;
        hopelessSinceMs = now.obstacles.some(isHopeless) ? (hopelessSinceMs ?? nowMs) : undefined;
        const isOver = hopelessSinceMs !== undefined && nowMs - hopelessSinceMs >= beliefMs;
        if (isOver || isLate) throw failureOf(now, options, nowMs - startMs);
      }
      await clock.sleep(pollMs, signal);
    }
  } finally {
    task.finish();
  }
}

/** The error while the API server restarts: deployments go on without it. */
async function observeThroughRestarts({ cluster, name, progress }: WaitOptions): Promise<Observation | FulcrumError> {
  try {
    const observation = await observeDeployment(cluster, name);
    if (!observation.deployment) throw await notFound(cluster, name);
    return observation;
  } catch (error) {
    if (!isFulcrumError(error, "CLUSTER_UNREACHABLE")) throw error;
    progress?.note(error.message);
    return error;
  }
}

function isDone(
  { ready, isRolledOut, obstacles, wanted }: Observation,
  { asked, pendingIsFine }: WaitOptions,
): boolean {
  return isRolledOut && ready >= asked && (pendingIsFine || ready >= Math.min(asked, wanted)) && obstacles.length === 0;
}

/** At least one pod is ready, and all others have no room or may not be made. */
function isSettled({ ready, obstacles, isRolledOut }: Observation, { pendingIsFine }: WaitOptions): boolean {
  const isResult = obstacles.every(({ kind }) => kind === "unschedulable" || kind === "quota");
  return pendingIsFine && isRolledOut && ready > 0 && obstacles.length > 0 && isResult;
}

function failureOf({ ready, obstacles }: Observation, { name, asked }: WaitOptions, ms: number): FulcrumError {
  const reasons = obstacles.length > 0 ? renderObstacles(obstacles) : "pods of the revision before do not end.";
  const seconds = Math.round(ms / 1000);
  return new FulcrumError("DEPLOY_ROLLOUT_FAILED", { name, ready, asked, seconds, reasons });
}
