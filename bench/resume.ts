/**
 * Kills `fulcrum demo` with SIGKILL at random moments, starts it again each time, and compares its models with those of an
 * undisturbed run: the same bytes. Looks for processes that outlived their run.
 *
 * Floor, checked here: every model file equal, no process left, the killed run ends with a report.
 *
 * Command: node bench/resume.ts [--kills 3] [--within 150] [--seed 1]
 * --within: the latest moment of a kill, in seconds of running since the start before. Linux. Takes about two demos.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { access, glob, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { sha256 } from "../src/base/hash.ts";
import { describeMachine } from "../src/base/machine.ts";
import { Rng } from "../src/base/rng.ts";
import { fulcrumVersion } from "../src/base/version.ts";
import { projectDir } from "../src/config/paths.ts";

/** Inherited by every process of a run, so that none can hide. */
const mark = "FULCRUM_BENCH_RESUME";

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      kills: { type: "string", default: "3" },
      within: { type: "string", default: "150" },
      seed: { type: "string", default: "1" },
    },
  });
  const { cpuModel, cpuCount, node } = describeMachine();
  print(`fulcrum ${fulcrumVersion}, Node ${node}, ${cpuCount} cores of ${cpuModel}`);
  const rng = new Rng(Number(values.seed));
  const root = await mkdtemp(join(tmpdir(), "fulcrum-resume-"));
  try {
    const undisturbed = await run(join(root, "undisturbed"));
    let orphans = 0;
    for (let i = 0; i < Number(values.kills); i++) {
      orphans += await runAndKill(join(root, "killed"), rng.float() * Number(values.within));
    }
    const resumed = await run(join(root, "killed"));
    return judge(undisturbed, resumed, orphans) ? 0 : 1;
  } finally {
    await rm(root, { recursive: true });
  }
}

/** Model files of a finished demonstration: path in its run to SHA-256. */
type Models = ReadonlyMap<string, string>;

async function run(dir: string): Promise<Models> {
  const startMs = performance.now();
  const code = await ended(startDemo(dir));
  if (code !== 0) throw new Error(`fulcrum demo ended with ${code}`);
  print(`${dir}: ended after ${((performance.now() - startMs) / 1000).toFixed(0)} s`);
  const runDir = join(dir, "runs", "demo");
  await access(join(runDir, "report.html"));
  const models = new Map<string, string>();
  for await (const path of glob("train/*/model.onnx", { cwd: runDir })) {
    models.set(path, sha256(await readFile(join(runDir, path))));
  }
  return models;
}

/** Returns how many of the run's processes were alive 5 s after the kill. */
async function runAndKill(dir: string, afterSeconds: number): Promise<number> {
  const demo = startDemo(dir);
  const isEnded = await Promise.race([ended(demo).then(() => true), wait(afterSeconds * 1000, false)]);
  demo.kill("SIGKILL");
  await wait(5000);
  const left = await processesOf(dir);
  const what = isEnded ? "had already ended" : "killed";
  print(`${what} after ${afterSeconds.toFixed(1)} s; processes left: ${left.join(", ") || "none"}`);
  return left.length;
}

function startDemo(dir: string): ChildProcess {
  const args = [join(projectDir, "src/cli/main.ts"), "demo", "--dir", dir];
  return spawn(process.execPath, args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, [mark]: dir },
  });
}

async function processesOf(dir: string): Promise<string[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const environments = await Promise.all(ids.map((id) => readFile(`/proc/${id}/environ`, "latin1").catch(() => "")));
  return ids.filter((_, i) => environments[i]!.includes(`${mark}=${dir}`));
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  return new Promise((resolve) => child.once("exit", resolve));
}

function judge(undisturbed: Models, resumed: Models, orphans: number): boolean {
  const differing = [...undisturbed].filter(([path, hash]) => resumed.get(path) !== hash).map(([path]) => path);
  const isSame = undisturbed.size > 0 && undisturbed.size === resumed.size && differing.length === 0;
  print(`models: ${[...undisturbed.keys()].join(", ")}`);
  print(isSame ? "bit for bit the same: reached" : `NOT THE SAME: ${differing.join(", ")}`);
  print(orphans === 0 ? "no process left: reached" : `PROCESSES LEFT: ${orphans}`);
  return isSame && orphans === 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
