/** The services that are compared, each as its users start it: fulcrum and what is in ../shared/peers. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { projectDir } from "../../src/config/paths.ts";
import { freePort } from "../../test/kit/free-port.ts";
import { sharedFile } from "../../test/kit/shared.ts";
import { request } from "./client.ts";
import type { ModelName } from "./models.ts";

export const testPhoto = sharedFile("peers/common/test.jpg");

/** fulcrum's name in tables; the others are folders of ../shared/peers with their settings. */
export const serverNames = [
  "fulcrum",
  "fulcrum int8",
  "fastapi-ort 1x2",
  "fastapi-ort 2x1",
  "bento-ort",
  "gunicorn-keras",
  "flask-keras",
] as const;
export type ServerName = (typeof serverNames)[number];

export interface Server {
  readonly name: ServerName;
  readonly url: string;
  readonly pid: number;
  /** From the start of the process to the first answer of /test with 200. */
  readonly startMs: number;
  /** Processor time of all its processes until then. */
  readonly startCpuSeconds: number;
  stop(): Promise<void>;
}

/** @param modelsDir where bench/serve/models.ts wrote fulcrum's models */
export async function startServer(name: ServerName, model: ModelName, modelsDir: string): Promise<Server> {
  const port = await freePort();
  const { command, env } = commandOf(name, model, modelsDir, port);
  const startedMs = performance.now();
  const child = spawn(command[0]!, command.slice(1), {
    env: { ...process.env, ...env },
    stdio: "ignore",
    detached: true,
  });
  const url = `http://127.0.0.1:${port}`;
  while ((await request(`${url}/test`).catch(() => 0)) !== 200) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}: ${command.join(" ")}`);
    await delay(2);
  }
  const startMs = performance.now() - startedMs;
  const pid = child.pid!;
  return { name, url, pid, startMs, startCpuSeconds: cpuSeconds(pid), stop: () => stop(child) };
}

function commandOf(name: ServerName, model: ModelName, modelsDir: string, port: number) {
  if (name === "fulcrum" || name === "fulcrum int8") {
    const file = join(modelsDir, `${model}${name === "fulcrum" ? "" : "-int8"}.onnx`);
    const flags = ["--port", String(port), "--test-photo", testPhoto];
    return { command: [join(projectDir, "fulcrum"), "serve", file, ...flags], env: {} };
  }
  const [folder = "", shape = ""] = name.split(" ");
  const command = [sharedFile(`peers/${folder}/run.sh`), String(port), model];
  return { command, env: shape === "" ? {} : { WORKERS: shape === "2x1" ? "2" : "1" } };
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = child.exitCode === null ? once(child, "exit") : Promise.resolve();
  process.kill(-child.pid!, "SIGTERM");
  await Promise.race([gone, delay(3000)]);
  try {
    process.kill(-child.pid!, "SIGKILL");
  } catch {
    // All of its processes have ended already.
  }
}

function tree(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
    return [pid, ...children.flatMap((child) => tree(Number(child)))];
  } catch {
    return []; // Ended meanwhile.
  }
}

const ticksASecond = 100;

/** User and system time of a process and its descendants, those that have ended included. */
export function cpuSeconds(pid: number): number {
  const ticks = tree(pid).map((one) => {
    const fields = readFileSync(`/proc/${one}/stat`, "utf8").split(") ")[1]!.split(" ");
    return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  });
  return ticks.reduce((sum, one) => sum + one, 0) / ticksASecond;
}

/** Proportional set size of a process and its descendants, megabytes of 10^6. */
export function pssMegabytes(pid: number): number {
  const kilobytes = tree(pid).map((one) =>
    Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, "utf8"))?.[1] ?? 0),
  );
  return (kilobytes.reduce((sum, one) => sum + one, 0) * 1024) / 1e6;
}
