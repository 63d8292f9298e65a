/**
 * Does the service keep its word for a long time? 80 % of its capacity, with reloads, bad model files, killed and
 * stopped workers, bad requests and clients that leave mixed in. Floors: no wrong answer, no well-formed request lost
 * except by 503, every bad request refused as it should be, no growth of memory (PSS of all processes).
 *
 * Command: node bench/soak.ts [--minutes 30] [--warm-up 5] [--calm] [--seed 1] [--threads N] [--json FILE]
 * --calm leaves out what goes wrong on purpose. Linux only (/proc). Prints a line every 10 s, and the verdict last.
 */
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { describeMachine } from "../src/base/machine.ts";
import { Rng } from "../src/base/rng.ts";
import { median } from "./ratio-interval.ts";
import { slopeOf } from "./slope.ts";
import { type ChaosLog, newChaosLog, wreak } from "./soak/chaos.ts";
import { soakModel, soakPhotos } from "./soak/fixtures.ts";
import { type SoakService, startService } from "./soak/service.ts";
import { type Counts, capacity, drive, newCounts, type Traffic } from "./soak/traffic.ts";

const { values: flags } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    "warm-up": { type: "string" },
    calm: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    threads: { type: "string" },
    json: { type: "string" },
  },
});
const minutes = Number(flags.minutes);
/** Left out of the slope: heaps and pools grow to their working size first. */
const warmUpMinutes = Number(flags["warm-up"] ?? Math.min(5, minutes / 3));
const loadShare = 0.8;
const capacityUsers = 8;
const capacitySeconds = 8;
const sampleSeconds = 1;
/** A reload runs one worker more for a moment: the median of this many seconds does not see it. */
const windowSeconds = 10;

interface Sample {
  readonly minute: number;
  readonly server: number;
  readonly workers: number;
}

const dir = await mkdtemp(join(tmpdir(), "fulcrum-soak-"));
try {
  process.exitCode = (await soak()) ? 0 : 1;
} finally {
  await rm(dir, { recursive: true, force: true });
}

async function soak(): Promise<boolean> {
  const rng = new Rng(`soak ${flags.seed}`);
  const photos = await soakPhotos(32);
  const models = [await soakModel(dir, 1, photos), await soakModel(dir, 2, photos)];
  const livePath = join(dir, "live.onnx");
  await copyFile(models[0]!.path, livePath);
  const threads = flags.threads ? ["--threads", flags.threads] : [];
  const service = await startService(dir, livePath, ["--run-limit", "2s", "--max-wait", "2s", ...threads]);
  const client = new Pool(service.url, { connections: 64 });
  const traffic: Traffic = { client, photos, models, rng: rng.fork("traffic") };
  await capacity(traffic, capacityUsers, 2);
  const perSecond = await capacity(traffic, capacityUsers, capacitySeconds);
  say(`capacity ${perSecond.toFixed(0)}/s; load ${(loadShare * perSecond).toFixed(0)}/s for ${minutes} min`);

  const over = new AbortController();
  const [counts, log, samples] = [newCounts(), newChaosLog(), [] as Sample[]];
  const startMs = performance.now();
  const chaos = { service, client, photos, models, livePath, rng: rng.fork("chaos"), signal: over.signal };
  const work = Promise.all([
    drive(traffic, loadShare * perSecond, counts, over.signal),
    flags.calm ? undefined : wreak(chaos, log),
    watch(service, samples, counts, startMs, over.signal),
  ]);
  const ended = await Promise.race([service.exit, delay(minutes * 60_000).then(() => "as planned" as const)]);
  over.abort();
  await work;
  await client.close();
  const exitCode = ended === "as planned" ? await service.stop() : ended;
  return report({ counts, log, samples, perSecond, exitCode, ended: ended === "as planned" });
}

async function watch(service: SoakService, samples: Sample[], counts: Counts, startMs: number, signal: AbortSignal) {
  for (let i = 1; !signal.aborted; i++) {
    const minute = (performance.now() - startMs) / 60_000;
    samples.push({ minute, ...service.memory() });
    if (i % 10 === 0) {
      const { server, workers } = samples.at(-1)!;
      const { sent, right, refused, wrong, lost } = counts;
      const memory = `PSS ${mega(server)} + ${mega(workers)} MB`;
      say(
        `${minute.toFixed(1)} min: ${sent} sent, ${right} right, ${refused} refused, ${wrong} wrong, ${lost} lost; ${memory}`,
      );
    }
    await delay(sampleSeconds * 1000, undefined, { signal }).catch(() => {});
  }
}

interface Outcome {
  readonly counts: Counts;
  readonly log: ChaosLog;
  readonly samples: readonly Sample[];
  readonly perSecond: number;
  readonly exitCode: number | null;
  /** By the soak, not by itself. */
  readonly ended: boolean;
}

async function report({ counts, log, samples, perSecond, exitCode, ended }: Outcome): Promise<boolean> {
  const kept = windows(samples.filter(({ minute }) => minute >= warmUpMinutes));
  const megabytes = (read: (sample: Sample) => number) =>
    slopeOf(kept.map((one) => ({ x: one.minute, y: read(one) / 1e6 })));
  const memory = {
    all: megabytes(({ server, workers }) => server + workers),
    server: megabytes(({ server }) => server),
    workers: megabytes(({ workers }) => workers),
  };
  const floors = {
    "no wrong answer": counts.wrong === 0,
    "no request lost but by 503": counts.lost === 0,
    "bad requests refused as they should be": log.problems.length === 0,
    "no growth of memory": memory.all.low <= 0,
    "it ran to the end and drained": ended && exitCode === 0,
  };
  const passed = Object.values(floors).every(Boolean);
  const healMs = log.healMs.length > 0 ? { median: median(log.healMs), most: Math.max(...log.healMs) } : null;
  const result = {
    minutes,
    warmUpMinutes,
    calm: flags.calm,
    seed: flags.seed,
    perSecond,
    counts,
    chaos: log,
    healMs,
    memory,
    floors,
    passed,
  };
  const machine = describeMachine();
  if (flags.json) await writeFile(flags.json, `${JSON.stringify({ machine, ...result, samples }, null, 1)}\n`);
  const { estimate, low, high } = memory.all;
  say(JSON.stringify({ ...result, machine: `${machine.cpuModel}, ${machine.cpuCount} cores, Node ${machine.node}` }));
  for (const part of ["server", "workers"] as const)
    say(
      `PSS of the ${part}: ${memory[part].estimate.toFixed(2)} [${memory[part].low.toFixed(2)}, ${memory[part].high.toFixed(2)}] MB/min`,
    );
  const failed = Object.entries(floors).flatMap(([name, holds]) => (holds ? [] : [name]));
  say(
    `verdict: ${passed ? "passed" : `FAILED (not: ${failed.join("; ")})`}: ${counts.right} right, ${counts.refused} refused, ` +
      `${counts.wrong} wrong, ${counts.lost} lost; PSS ${estimate.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}] MB/min`,
  );
  return passed;
}

/** Medians of windows of time. */
function windows(samples: readonly Sample[]): Sample[] {
  const groups = Map.groupBy(samples, ({ minute }) => Math.floor((minute * 60) / windowSeconds));
  return [...groups.values()].map((group) => ({
    minute: median(group.map(({ minute }) => minute)),
    server: median(group.map(({ server }) => server)),
    workers: median(group.map(({ workers }) => workers)),
  }));
}

function mega(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
