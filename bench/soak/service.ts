/** The service under test: `fulcrum serve` as a process of its own, with its administrator's token. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { serviceNodeFlags } from "../../src/config/environment.ts";
import { projectDir } from "../../src/config/paths.ts";
import { processTree, pssBytes } from "../process-tree.ts";

export interface SoakService {
  readonly url: string;
  readonly port: number;
  readonly token: string;
  /** Process ids of the inference workers. */
  workers(): number[];
  /** PSS of the server and of its workers together, bytes. */
  memory(): { readonly server: number; readonly workers: number };
  /** SIGHUP: reads the model file again. */
  hangup(): void;
  /** Drains it; resolves with the exit code. */
  stop(): Promise<number | null>;
  readonly exit: Promise<number | null>;
}

const token = "soak-token-of-no-value";

export async function startService(
  dir: string,
  modelPath: string,
  flags: readonly string[] = [],
): Promise<SoakService> {
  const tokenPath = join(dir, "token");
  await writeFile(tokenPath, token);
  const main = join(projectDir, "src/cli/main.ts");
  const args = [
    "serve",
    modelPath,
    "--port",
    "0",
    "--announce",
    "--log",
    "fatal",
    "--admin-token",
    tokenPath,
    ...flags,
  ];
  const child: ChildProcess = spawn(process.execPath, [...serviceNodeFlags, main, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exit = once(child, "exit").then(([code]) => code as number | null);
  const [line] = (await once(createInterface(child.stdout!), "line")) as [string];
  const { port } = JSON.parse(line) as { port: number };
  const url = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${url}/readyz`)).ok) await delay(20);
  return {
    url,
    port,
    token,
    workers: () => processTree(child.pid!).slice(1),
    memory() {
      const [server, ...workers] = processTree(child.pid!).map(pssBytes);
      return { server: server ?? 0, workers: workers.reduce((sum, bytes) => sum + bytes, 0) };
    },
    hangup: () => void child.kill("SIGHUP"),
    stop() {
      child.kill("SIGTERM");
      return exit;
    },
    exit,
  };
}
