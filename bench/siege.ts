/**
 * `fulcrum load` beside the real siege, against a service with a service time of 50 ms in a process of its own: five
 * alternated pairs, ten users, a new connection for each request. Compares the rate and the mean response time
 * (siege's = Concurrent / Trans Rate, finer than its Resp Time).
 *
 * Floor, checked here: both median ratios fulcrum / siege within 3 % of 1. With --delay the rate is chance (users pause
 * 0 or 1 s at -d 1), so there its floor is that the interval of its ratio holds 1.
 *
 * Command: node bench/siege.ts [--seconds 20] [--pairs 5] [--delay 0] [--service-ms 50]
 * Needs siege (Debian: apt install siege). Exit code 1 when the floor is not reached.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { describeMachine } from "../src/base/machine.ts";
import { fulcrumVersion } from "../src/base/version.ts";
import { projectDir } from "../src/config/paths.ts";
import { type LoadResult, parseSiegeRows } from "../src/load/index.ts";
import { median, type RatioInterval, ratioInterval } from "./ratio-interval.ts";
import { startService } from "./start-service.ts";

const execute = promisify(execFile);
const tolerance = 0.03;
const users = 10;

interface Figures {
  readonly ratePerSecond: number;
  readonly responseMs: number;
}

interface Setting {
  readonly seconds: number;
  readonly delay: number;
  readonly url: string;
  readonly dir: string;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "20" },
      pairs: { type: "string", default: "5" },
      delay: { type: "string", default: "0" },
      "service-ms": { type: "string", default: "50" },
    },
  });
  const [seconds, delay, serviceMs] = [Number(values.seconds), Number(values.delay), Number(values["service-ms"])];
  await tellVersions(`-c ${users} -t ${seconds}s -d ${delay}, service time ${serviceMs} ms`);
  const service = await startService(serviceMs);
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-bench-"));
  try {
    const pairs = await runPairs(Number(values.pairs), { seconds, delay, url: service.url, dir });
    const isRateChance = delay > 0;
    const isRateRight = judge("rate", pairs, ({ ratePerSecond }) => ratePerSecond, isRateChance);
    const isResponseRight = judge("mean response", pairs, ({ responseMs }) => responseMs, false);
    return isRateRight && isResponseRight ? 0 : 1;
  } finally {
    service.stop();
    await rm(dir, { recursive: true });
  }
}

interface Pair {
  readonly siege: Figures;
  readonly fulcrum: Figures;
}

/** The order within a pair changes from pair to pair, so that a drift of the machine hits both. */
async function runPairs(count: number, setting: Setting): Promise<Pair[]> {
  const pairs: Pair[] = [];
  await runFulcrum({ ...setting, seconds: 2 }, -1);
  for (let i = 0; i < count; i++) {
    const isSiegeFirst = i % 2 === 0;
    const first = isSiegeFirst ? await runSiege(setting) : await runFulcrum(setting, i);
    const second = isSiegeFirst ? await runFulcrum(setting, i) : await runSiege(setting);
    const pair = isSiegeFirst ? { siege: first, fulcrum: second } : { siege: second, fulcrum: first };
    pairs.push(pair);
    print(
      `pair ${i + 1}   siege ${show(pair.siege)}   fulcrum ${show(pair.fulcrum)}   load ${loadavg()[0]!.toFixed(2)}`,
    );
  }
  return pairs;
}

async function runSiege({ seconds, delay, url, dir }: Setting): Promise<Figures> {
  const log = join(dir, "siege.log");
  const flags = ["--quiet", "--no-parser", `--log=${log}`, "-c", String(users), "-t", `${seconds}s`];
  await execute("siege", [...flags, ...(delay > 0 ? ["-d", String(delay)] : []), url]);
  const row = parseSiegeRows(await readFile(log, "utf8"), log).at(-1)!;
  await rm(log);
  return { ratePerSecond: row.ratePerSecond, responseMs: (1000 * row.concurrency) / row.ratePerSecond };
}

async function runFulcrum({ seconds, delay, url, dir }: Setting, seed: number): Promise<Figures> {
  const out = join(dir, "fulcrum");
  const flags = ["-c", String(users), "-t", `${seconds}s`, "-d", String(delay), "--seed", String(seed + 2), "--json"];
  const program = join(projectDir, "src/cli/main.ts");
  const { stdout } = await execute(process.execPath, [program, "load", url, ...flags, "--out", out]);
  const { summary } = JSON.parse(stdout) as LoadResult;
  return { ratePerSecond: summary.transactionRatePerSecond, responseMs: summary.responseMs!.mean };
}

/** Prints medians and the ratio with its interval; true where the floor is reached. */
function judge(name: string, pairs: readonly Pair[], figure: (of: Figures) => number, isChance: boolean): boolean {
  const ratio = ratioInterval(pairs.map(({ siege, fulcrum }) => figure(fulcrum) / figure(siege)));
  const isRight = isChance ? ratio.low <= 1 && ratio.high >= 1 : Math.abs(ratio.median - 1) <= tolerance;
  const floor = isChance ? "interval holds 1" : `median within ${tolerance * 100} %`;
  const medians = [pairs.map((pair) => figure(pair.siege)), pairs.map((pair) => figure(pair.fulcrum))].map(median);
  print(
    `${name}: siege ${medians[0]!.toFixed(2)}, fulcrum ${medians[1]!.toFixed(2)} (medians); ratio ${describe(ratio)}; ` +
      `${floor}: ${isRight ? "reached" : "NOT REACHED"}`,
  );
  return isRight;
}

function describe(ratio: RatioInterval): string {
  return `${ratio.median.toFixed(4)} (median), 95 % interval of the mean ${ratio.low.toFixed(4)} to ${ratio.high.toFixed(4)}`;
}

function show({ ratePerSecond, responseMs }: Figures): string {
  return `${ratePerSecond.toFixed(2)}/s ${responseMs.toFixed(2)} ms`;
}

async function tellVersions(setting: string): Promise<void> {
  const { stdout, stderr } = await execute("siege", ["--version"]);
  const siege = /SIEGE (\S+)/.exec(stdout + stderr)?.[1] ?? "unknown";
  const { cpuModel, cpuCount, node } = describeMachine();
  print(`siege ${siege}, fulcrum ${fulcrumVersion}, Node ${node}, ${cpuCount} cores of ${cpuModel}`);
  print(setting);
  const load = loadavg()[0]!;
  if (load > cpuCount / 2)
    print(`This machine is busy (load average ${load.toFixed(2)}): the figures will say little.`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
