/** Trains or searches in a process of its own and kills it -9 at a chosen point. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectDir } from "../../src/config/paths.ts";
import type { TrainOptions } from "../../src/train/index.ts";
import type { TuneOptions } from "../../src/tune/index.ts";

/** @returns the task that it was in when it was killed; null if it had ended before that */
export function killTraining(options: Omit<TrainOptions, "progress">, advances: number): Promise<string | null> {
  return killAt("train-until-killed.ts", options.outDir, options, advances);
}

/** Searches in a process of its own and kills it at a look at its clock. @returns null if it had ended before that */
export function killSearch(
  options: Omit<TuneOptions, "progress" | "signal" | "clock" | "cutAfter">,
  look: number,
): Promise<string | null> {
  return killAt("tune-until-killed.ts", options.dir, options, look);
}

async function killAt(script: string, dir: string, options: object, point: number): Promise<string | null> {
  await mkdir(dir, { recursive: true });
  const optionsPath = join(dir, "options.json");
  await writeFile(optionsPath, JSON.stringify(options));
  const victim = spawn(process.execPath, [join(projectDir, "test/kit", script), optionsPath, String(point)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(victim, "exit");
  const said = await Promise.race([once(victim.stdout, "data"), exited.then(() => null)]);
  victim.kill("SIGKILL");
  await exited;
  return said === null ? null : String(said[0]).trim();
}
