/** Waiting for a deployment to be of use, and giving up in time where it never will be. */
import type { Clock } from "../../base/clock.ts";
import { FulcrumError } from "../../errors/index.ts";
import type { Pod } from "./pod.ts";

/** A replica that crashed so often without ever being ready will not be. */
const hopelessCrashes = 3;
const pollMs = 50;

type AwaitedPod = Pick<Pod, "name" | "node" | "pendingReason" | "isReady" | "restarts" | "lastCrash">;

/** @throws DEPLOY_NOTHING_FITS, DEPLOY_REPLICA_CRASHES, DEPLOY_NOT_READY; the signal's reason */
export async function waitUntilReady(
  platform: { readonly pods: readonly AwaitedPod[] },
  timeoutSeconds: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  const endMs = clock.nowMs() + timeoutSeconds * 1000;
  for (;;) {
    signal?.throwIfAborted();
    const placed = platform.pods.filter(({ node }) => node !== null);
    const ready = placed.filter(({ isReady }) => isReady);
    if (placed.length === 0) {
      throw new FulcrumError("DEPLOY_NOTHING_FITS", {
        reason: platform.pods[0]?.pendingReason ?? "none is asked for.",
      });
    }
    if (ready.length === placed.length) return;
    const hopeless = placed.find(({ restarts, isReady }) => restarts >= hopelessCrashes && !isReady);
    if (hopeless) {
      const { name: replica, restarts: crashes, lastCrash } = hopeless;
      throw new FulcrumError("DEPLOY_REPLICA_CRASHES", { replica, crashes, detail: lastCrash ?? "" });
    }
    if (clock.nowMs() >= endMs) {
      const counts = { ready: ready.length, placed: placed.length, seconds: timeoutSeconds };
      throw new FulcrumError("DEPLOY_NOT_READY", counts);
    }
    await clock.sleep(pollMs, signal);
  }
}
