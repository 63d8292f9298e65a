/** Deploys one model on the embedded platform, drives one load, records everything: the body of a measurement. */
import { join } from "node:path";
import { writeFileAtomic } from "../base/files.ts";
import type { Progress } from "../base/progress.ts";
import type { AutoscalerTiming, Deployment, Platform } from "../config/deployment.ts";
import type { LoadScenario } from "../config/load.ts";
import { type DeploymentSnapshot, type LocalDeployment, startLocalDeployment } from "../deploy/index.ts";
import { describeScenario, type LoadResult, loadFiles, runSeries, writeLoadFiles } from "../load/index.ts";
import { type Monitor, renderEventsJsonl, renderResourceUsageCsv, startMonitor } from "../monitor/index.ts";
import type { Measurement } from "../records/measurement.ts";

export interface MeasureOptions {
  readonly deployment: Deployment;
  readonly candidate: string;
  readonly load: LoadScenario;
  readonly platform: Platform;
  readonly autoscaler: AutoscalerTiming;
  readonly modelPath: string;
  readonly modelSha256: string;
  readonly dir: string;
  readonly seed: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const readyTimeoutSeconds = 120;
/** A sample each 5 seconds of the scenario's time, as the original. */
const samplePeriodSeconds = 5;
const files = { ...loadFiles, resourceUsage: "resource_usage.csv", events: "events.jsonl" } as const;

export async function measureLocally(options: MeasureOptions): Promise<Measurement> {
  const { deployment, modelPath, platform, autoscaler, load, dir, signal, progress } = options;
  const timeScale = load.kind === "series" ? load.timeScale : 1;
  const running = await startLocalDeployment({ modelPath, deployment, platform, autoscaler, timeScale, port: 0 });
  try {
    await running.waitReady(readyTimeoutSeconds, signal);
    const before = running.snapshot();
    progress.note(
      `${deployment.name}/${options.candidate}: ${before.ready} of ${before.asked} replicas ready at ${running.url}`,
    );
    const monitor = startMonitor({
      source: async () => running.sample(),
      periodSeconds: samplePeriodSeconds / timeScale,
      signal,
    });
    const url = `${running.url}/test`;
    const result = await runSeries({
      url,
      scenario: load,
      seed: options.seed,
      hitsPath: join(dir, files.hits),
      progress,
      signal,
    });
    await monitor.stop();
    signal.throwIfAborted();
    await writeFiles(dir, result, monitor, running);
    return measurementOf(options, { timeScale, url, before, result, monitor, running });
  } finally {
    await running.stop();
  }
}

async function writeFiles(dir: string, result: LoadResult, monitor: Monitor, running: LocalDeployment): Promise<void> {
  await writeLoadFiles(dir, result);
  await writeFileAtomic(join(dir, files.resourceUsage), renderResourceUsageCsv(monitor.samples));
  await writeFileAtomic(join(dir, files.events), renderEventsJsonl(running.events));
}

interface Observed {
  readonly timeScale: number;
  readonly url: string;
  /** The platform when the load began. */
  readonly before: DeploymentSnapshot;
  readonly result: LoadResult;
  readonly monitor: Monitor;
  readonly running: LocalDeployment;
}

function measurementOf(
  options: MeasureOptions,
  { timeScale, url, before, result, monitor, running }: Observed,
): Measurement {
  const { deployment, candidate, load, modelSha256 } = options;
  return {
    deployment: deployment.name,
    candidate,
    shape: deployment.shape,
    target: deployment.target,
    modelSha256,
    pod: before.pod,
    enforcement: before.enforcement,
    systemPods: before.systemPods,
    asked: before.asked,
    running: before.ready,
    pending: [...before.pending],
    nodes: [...before.nodes],
    readySeconds: [...running.readySeconds],
    autoscaling: deployment.shape === "autoscaled" ? deployment.autoscaling : null,
    load: { name: load.name, description: describeScenario(load), url, timeScale },
    startedAt: new Date(result.startedEpochMs).toISOString(),
    summary: result.summary,
    rows: [...result.rows],
    samples: [...monitor.samples],
    events: [...running.events],
    files,
  };
}
