/** The lab for cluster tests: `fulcrum test --cluster` runs it and tells by FULCRUM_LAB where it is. */
import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Cluster, connectCluster } from "../../src/cluster/index.ts";
import { projectDir } from "../../src/config/paths.ts";

const script = process.env.FULCRUM_LAB;
const main = join(projectDir, "src", "cli", "main.ts");

/** For a test's `skip`: false where the lab is up, else the reason. */
export const labMissing: string | false = script === undefined ? "needs the lab: run `fulcrum test --cluster`" : false;

/** lab.sh with these words; resolves to what it prints. */
export async function lab(...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(script!, words, { maxBuffer: 2 ** 24 });
  return stdout.trim();
}

export async function labCluster(namespace = "default", kubeconfig?: string): Promise<Cluster> {
  return connectCluster({ kubeconfig: kubeconfig ?? (await lab("kubeconfig")), namespace });
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line as a user types it, in the lab's client network. */
export async function fulcrum(words: readonly string[], kubeconfig?: string): Promise<CommandResult> {
  const env = { ...process.env, KUBECONFIG: kubeconfig ?? (await lab("kubeconfig")) };
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...words], {
    env,
    cwd: projectDir,
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  const code = await new Promise<number>((resolve) => child.on("close", (exit) => resolve(exit ?? -1)));
  return { code, stdout, stderr };
}

/** Asks again and again until the answer is true; fails after `seconds`. */
export async function until(what: string, seconds: number, condition: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + seconds * 1000;
  while (!(await condition().catch(() => false))) {
    if (performance.now() > endMs) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
