/** `fulcrum monitor`: writes resource_usage.csv while a deployment runs in another process. */
import { z } from "zod";
import { durationQuantity } from "../../config/quantities.ts";
import { defineVerb } from "../verb.ts";

export const verb = defineVerb({
  summary: "Record the resources of a running deployment",
  description:
    "Asks the admin address of a running `fulcrum deploy` for its state every few seconds and writes a row for each " +
    "answer: replicas, CPU and memory requested, limited and used. A sample that does not come leaves a row with only " +
    "its time. Ends after --duration, or at Ctrl-C; the file is complete at any moment.",
  arguments: [],
  options: z.object({
    target: z.string().describe("Admin address that `fulcrum deploy` printed"),
    out: z.string().default("resource_usage.csv").describe("File to write"),
    events: z.string().optional().describe("File for the platform's events, a JSON object a line, written at the end"),
    period: durationQuantity.prefault("5s").describe("Between samples"),
    duration: durationQuantity.optional().describe("How long; until Ctrl-C where not given"),
  }),
  examples: [
    "fulcrum monitor --target http://127.0.0.1:8081 --duration 30m",
    "fulcrum monitor --target http://127.0.0.1:8081 --period 1s --out usage.csv --events events.jsonl",
  ],
  async run({ options, io }) {
    const monitoring = await import("../../monitor/index.ts");
    const { appendFile } = await import("node:fs/promises");
    const { writeFileAtomic } = await import("../../base/files.ts");
    const url = monitoring.stateUrl(options.target);
    const first = await monitoring.fetchPlatformState(url, io.signal);
    let events = first.events;
    await writeFileAtomic(options.out, monitoring.renderResourceUsageCsv([]));
    let writing = Promise.resolve();
    const write = (line: string) => {
      writing = writing.then(() => appendFile(options.out, `${line}\n`));
    };
    const over = options.duration === undefined ? undefined : AbortSignal.timeout(options.duration * 1000);
    const monitor = monitoring.startMonitor({
      source: async (signal) => {
        const state = await monitoring.fetchPlatformState(url, signal);
        events = state.events;
        return state.sample;
      },
      periodSeconds: options.period,
      signal: over === undefined ? io.signal : AbortSignal.any([io.signal, over]),
      onSample: (sample) => write(monitoring.renderResourceUsageLine(sample)),
      onGap: (gap) => {
        write(monitoring.renderGapLine(gap.epochMs));
        io.progress.note(`no sample: ${gap.reason}`);
      },
    });
    io.progress.note(`sampling every ${options.period} s${over ? "" : "; Ctrl-C ends it"}`);
    await monitor.done;
    await writing;
    if (options.events !== undefined) await writeFileAtomic(options.events, monitoring.renderEventsJsonl(events));
    const { samples, gaps } = monitor;
    io.print(`${samples.length} samples, ${gaps.length} gaps: ${options.out}`);
    io.json({ out: options.out, samples: samples.length, gaps });
    return undefined;
  },
});
