/** Sends requests to a service from here, as siege does or at a fixed rate, and says how it fared: `fulcrum load`, and all of it in an image. */
import { z } from "zod";
import { readBytes, readText } from "../../base/files.ts";
import { type LoadScenario, loadScenario } from "../../config/load.ts";
import { durationQuantity } from "../../config/quantities.ts";
import { exitCodes, FulcrumError } from "../../errors/index.ts";
import type { LoadResult } from "../../load/index.ts";
import { defineVerb } from "../verb.ts";

export const loadOptions = z.object({
  users: z.int().min(1).max(1000).optional().describe("Users at once (10 where not given)"),
  time: durationQuantity.optional().describe("Length, as 60s (60s where not given)"),
  delay: durationQuantity.optional().describe("Longest pause of a user between requests, as 1 or 500ms (none)"),
  rate: z.number().positive().max(10000).optional().describe("Open loop: requests a second, in place of users"),
  scenario: z.string().optional().describe('File with a load scenario, or "original": the 30 one-minute runs'),
  timeScale: z.number().min(1).max(120).optional().describe("Minutes of a series shrink by this; delays do not"),
  post: z.string().optional().describe("POST this file, as the upload page does, in place of GET"),
  keepAlive: z.boolean().default(false).describe("Reuse connections; siege opens one for each request"),
  timeout: durationQuantity.prefault("30s").describe("A request without a byte for this long has failed"),
  seed: z.int().min(0).default(1).describe("Seed of the pauses"),
  out: z.string().optional().describe("Folder for hits.jsonl, siege.log and load_output.csv"),
});
export type LoadFlags = z.output<typeof loadOptions>;

export const verb = defineVerb({
  summary: "Load-test a service, as siege does",
  description:
    "Sends GET requests to URL from a number of users who wait for each answer (closed loop, with the semantics of " +
    "siege 4.0.7), or at a fixed rate (open loop: latency counts from when a request was due). Prints siege's summary " +
    "with finer figures; Ctrl-C ends the run and still prints it. 1024 failures end a closed run, as in siege. Exit " +
    "code 1 when no request was answered. Load-test only servers that are yours.",
  arguments: [{ usage: "<url>", description: "Address to load, as http://127.0.0.1:8080/test" }],
  options: loadOptions,
  short: { users: "c", time: "t", delay: "d" },
  examples: [
    "fulcrum load http://127.0.0.1:8080/test -c 10 -t 60s",
    "fulcrum load http://127.0.0.1:8080/test -c 20 -d 1 -t 5m --out runs/load",
    "fulcrum load http://127.0.0.1:8080/test --rate 50 -t 30s",
    "fulcrum load http://127.0.0.1:8080/test --scenario original --time-scale 30",
    "fulcrum load http://127.0.0.1:8080/predict --post photo.jpg -c 4 -t 10s",
  ],
  async run({ args, options, io }) {
    const { loadFiles, parseLoadUrl, runSeries, writeLoadFiles } = await import("../../load/index.ts");
    const { join } = await import("node:path");
    const url = parseLoadUrl(args[0] as string);
    const scenario = await scenarioOf(options);
    if (!isLoopback(url)) io.progress.note(`${url.host} is not this machine: load-test only servers that are yours.`);
    const upload = options.post === undefined ? {} : { upload: await readUpload(options.post) };
    const cpuBefore = process.cpuUsage();
    const busyBefore = performance.eventLoopUtilization();
    const result = await runSeries({
      url: url.href,
      ...upload,
      scenario,
      ...(options.timeScale === undefined ? {} : { timeScale: options.timeScale }),
      seed: options.seed,
      keepAlive: options.keepAlive,
      timeoutSeconds: options.timeout,
      signal: io.signal,
      progress: io.progress,
      ...(options.out === undefined ? {} : { hitsPath: join(options.out, loadFiles.hits) }),
    });
    const { user, system } = process.cpuUsage(cpuBefore);
    const generator = {
      cpuMs: (user + system) / 1000,
      busyRatio: performance.eventLoopUtilization(busyBefore).utilization,
    };
    if (options.out !== undefined) await writeLoadFiles(options.out, result);
    await tellLoad(result, io.print);
    tellGenerator(result, generator, io.print);
    io.json({ url: url.href, ...result, generator });
    if (io.signal.aborted) return exitCodes.interrupted;
    return result.summary.transactions > 0 ? undefined : exitCodes.failure;
  },
});

function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

async function readUpload(path: string): Promise<{ fileName: string; bytes: Uint8Array }> {
  const { basename } = await import("node:path");
  return { fileName: basename(path), bytes: await readBytes(path) };
}

/** @throws CLI_USAGE for flags that exclude each other; LOAD_SCENARIO_INVALID, FILE_UNREADABLE */
export async function scenarioOf(options: LoadFlags): Promise<LoadScenario> {
  const usage = (problem: string) => new FulcrumError("CLI_USAGE", { problem, verb: "load" });
  const { users, time, delay, rate, scenario, timeScale } = options;
  if (scenario !== undefined) {
    const excluded = Object.entries({ users, time, delay, rate }).find(([, value]) => value !== undefined);
    if (excluded) throw usage(`--scenario says it all; --${excluded[0]} cannot be given as well.`);
    const { originalScenario, parseScenario } = await import("../../load/index.ts");
    return scenario === "original" ? originalScenario : parseScenario(await readText(scenario), scenario);
  }
  if (timeScale !== undefined) throw usage("--time-scale shrinks the minutes of a --scenario; there is none.");
  const common = { name: "command-line", duration: time ?? 60 };
  if (rate === undefined)
    return loadScenario.parse({ ...common, kind: "closed", users: users ?? 10, delay: delay ?? 0 });
  if (users !== undefined || delay !== undefined)
    throw usage("--rate is an open loop: it has no --users and no --delay.");
  return loadScenario.parse({ ...common, kind: "open", ratePerSecond: rate });
}

interface Generator {
  readonly cpuMs: number;
  readonly busyRatio: number;
}

export async function tellLoad(result: LoadResult, print: (text: string) => void): Promise<void> {
  const { renderSiegeBlock, renderSiegeLog } = await import("../../load/index.ts");
  const { summary, runs, failures, refused, cutOff } = result;
  if (runs.length > 1) print(renderSiegeLog(result));
  print(renderSiegeBlock(result));
  print("");
  if (summary.responseMs) print(`Response time:   ${latencies(summary.responseMs)}`);
  if (summary.scheduledMs) print(`From schedule:   ${latencies(summary.scheduledMs)}`);
  for (const [reason, count] of Object.entries(failures)) print(`Failed:          ${count} x ${reason}`);
  if (refused > 0) print(`Status 4xx:      ${refused} (transactions, but neither OKAY nor failed, as in siege)`);
  if (cutOff > 0) print(`In flight:       ${cutOff} at the end, not counted, as in siege`);
  const early = runs.filter((run) => run.ending === "failures").length;
  if (early > 0) print(`Ended early:     ${early} of ${runs.length} runs, for too many failures`);
}

function tellGenerator({ summary }: LoadResult, generator: Generator, print: (text: string) => void): void {
  const sent = summary.transactions + summary.failed;
  const each = sent > 0 ? `, ${(generator.cpuMs / sent).toFixed(2)} ms CPU a request` : "";
  print(`Generator:       busy ${(generator.busyRatio * 100).toFixed(1)} % of one core${each}`);
  if (generator.busyRatio > 0.8)
    print("                 That is its limit: the figures may be the generator's, not the server's.");
}

function latencies(figures: NonNullable<LoadResult["summary"]["responseMs"]>): string {
  const ms = (value: number) => value.toFixed(1);
  const { mean, p50, p90, p99, max } = figures;
  return `mean ${ms(mean)} ms, p50 ${ms(p50)}, p90 ${ms(p90)}, p99 ${ms(p99)}, max ${ms(max)}`;
}
