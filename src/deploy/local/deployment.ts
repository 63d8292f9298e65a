/** A deployment on the embedded platform: platform, balancer, autoscaler and admin address put together. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Clock, systemClock } from "../../base/clock.ts";
import type { AutoscalerTiming, Deployment, Platform, Resources } from "../../config/deployment.ts";
import { projectDir } from "../../config/paths.ts";
import { FulcrumError } from "../../errors/index.ts";
import {
  type AutoscaleDecision,
  type AutoscaleSettings,
  decideReplicas,
  initialAutoscaleState,
} from "../../policy/autoscale/index.ts";
import type { Measurement, PlatformEvent, ResourceSample } from "../../records/measurement.ts";
import { createBalancer } from "./balancer.ts";
import { type Enforcement, openLimiter } from "./limits.ts";
import { LocalPlatform } from "./platform.ts";
import { cpuSampleOf, observe } from "./pod.ts";
import type { ReplicaCommand } from "./replica.ts";

export interface LocalDeploymentOptions {
  readonly modelPath: string;
  readonly deployment: Pick<Deployment, "shape" | "requests" | "limits" | "replicas" | "autoscaling">;
  readonly platform: Platform;
  readonly autoscaler: AutoscalerTiming;
  /** All autoscaler periods shrink by this; the start of a replica takes its real time. */
  readonly timeScale: number;
  /** Port of the balancer; 0 for any. */
  readonly port: number;
  /** How to start a replica; by default this project's `serve`. */
  readonly command?: ReplicaCommand;
  readonly clock?: Clock;
}

export interface DeploymentSnapshot {
  readonly asked: number;
  readonly running: number;
  readonly ready: number;
  readonly pending: Measurement["pending"];
  readonly nodes: Measurement["nodes"];
  readonly pod: { readonly requests: Resources; readonly limits: Resources };
  readonly systemPods: { readonly requests: Resources; readonly limits: Resources };
  readonly enforcement: Enforcement;
  /** The autoscaler's last decision; null before the first and for other shapes. */
  readonly decision: Omit<AutoscaleDecision, "state"> | null;
}

export interface LocalDeployment {
  readonly url: string;
  readonly adminUrl: string;
  readonly events: readonly PlatformEvent[];
  readonly readySeconds: readonly number[];
  snapshot(): DeploymentSnapshot;
  sample(): ResourceSample;
  /** Resolves when every placed replica is ready. @throws DEPLOY_NOT_READY */
  waitReady(timeoutSeconds: number, signal?: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

export async function startLocalDeployment(options: LocalDeploymentOptions): Promise<LocalDeployment> {
  const clock = options.clock ?? systemClock;
  const limiter = await openLimiter();
  const { requests, limits } = options.deployment;
  const command = options.command ?? serveCommand(options.modelPath, limits);
  const platform = new LocalPlatform({ platform: options.platform, requests, limits, command, limiter, clock });
  const balancer = createBalancer(() => platform.backends);
  const port = await listen(balancer.server, options.port);
  const over = new AbortController();
  const autoscaler = { last: null as AutoscaleDecision | null };
  platform.scaleTo(askedAtStart(options.deployment));
  const loops = [sampleLoop(platform, options, clock, over.signal)];
  if (options.deployment.shape === "autoscaled")
    loops.push(autoscaleLoop(platform, options, clock, over.signal, autoscaler));

  const snapshot = () => snapshotOf(platform, options, limiter.enforcement, autoscaler.last);
  const sample = () => sampleOf(platform, options, clock);
  const admin = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ ...snapshot(), sample: sample(), events: platform.events }));
  });
  const adminPort = await listen(admin, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    events: platform.events,
    readySeconds: platform.readySeconds,
    snapshot,
    sample,
    waitReady: (timeoutSeconds, signal) => waitReady(platform, timeoutSeconds, clock, signal),
    async stop() {
      over.abort();
      admin.closeAllConnections();
      admin.close();
      await balancer.close();
      await Promise.all([platform.stop(), ...loops]);
    },
  };
}

function askedAtStart({ shape, replicas, autoscaling }: LocalDeploymentOptions["deployment"]): number {
  if (shape === "single") return 1;
  return shape === "max" ? replicas : autoscaling.minReplicas;
}

/** The service with as many threads as whole cores of its limit, at least one. */
function serveCommand(modelPath: string, limits: Resources): ReplicaCommand {
  const threads = String(Math.max(1, Math.floor(limits.cpuMillis / 1000)));
  const main = join(projectDir, "src/cli/main.ts");
  const flags = ["--port", "0", "--announce", "--log", "error", "--threads", threads];
  return { file: process.execPath, args: [main, "serve", modelPath, ...flags] };
}

async function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new FulcrumError("DEPLOY_PORT_TAKEN", { port, problem: cause.message }, { cause })),
    );
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

/** CPU readings every metrics period, at least ten a second are not needed: 100 ms is the shortest. */
async function sampleLoop(
  platform: LocalPlatform,
  { autoscaler, timeScale }: LocalDeploymentOptions,
  clock: Clock,
  signal: AbortSignal,
) {
  const periodMs = Math.max(100, (autoscaler.metricsPeriod * 1000) / timeScale);
  while (!signal.aborted) {
    await platform.measure();
    await clock.sleep(periodMs, signal).catch(() => {});
  }
}

async function autoscaleLoop(
  platform: LocalPlatform,
  options: LocalDeploymentOptions,
  clock: Clock,
  signal: AbortSignal,
  autoscaler: { last: AutoscaleDecision | null },
): Promise<void> {
  const settings = scaledSettings(options);
  const periodMs = (options.autoscaler.syncPeriod * 1000) / options.timeScale;
  let state = initialAutoscaleState;
  while (!signal.aborted) {
    await clock.sleep(periodMs, signal).catch(() => {});
    if (signal.aborted) return;
    const currentReplicas = platform.pods.length;
    const pods = platform.pods.map((pod) => observe(pod, options.deployment.requests.cpuMillis));
    const decision = decideReplicas(settings, state, { currentReplicas, pods, nowMs: clock.nowMs() });
    state = decision.state;
    autoscaler.last = decision;
    if (decision.desiredReplicas === currentReplicas) continue;
    const { utilizationPercent, desiredReplicas, reason } = decision;
    platform.note(
      "scale",
      null,
      `${currentReplicas} to ${desiredReplicas} (CPU ${utilizationPercent ?? "?"} %, ${reason})`,
    );
    platform.scaleTo(desiredReplicas);
  }
}

/** An autoscaler without spec.behavior, its periods shrunk by the time scale. */
function scaledSettings({ autoscaler, deployment, timeScale }: LocalDeploymentOptions): AutoscaleSettings {
  const milliseconds = (seconds: number) => (seconds * 1000) / timeScale;
  return {
    ...deployment.autoscaling,
    tolerance: autoscaler.tolerance,
    downscaleStabilizationMs: milliseconds(autoscaler.downscaleStabilization),
    cpuInitializationPeriodMs: milliseconds(autoscaler.cpuInitializationPeriod),
    initialReadinessDelayMs: milliseconds(autoscaler.initialReadinessDelay),
    behavior: null,
  };
}

function snapshotOf(
  platform: LocalPlatform,
  { deployment, platform: declared }: LocalDeploymentOptions,
  enforcement: Enforcement,
  last: AutoscaleDecision | null,
): DeploymentSnapshot {
  const { requests, limits } = deployment;
  const pods = platform.pods;
  const system = declared.systemReserved;
  const nodes = platform.nodes.map(({ name, capacity, requested, replicas }) => {
    const limited = {
      cpuMillis: system.cpuMillis + replicas * limits.cpuMillis,
      memoryBytes: system.memoryBytes + replicas * limits.memoryBytes,
    };
    return { node: name, capacity, requests: requested, limits: limited, replicas };
  });
  const decision = last && withoutState(last);
  return {
    asked: pods.length,
    running: pods.filter((pod) => pod.process !== null).length,
    ready: pods.filter((pod) => pod.ready).length,
    pending: pods.flatMap(({ name, pendingReason }) =>
      pendingReason ? [{ replica: name, reason: pendingReason }] : [],
    ),
    nodes,
    pod: { requests, limits },
    systemPods: { requests: system, limits: system },
    enforcement,
    decision,
  };
}

function withoutState({ state: _state, ...decision }: AutoscaleDecision): Omit<AutoscaleDecision, "state"> {
  return decision;
}

function sampleOf(platform: LocalPlatform, { deployment }: LocalDeploymentOptions, clock: Clock): ResourceSample {
  const running = platform.pods.filter((pod) => pod.process !== null);
  const { requests, limits } = deployment;
  const sum = (value: (pod: (typeof running)[number]) => number) =>
    running.reduce((total, pod) => total + value(pod), 0);
  return {
    epochMs: clock.epochMs(),
    replicas: running.length,
    readyReplicas: running.filter((pod) => pod.ready).length,
    cpuRequestCores: (running.length * requests.cpuMillis) / 1000,
    memoryRequestBytes: running.length * requests.memoryBytes,
    cpuLimitCores: (running.length * limits.cpuMillis) / 1000,
    memoryLimitBytes: running.length * limits.memoryBytes,
    cpuUseCores: sum((pod) => cpuSampleOf(pod)?.cpuMillis ?? 0) / 1000,
    memoryUseBytes: sum((pod) => pod.memoryBytes),
  };
}

async function waitReady(
  platform: LocalPlatform,
  timeoutSeconds: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  const endMs = clock.nowMs() + timeoutSeconds * 1000;
  const placed = () => platform.pods.filter((pod) => pod.node !== null);
  while (placed().length === 0 || placed().some((pod) => !pod.ready)) {
    signal?.throwIfAborted();
    if (clock.nowMs() > endMs) {
      const ready = placed().filter((pod) => pod.ready).length;
      const last = platform.events.filter(({ kind }) => kind === "crashed").at(-1)?.detail ?? "none crashed";
      throw new FulcrumError("DEPLOY_NOT_READY", { ready, placed: placed().length, seconds: timeoutSeconds, last });
    }
    await clock.sleep(50, signal);
  }
}
