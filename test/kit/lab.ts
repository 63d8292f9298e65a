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
  return outcomeOf([...command, ...words], env);
}

/** What Kubernetes puts into a pod for its service account. */
export interface ServiceAccount {
  readonly token: string;
  /** Certificate of the cluster's authority, PEM. */
  readonly ca: string;
  readonly namespace: string;
}

/** The command line as it runs in a pod: no kubeconfig, but the service account's files, in mounts of its own. */
export async function fulcrumInPod(words: readonly string[], account: ServiceAccount): Promise<CommandResult> {
  const { KUBECONFIG: _kubeconfig, ...ours } = process.env;
  const env = { ...ours, HOME: "/nonexistent", KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" };
  const dir = "/var/run/secrets/kubernetes.io/serviceaccount";
  const files = { token: account.token, "ca.crt": account.ca, namespace: account.namespace };
  const prepare = [
    "mount -t tmpfs tmpfs /var/run/",
    `mkdir -p ${dir}`,
    ...Object.keys(files).map((name, i) => `printf %s "$${i + 1}" > ${dir}/${name}`),
    `shift ${Object.keys(files).length}`,
    'exec "$@"',
  ];
  const shell = ["unshare", "--mount", "bash", "-c", prepare.join(" && "), "pod", ...Object.values(files)];
  return outcomeOf([...shell, ...command, ...words], env);
}

const command = [process.execPath, "--disable-warning=ExperimentalWarning", main];

async function outcomeOf(words: readonly string[], env: NodeJS.ProcessEnv): Promise<CommandResult> {
  const child = spawn(words[0]!, words.slice(1), { env, cwd: projectDir });
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
