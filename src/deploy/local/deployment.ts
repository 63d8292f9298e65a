/**
 * A deployment on the embedded platform: platform, balancer, autoscaler and admin address put together.
 *
 * With a time scale S all periods of the platform (the autoscaler's, the restart back-off's) shrink by S; the start-up of a
 * replica, the readiness probe and the grace period are real and do not.
 */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, systemClock } from "../../base/clock.ts";
import { problemOf } from "../../base/files.ts";
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
  options.signal?.throwIfAborted();
  checkResources(options.deployment);
  const clock = options.clock ?? systemClock;
  const limiter = options.limiter ?? (await openLimiter());
  const events = eventLog(clock, options.onEvent);
  const readySeconds: number[] = [];
  const world = worldOf(options, { clock, limiter, readySeconds, note: events.note });
  const platform = new LocalPlatform(options.platform, world);
  const balancer = createBalancer(() => platform.readyBackends);
  const autoscaler = startAutoscaler(options, platform, clock, events.note);
  const meter = new TotalMeter(clock.nowMs());
  const observe = (): Observed => ({
    deployment: options.deployment,
    platform: options.platform,
    pods: platform.pods,
    endingPods: platform.endingPods,
    nodes: platform.nodes,
    enforcement: limiter.enforcement,
    decision: autoscaler.latest(),
  });
  const snapshot = () => snapshotOf(observe());
  const sample = () => {
    const use = meter.read([...platform.pods, ...platform.endingPods], clock.nowMs());
    return sampleOf(observe(), clock.epochMs(), use);
  };
  const admin = createAdmin(() => ({ ...snapshot(), sample: sample(), events: events.all }));
  const stop = once(async () => {
    await autoscaler.stop();
    await Promise.all([balancer.close(terminationGraceMs), close(admin)]);
    await platform.stop();
  });
  try {
    const port = await listen(balancer.server, options.port);
    const adminPort = await listen(admin, 0);
    options.signal?.addEventListener("abort", () => void stop(), { once: true });
    platform.scaleTo(askedAtStart(options.deployment));
    return {
      url: `http://127.0.0.1:${port}`,
      adminUrl: `http://127.0.0.1:${adminPort}`,
      events: events.all,
      readySeconds,
      snapshot,
      sample,
      waitReady: (timeoutSeconds, signal) => waitUntilReady(platform, timeoutSeconds, clock, signal),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @throws DEPLOY_RESOURCES_INVALID */
function checkResources({ requests, limits, autoscaling }: LocalDeploymentOptions["deployment"]): void {
  const check = (what: string, value: number, boundName: string, bound: number) => {
    if (value <= bound) return;
    throw new FulcrumError("DEPLOY_RESOURCES_INVALID", { what, value, bound: `${boundName} of ${bound}` });
  };
  check("The CPU request (millicores)", requests.cpuMillis, "the limit", limits.cpuMillis);
  check("The memory request (bytes)", requests.memoryBytes, "the limit", limits.memoryBytes);
  check("The fewest replicas", autoscaling.minReplicas, "the most", autoscaling.maxReplicas);
}

function askedAtStart({ shape, replicas, autoscaling }: LocalDeploymentOptions["deployment"]): number {
  if (shape === "single") return 1;
  return shape === "max" ? replicas : autoscaling.minReplicas;
}

function eventLog(clock: Clock, onEvent: (event: PlatformEvent) => void = () => {}) {
  const all: PlatformEvent[] = [];
  const note: PodWorld["note"] = (kind, replica, detail) => {
    const event = { epochMs: clock.epochMs(), kind, replica, detail };
    all.push(event);
    onEvent(event);
  };
  return { all, note };
}

function worldOf(
  { deployment, command, modelPath, timeScale, world }: LocalDeploymentOptions,
  own: Pick<PodWorld, "clock" | "limiter" | "readySeconds" | "note">,
): PodWorld {
  const { requests, limits } = deployment;
  return {
    ...own,
    requests,
    limits,
    command: command ?? serveCommand(modelPath, limits.cpuMillis),
    timeScale,
    startReplica,
    isReady,
    readTreeUsage,
    ...world,
  };
}

function startAutoscaler(
  { deployment, autoscaler: timing, timeScale }: LocalDeploymentOptions,
  platform: LocalPlatform,
  clock: Clock,
  note: PodWorld["note"],
): { latest(): Decision | null; stop(): Promise<void> } {
  let latest: Decision | null = null;
  const over = new AbortController();
  const running =
    deployment.shape !== "autoscaled"
      ? Promise.resolve()
      : runAutoscaler({
          platform,
          settings: scaledSettings(deployment.autoscaling, timing, timeScale),
          cpuRequestMillis: deployment.requests.cpuMillis,
          metricsPeriodMs: (timing.metricsPeriod * 1000) / timeScale,
          syncPeriodMs: (timing.syncPeriod * 1000) / timeScale,
          clock,
          signal: over.signal,
          onDecision(decision, currentReplicas) {
            latest = decision;
            if (decision.desiredReplicas !== currentReplicas) note("scale", null, inWords(decision, currentReplicas));
          },
        });
  const stop = () => {
    over.abort();
    return running;
  };
  return { latest: () => latest, stop };
}

function inWords({ desiredReplicas, utilizationPercent, reason }: Decision, currentReplicas: number): string {
  const use = utilizationPercent === null ? "" : `CPU at ${utilizationPercent} % of the requests, `;
  return `${currentReplicas} to ${desiredReplicas} replicas (${use}${reason})`;
}

/** @throws DEPLOY_PORT_TAKEN */
async function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new FulcrumError("DEPLOY_PORT_TAKEN", { port, problem: problemOf(cause) }, { cause })),
    );
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Runs at the first call; later calls get the same promise. */
function once(action: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined;
  return () => {
    result ??= action();
    return result;
  };
}
