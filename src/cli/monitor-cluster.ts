/** `fulcrum monitor --target kubernetes`: three files, each complete at any moment. */
import { systemClock } from "../base/clock.ts";
import { writeFileAtomic } from "../base/files.ts";
import { type Cluster, labelsOf } from "../cluster/index.ts";
import { notFound } from "../deploy/index.ts";
import { renderPodUsageCsv, renderPodUsageLine, sampleCluster, watchClusterEvents } from "../monitor/index.ts";
import type { VerbIo } from "./verb.ts";
import type { MonitorFlags } from "./verbs/monitor.ts";
import { lineAppender, writeSamples } from "./write-samples.ts";

/** @throws DEPLOY_NOT_FOUND */
export async function watchCluster(
  cluster: Cluster,
  name: string,
  options: MonitorFlags,
  io: VerbIo,
): Promise<undefined> {
  if (!(await cluster.read({ kind: "Deployment", name }))) throw await notFound(cluster, name);
  const labels = labelsOf(name);
  const pods = options.pods === undefined ? undefined : lineAppender(options.pods);
  const events = options.events === undefined ? undefined : lineAppender(options.events);
  if (options.pods !== undefined) await writeFileAtomic(options.pods, renderPodUsageCsv([]));
  if (options.events !== undefined) await writeFileAtomic(options.events, "");
  const watching = new AbortController();
  const missing = new Map<string, number>();
  const miss = (what: string) => {
    if (!missing.has(what)) io.progress.note(`missing: ${what}`);
    missing.set(what, (missing.get(what) ?? 0) + 1);
  };
  const news = watchClusterEvents({
    cluster,
    labels,
    signal: watching.signal,
    onEvent: (event) => events?.write(JSON.stringify(event)),
    onTrouble: (problem) => io.progress.note(problem),
  });
  const source = async (signal: AbortSignal) => {
    const taken = await sampleCluster(cluster, labels, () => systemClock.epochMs(), signal);
    for (const row of taken.pods) pods?.write(renderPodUsageLine(row));
    if (taken.missing !== "") miss(taken.missing);
    return taken.sample;
  };
  const { samples, gaps } = await writeSamples(source, options, io);
  watching.abort();
  await Promise.all([news.done, pods?.done(), events?.done()]);
  io.print(`${samples.length} samples, ${gaps.length} gaps, ${news.events.length} events: ${options.out}`);
  for (const [what, count] of missing) io.print(`missing in ${count} samples: ${what}`);
  io.json({
    out: options.out,
    samples: samples.length,
    gaps,
    events: news.events.length,
    missing: Object.fromEntries(missing),
  });
  return undefined;
}
