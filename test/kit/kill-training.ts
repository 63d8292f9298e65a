/** Trains in a process of its own and kills it -9 at a chosen point. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectDir } from "../../src/config/paths.ts";
import type { TrainOptions } from "../../src/train/index.ts";

/** @returns the task that it was in when it was killed; null if it had ended before that */
export async function killTraining(options: Omit<TrainOptions, "progress">, advances: number): Promise<string | null> {
  await mkdir(options.outDir, { recursive: true });
  const optionsPath = join(options.outDir, "options.json");
  await writeFile(optionsPath, JSON.stringify(options));
  const script = join(projectDir, "test/kit/train-until-killed.ts");
  const victim = spawn(process.execPath, [script, optionsPath, String(advances)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(victim, "exit");
  const said = await Promise.race([once(victim.stdout, "data"), exited.then(() => null)]);
  victim.kill("SIGKILL");
  await exited;
  return said === null ? null : String(said[0]).trim();
}
