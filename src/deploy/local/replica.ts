/** One replica's process: started, heard of, asked for readiness, ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { problemOf } from "../../base/files.ts";

export interface ReplicaCommand {
  readonly file: string;
  readonly args: readonly string[];
}

export interface ReplicaProcess {
  readonly pid: number;
  /** Port, once the process says `{"event":"listening","port":N}` on standard output. */
  readonly port: Promise<number>;
  /** Comes when the process has ended, with how in words. */
  readonly exited: Promise<string>;
  /** SIGTERM, and SIGKILL after the grace period. Resolves when it has ended. */
  stop(graceMs: number): Promise<void>;
}

/** The child's standard input is a pipe that closes when this process ends: the child ends then, too. */
export function startReplica({ file, args }: ReplicaCommand): ReplicaProcess {
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "ignore"] });
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(problemOf(error)));
    child.once("exit", (code, signal) => resolve(signal ? `ended by ${signal}` : `exit code ${code}`));
  });
  child.stdin.on("error", () => {});
  return { pid: child.pid ?? 0, port: announcedPort(child), exited, stop: (graceMs) => stop(child, exited, graceMs) };
}

async function announcedPort(child: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const port = portOf(line);
    if (port !== undefined) {
      child.stdout!.resume();
      return port;
    }
  }
  return new Promise(() => {});
}

function portOf(line: string): number | undefined {
  try {
    const { event, port } = JSON.parse(line) as { event?: unknown; port?: unknown };
    return event === "listening" && typeof port === "number" ? port : undefined;
  } catch {
    return undefined;
  }
}

async function stop(child: ChildProcess, exited: Promise<string>, graceMs: number): Promise<void> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await exited;
  clearTimeout(timer);
}

/** True if GET /readyz answers 200 within a second. */
export function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request({ host: "127.0.0.1", port, path: "/readyz", agent: false, timeout: 1000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    probe.once("timeout", () => probe.destroy());
    probe.once("error", () => resolve(false));
    probe.end();
  });
}
