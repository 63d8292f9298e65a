/** `fulcrum monitor`: requested, limited and used CPU and memory of a deployment over time, as CSV. */
import { z } from "zod";
import { durationQuantity } from "../../config/quantities.ts";
import { FulcrumError } from "../../errors/index.ts";
import type { PlatformEvent } from "../../records/measurement.ts";
import { defineVerb, type VerbIo } from "../verb.ts";
import { clusterOptions, withCluster } from "./cluster-options.ts";

const options = clusterOptions.extend({
  target: z.string().describe('Admin address that `fulcrum deploy` printed, or "kubernetes"'),
  name: z.string().optional().describe("Kubernetes: name of the deployment"),
  out: z.string().default("resource_usage.csv").describe("File to write"),
  pods: z.string().optional().describe("Kubernetes: file for a row a pod and sample, as pod_usage.csv"),
  events: z.string().optional().describe("File for the platform's events, a JSON object a line"),
  period: durationQuantity.prefault("5s").describe("Between samples"),
  duration: durationQuantity.optional().describe("How long; until Ctrl-C where not given"),
});
type Options = z.output<typeof options>;

export const verb = defineVerb({
  summary: "Write a deployment's resources over time",
  description:
    "Asks the platform every 5 seconds how many replicas run and what they request, may use and use, and writes " +
    "resource_usage.csv, which pandas reads: cores, and kilobytes of 1024 bytes. A sample that does not come leaves a row " +
    "with only its time. Ends after --duration, or at Ctrl-C; the file is complete at any moment. On Kubernetes use comes " +
    "from metrics.k8s.io (metrics-server), requests and limits from the pods themselves; a restart of the API server " +
    "leaves a gap, and what is missing is said.",
  arguments: [],
  options,
  examples: [
    "fulcrum monitor --target http://127.0.0.1:8081 --duration 30m",
    "fulcrum monitor --target http://127.0.0.1:8081 --period 1s --out usage.csv --events events.jsonl",
    "fulcrum monitor --target kubernetes --name latency --pods pod_usage.csv --events events.jsonl",
  ],
  async run({ options, io }) {
    if (options.target !== "kubernetes") return watchLocal(options, io);
    const { name } = options;
    if (name === undefined) {
      throw new FulcrumError("CLI_USAGE", { problem: "--target kubernetes needs a --name.", verb: "monitor" });
    }
    return withCluster(options, async (cluster) =>
      (await import("../monitor-cluster.ts")).watchCluster(cluster, name, options, io),
    );
  },
});
export type MonitorFlags = Options;

async function watchLocal(options: Options, io: VerbIo): Promise<undefined> {
  const { fetchPlatformState, renderEventsJsonl, stateUrl } = await import("../../monitor/index.ts");
  const { writeFileAtomic } = await import("../../base/files.ts");
  const { writeSamples } = await import("../write-samples.ts");
  const url = stateUrl(options.target);
  let events: readonly PlatformEvent[] = (await fetchPlatformState(url, io.signal)).events;
  const source = async (signal: AbortSignal) => {
    const state = await fetchPlatformState(url, signal);
    events = state.events;
    return state.sample;
  };
  const { samples, gaps } = await writeSamples(source, options, io);
  if (options.events !== undefined) await writeFileAtomic(options.events, renderEventsJsonl(events));
  io.print(`${samples.length} samples, ${gaps.length} gaps: ${options.out}`);
  io.json({ out: options.out, samples: samples.length, gaps });
  return undefined;
}
