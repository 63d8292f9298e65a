/** The door to npm: installs exactly what a lock names, for whatever platform, checked by npm against the lock's hashes. */
import { access, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeJsonAtomic } from "../../base/files.ts";
import { sha256Value } from "../../base/hash.ts";
import { FulcrumError } from "../../errors/index.ts";
import type { ReducedProject } from "./closure.ts";
import { type Architecture, npmCpu } from "./platform.ts";
import { runProgram } from "./run-program.ts";

/** npm is a program in JavaScript that begins with `#!/usr/bin/env node`, so it needs the machine's own Node. */
const program = "npm";

export interface InstallOptions {
  readonly cacheDir: string;
  readonly architecture: Architecture;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The folder node_modules of the project, installed once for each lock and platform. No install scripts are run.
 * @throws IMAGE_NPM_FAILED
 */
export async function installLocked(project: ReducedProject, options: InstallOptions): Promise<string> {
  const { cacheDir, architecture, signal } = options;
  const dir = join(cacheDir, "npm", sha256Value({ ...project, architecture }).slice(0, 32));
  const installed = join(dir, "node_modules");
  if (await exists(installed)) return installed;
  const draft = `${dir}.${process.pid}.tmp`;
  await mkdir(dirname(dir), { recursive: true });
  try {
    await writeJsonAtomic(join(draft, "package.json"), project.manifest);
    await writeJsonAtomic(join(draft, "package-lock.json"), project.lock);
    const platform = ["--os=linux", `--cpu=${npmCpu[architecture]}`, "--libc=glibc"];
    const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    await runNpm(["ci", "--omit=dev", "--prefer-offline", ...platform, ...quiet], draft, signal);
    await rm(dir, { recursive: true, force: true });
    await rename(draft, dir);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return installed;
}

async function runNpm(args: readonly string[], cwd: string, signal: AbortSignal | undefined): Promise<void> {
  const { stdout, stderr, problem } = await runProgram(program, args, { cwd, signal });
  if (problem === undefined) return;
  const lastLines = `${stdout}\n${stderr}`.trim().split("\n").slice(-5).join("; ");
  throw new FulcrumError("IMAGE_NPM_FAILED", { problem: lastLines === "" ? problem : `${problem}: ${lastLines}` });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
