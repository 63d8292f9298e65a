/** Deploys one model, drives one load, records everything: the body of a measurement, wherever the deployment runs. */
import { join } from "node:path";
import { writeFileAtomic } from "../base/files.ts";
import { describeScenario, type LoadResult, loadFiles, runSeries, writeLoadFiles } from "../load/index.ts";
import { type Monitor, renderEventsJsonl, renderResourceUsageCsv, startMonitor } from "../monitor/index.ts";
import type { Measurement } from "../records/measurement.ts";
import type { MeasuredPlatform, MeasureOptions, PlatformSnapshot } from "./measured-platform.ts";
import { startLocally } from "./start-locally.ts";
import { startOnCluster } from "./start-on-cluster.ts";
import { tellMeasurement } from "./tell-measurement.ts";

/** A sample each 5 seconds of the scenario's time, as the original. */
const samplePeriodSeconds = 5;
const files = { ...loadFiles, resourceUsage: "resource_usage.csv", events: "events.jsonl" } as const;

const starters = { local: startLocally, kubernetes: startOnCluster } as const;

export async function measure(options: MeasureOptions): Promise<Measurement> {
  const { deployment, load, dir, signal, progress } = options;
  const timeScale = load.kind === "series" ? load.timeScale : 1;
  const running = await starters[deployment.target](options, timeScale);
  const live = tellMeasurement({
    id: `${deployment.name}/${options.candidate}`,
    load: describeScenario(load),
    look: () => running.snapshot(),
    isLoadHere: running.drive === undefined,
    tell: options.tell,
  });
  let monitor: Monitor | undefined;
  try {
    const before = await running.snapshot();
    progress.note(
      `${deployment.name}/${options.candidate}: ${before.ready} of ${before.asked} replicas ready at ${running.url}`,
    );
    monitor = startMonitor({
      source: (waiting) => running.sample(waiting),
      periodSeconds: samplePeriodSeconds / timeScale,
      onSample: live.onSample,
      signal,
    });
    const url = `${running.url}/test`;
    const hitsPath = join(dir, files.hits);
    const { onHit } = live;
    const result = running.drive
      ? await running.drive(url)
      : await runSeries({ url, scenario: load, seed: options.seed, hitsPath, onHit, progress, signal });
    await monitor.stop();
    signal.throwIfAborted();
    const own = await writeFiles(dir, result, monitor, running);
    return measurementOf(options, { timeScale, url, before, result, monitor, running, own });
  } finally {
    live.stop();
    // A load that failed leaves it running, and with it the process.
    await monitor?.stop();
    await running.stop();
  }
}

async function writeFiles(dir: string, result: LoadResult, monitor: Monitor, running: MeasuredPlatform) {
  await writeLoadFiles(dir, result);
  await writeFileAtomic(join(dir, files.resourceUsage), renderResourceUsageCsv(monitor.samples, monitor.gaps));
  await writeFileAtomic(join(dir, files.events), renderEventsJsonl(running.events));
  const own = await running.writeFiles?.(dir);
  const { hits, ...written } = files;
  return { ...written, ...(running.drive ? {} : { hits }), ...own };
}

interface Observed {
  readonly timeScale: number;
  readonly url: string;
  readonly before: PlatformSnapshot;
  readonly result: LoadResult;
  readonly monitor: Monitor;
  readonly running: MeasuredPlatform;
  /** Files that were written, by what they hold. */
  readonly own: Record<string, string>;
}

function measurementOf(
  options: MeasureOptions,
  { timeScale, url, before, result, monitor, running, own }: Observed,
): Measurement {
  const { deployment, candidate, load, modelSha256 } = options;
  return {
    deployment: deployment.name,
    candidate,
    shape: deployment.shape,
    target: deployment.target,
    ...running.about,
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
    files: own,
  };
}
