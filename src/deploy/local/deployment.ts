/**
 * A deployment on the embedded platform: platform, balancer, autoscaler and admin address put together.
 *
 * With a time scale S all periods of the platform (the autoscaler's, the restart back-off's) shrink by S; the start-up of a
 * replica, the readiness probe and the grace period are real and do not.
 */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, systemClock } from "../../base/clock.ts";
import type { AutoscalerTiming, Deployment, Platform } from "../../config/deployment.ts";
import { FulcrumError } from "../../errors/index.ts";
import type { PlatformEvent, ResourceSample } from "../../records/measurement.ts";
import { createAdmin } from "./admin.ts";
import { type Decision, runAutoscaler, scaledSettings } from "./autoscaler.ts";
import { createBalancer } from "./balancer.ts";
import { type Limiter, openLimiter } from "./limits.ts";
import { TotalMeter } from "./meter.ts";
import { LocalPlatform } from "./platform.ts";
import { type PodWorld, terminationGraceMs } from "./pod.ts";
import { isReady, type ReplicaCommand, startReplica } from "./replica.ts";
import { serveCommand } from "./serve-command.ts";
import { type DeploymentSnapshot, type Observed, sampleOf, snapshotOf } from "./snapshot.ts";
import { readTreeUsage } from "./usage.ts";
import { waitUntilReady } from "./wait-ready.ts";

export interface LocalDeploymentOptions {
  readonly modelPath: string;
  readonly deployment: Pick<Deployment, "shape" | "requests" | "limits" | "replicas" | "autoscaling">;
  readonly platform: Platform;
  readonly autoscaler: AutoscalerTiming;
  readonly timeScale: number;
  /** Port of the balancer; 0 for any. */
  readonly port: number;
  /** Stops the deployment when it fires. */
  readonly signal?: AbortSignal;
  /** Told of every event as it happens. */
  readonly onEvent?: (event: PlatformEvent) => void;
  /** How to start a replica; by default this project's `serve` of the model. */
  readonly command?: ReplicaCommand;
  /** Tests put fakes in place of the clock, the limits and the processes. */
  readonly clock?: Clock;
  readonly limiter?: Limiter;
  readonly world?: Partial<Pick<PodWorld, "startReplica" | "isReady" | "readTreeUsage">>;
}

export interface LocalDeployment {
  /** Of the balancer. */
  readonly url: string;
  /** GET /fulcrum/state under this address: the snapshot with `sample` and `events`. */
  readonly adminUrl: string;
  /** Grows. */
  readonly events: readonly PlatformEvent[];
  /** Seconds from start to readiness, of every process that became ready. Grows. */
  readonly readySeconds: readonly number[];
  snapshot(): DeploymentSnapshot;
  /** Use of CPU is the mean since the sample before, whoever took it. */
  sample(): ResourceSample;
  /**
   * Resolves when every replica that has a place is ready.
   * @throws DEPLOY_NOTHING_FITS, DEPLOY_REPLICA_CRASHES, DEPLOY_NOT_READY
   */
  waitReady(timeoutSeconds: number, signal?: AbortSignal): Promise<void>;
  /** Answers what is under way, ends every replica and removes every trace. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts the replicas and listens; it need not be ready yet.
 * @throws DEPLOY_RESOURCES_INVALID, DEPLOY_PORT_TAKEN
 */
export async function startLocalDeployment(options: LocalDeploymentOptions): Promise<LocalDeployment> {
  checkResources(options.deployment);
  const clock = options.clock ?? systemClock;
  const limiter = options.limiter ?? (await openLimiter());
  const log = eventLog(clock, options.onEvent);
  const platform = new LocalPlatform(options.platform, worldOf(options, clock, limiter, log.note));
  const balancer = createBalancer(() => platform.readyBackends);
  const meter = new TotalMeter(clock.nowMs());
  let decision: Decision | null = null;
  const observe = (): Observed => ({
    deployment: options.deployment,
    platform: options.platform,
    pods: platform.pods,
    endingPods: platform.endingPods,
    nodes: platform.nodes,
    enforcement: limiter.enforcement,
    decision,
  });
  const snapshot = () => snapshotOf(observe());
  const sample = () =>
    sampleOf(observe(), clock.epochMs(), meter.read([...platform.pods, ...platform.endingPods], clock.nowMs()));
  const admin = createAdmin(() => ({ ...snapshot(), sample: sample(), events: log.events }));
  const port = await listen(balancer.server, options.port);
  const adminPort = await listen(admin, 0);
  platform.scaleTo(askedAtStart(options.deployment));

  const over = new AbortController();
  const autoscaling =
    options.deployment.shape === "autoscaled"
      ? autoscale(options, platform, clock, over.signal, (latest, currentReplicas) => {
          decision = latest;
          if (latest.desiredReplicas !== currentReplicas) log.note("scale", null, inWords(latest, currentReplicas));
        })
      : Promise.resolve();
  const stopOnce = async () => {
    over.abort();
    await autoscaling;
    await balancer.close(terminationGraceMs);
    await platform.stop();
    admin.closeAllConnections();
    await new Promise((resolve) => admin.close(resolve));
  };
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= stopOnce();
    return stopped;
  };
  options.signal?.addEventListener("abort", () => void stop(), { once: true });
  return {
    url: `http://127.0.0.1:${port}`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    events: log.events,
    get readySeconds() {
      return platform.readySeconds;
    },
    snapshot,
    sample,
    waitReady: (timeoutSeconds, signal) => waitUntilReady(platform, timeoutSeconds, clock, signal),
    stop,
  };
}
