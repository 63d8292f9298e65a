/** Starts bench/service.ts in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface BenchService {
  readonly url: string;
  stop(): void;
}

export async function startService(serviceMs: number): Promise<BenchService> {
  const path = fileURLToPath(new URL("./service.ts", import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [path, String(serviceMs)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = (await once(child.stdout!, "data")) as [Buffer];
  return { url: `http://127.0.0.1:${port.toString().trim()}/`, stop: () => void child.kill() };
}
